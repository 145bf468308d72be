"""The staff's web pages."""

from flask import Flask

from app.console import (
    case,
    case_map,
    cases,
    desk,
    ledger,
    reassign,
    report,
    reporters,
    session,
    tickets,
    views,
)
from app.console.pages import pages

__all__ = [
    "case",
    "case_map",
    "cases",
    "desk",
    "ledger",
    "reassign",
    "register",
    "report",
    "reporters",
    "session",
    "tickets",
    "views",
]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
