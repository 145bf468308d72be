"""Jobs on notices."""

from typing import Any

from app.kit import Kit
from app.services import notice
from models.db import transaction


def spread(kit: Kit, args: dict[str, Any]) -> None:
    """Writes the notices of a case's new ledger entries."""
    atlas = kit.atlas()
    with transaction(kit.engine) as db:
        notice.spread(db, atlas, int(args["case_id"]), [int(seq) for seq in args["seqs"]])
