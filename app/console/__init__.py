"""The staff's web pages."""

from flask import Flask

from app.console import (
    act,
    admin,
    appeals,
    audit,
    call_backs,
    case,
    case_map,
    cases,
    desk,
    district,
    ledger,
    limits,
    me,
    moderation,
    orders,
    reassign,
    refusals,
    report,
    reporters,
    session,
    spot_checks,
    supervision,
    tickets,
    views,
    wall,
)
from app.console.pages import pages

__all__ = [
    "act",
    "admin",
    "appeals",
    "audit",
    "call_backs",
    "case",
    "case_map",
    "cases",
    "desk",
    "district",
    "ledger",
    "limits",
    "me",
    "moderation",
    "orders",
    "reassign",
    "refusals",
    "register",
    "report",
    "reporters",
    "session",
    "spot_checks",
    "supervision",
    "tickets",
    "views",
    "wall",
]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
