"""Jobs on subscribe messages."""

from datetime import UTC, datetime
from typing import Any

from app.kit import Kit
from app.services import message
from models.db import transaction


def send(kit: Kit, args: dict[str, Any]) -> None:
    """Sends a message once; waits for quiet hours to end and for a platform that is away. Where
    WeChat is not set up there is only the inbox."""
    if kit.wechat is None:
        return
    atlas, message_id = kit.atlas(), int(args["message_id"])
    with transaction(kit.engine) as db:
        sending = message.take_up(db, atlas, message_id, datetime.now(UTC))
    if sending is None:
        return
    error = message.deliver(kit.wechat, sending)
    now = datetime.now(UTC)
    with transaction(kit.engine) as db:
        message.settle(db, sending, error)
    wait = message.again(error, now)
    if wait is not None:
        raise wait
