"""What browsers are told by every page: files that may be kept for good, and where from they may
load anything."""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, send_from_directory

YEAR_S = 31_536_000


@cache
def version_of(folder: Path) -> str:
    """Changes with any of the files, so that a browser may keep each for good."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + b"\n" + path.read_bytes())
    return found.hexdigest()[:12]


def kept_file(folder: Path, tag: str, name: str) -> Response:
    """A file of the folder. Under the present version it may be kept for good."""
    response = send_from_directory(folder, name)
    kept = f"public, max-age={YEAR_S}, immutable" if tag == version_of(folder) else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


def policy(tile_url: str, *, pictures: str = "'self' data:", framed_by: str = "'none'") -> str:
    """Nothing but this server, and pictures of the map's tiles where there are some."""
    parts = urlsplit(tile_url)
    if parts.netloc:
        pictures = f"{pictures} {parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    rules = {
        "default-src": "'self'",
        "img-src": pictures,
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": framed_by,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
