"""Jobs on what WeChat pushed."""

from typing import Any

from app.kit import Kit
from app.services import push
from models.db import transaction


def work(kit: Kit, args: dict[str, Any]) -> None:
    """Does what an event says."""
    with transaction(kit.engine) as db:
        push.work(db, int(args["push_id"]))
