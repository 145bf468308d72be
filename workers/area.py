"""Jobs on areas."""

from typing import Any

from app.kit import Kit
from app.services import sweep
from models.db import transaction


def unplace(kit: Kit, args: dict[str, Any]) -> None:
    """Sends the open cases of vanished grids to the desk, one transaction each."""
    atlas = kit.atlas.at_least(int(args["version"]))
    with transaction(kit.engine) as db:
        cases = sweep.vanished(db, atlas)
    for case_id in cases:
        with transaction(kit.engine) as db:
            sweep.unplace(db, atlas, case_id)
