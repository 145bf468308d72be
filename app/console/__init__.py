"""The staff's web pages."""

from flask import Flask

from app.console import (
    case,
    cases,
    desk,
    ledger,
    reassign,
    report,
    reporters,
    session,
    views,
)
from app.console.pages import pages

__all__ = [
    "case",
    "cases",
    "desk",
    "ledger",
    "reassign",
    "register",
    "report",
    "reporters",
    "session",
    "views",
]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
