"""Serves the packages; templates name a file as `{{ vendored }}/leaflet/leaflet.js`."""

from pathlib import Path

from flask import Blueprint, Response

from app.auth import Access, access
from app.browser import kept_file, version_of

pages = Blueprint("vendor", __name__)
PACKAGES = Path(__file__).parent / "packages"


@pages.app_context_processor
def named() -> dict[str, str]:
    return {"vendored": f"/vendor/{version_of(PACKAGES)}"}


@pages.get("/vendor/<tag>/<path:name>")
@access(Access.ALL)
def file(tag: str, name: str) -> Response:
    return kept_file(PACKAGES, tag, name)
