"""Jobs on reports."""

from typing import Any

from app.kit import Kit
from app.services import search
from models.db import transaction


def index(kit: Kit, args: dict[str, Any]) -> None:
    """Makes a report's words findable."""
    with transaction(kit.engine) as db:
        search.index(db, int(args["report_id"]))
