"""GeoReport v2 and its updates, at a production and a test address."""

from flask import Flask

from app.open311 import media, requests, services, updates
from app.open311.endpoint import PRODUCTION, TEST, TEST_NAME, pages

__all__ = ["media", "register", "requests", "services", "updates"]


def register(app: Flask) -> None:
    app.register_blueprint(pages, url_prefix=PRODUCTION)
    app.register_blueprint(pages, url_prefix=TEST, name=TEST_NAME)
    app.register_blueprint(media.pages)
