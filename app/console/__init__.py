"""The staff's web pages."""

from flask import Flask

from app.console import case, cases, desk, ledger, report, reporters, session
from app.console.pages import pages

__all__ = ["case", "cases", "desk", "ledger", "register", "report", "reporters", "session"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
