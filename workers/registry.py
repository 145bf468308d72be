"""Every job: its name in the outbox, and the function that does it.

A job takes ids only, may run twice at any time, and opens its own transactions.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.kit import Kit
from workers import area, content, forwarding, media, message, notice, photo, push, report

Job = Callable[[Kit, dict[str, Any]], None]
JOBS: dict[str, Job] = {
    "area.unplace": area.unplace,
    "content.check": content.check,
    "forwarding.fetch": forwarding.fetch,
    "forwarding.send": forwarding.send,
    "media.fetch": media.fetch,
    "message.send": message.send,
    "notice.spread": notice.spread,
    "photo.render": photo.render,
    "photo.erase": photo.erase,
    "push.work": push.work,
    "report.index": report.index,
}
TIMEOUT = timedelta(seconds=60)
"""A job that takes longer is taken for dead and run again."""
