"""Every table, imported once so that the metadata is whole."""

from models import (
    account,
    area,
    audit,
    case,
    catalogue,
    content,
    duty,
    ledger,
    message,
    notice,
    outbox,
    photo,
    place_code,
    push,
    report,
    timer,
)

__all__ = [
    "account",
    "area",
    "audit",
    "case",
    "catalogue",
    "content",
    "duty",
    "ledger",
    "message",
    "notice",
    "outbox",
    "photo",
    "place_code",
    "push",
    "report",
    "timer",
]
