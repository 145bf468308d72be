"""The staff's web pages."""

from flask import Flask

from app.console import case, cases, session
from app.console.pages import pages

__all__ = ["case", "cases", "register", "session"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
