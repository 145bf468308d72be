"""Jobs on content that may be published."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clients.wechat_errors import WeChatBusy, WeChatMisconfigured
from app.kit import Kit
from app.services import content
from app.services.outbox import PutOff
from models.db import transaction

log = logging.getLogger(__name__)
RENDERING = timedelta(seconds=2)


def check(kit: Kit, args: dict[str, Any]) -> None:
    """Asks WeChat about the words and photos of ledger entries, each once; waits for a platform
    that is away. Where WeChat is not set up, the clock hands everything to people."""
    if kit.wechat is None:
        return
    with transaction(kit.engine) as db:
        items = content.unasked(db, int(args["case_id"]), [int(seq) for seq in args["seqs"]])
    for item in items:
        if item.photo_id is not None and not kit.settings.public_url:
            log.warning("PUBLIC_URL is not set: WeChat cannot fetch photos, people must look")
            return
        if item.photo_id is not None and item.rendered_at is None:
            raise PutOff("the photo is not rendered yet", datetime.now(UTC) + RENDERING)
        try:
            found = content.ask(kit.wechat, kit.safe, kit.settings.public_url, item)
        except (WeChatBusy, WeChatMisconfigured) as away:
            raise PutOff(str(away)) from None
        with transaction(kit.engine) as db:
            content.note(db, item.id, found)
