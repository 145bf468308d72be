"""Every table, imported once so that the metadata is whole."""

from models import (
    account,
    area,
    audit,
    case,
    catalogue,
    duty,
    ledger,
    notice,
    outbox,
    photo,
    report,
    timer,
)

__all__ = [
    "account",
    "area",
    "audit",
    "case",
    "catalogue",
    "duty",
    "ledger",
    "notice",
    "outbox",
    "photo",
    "report",
    "timer",
]
