"""Answers for everybody: for caches, and for pages of other sites."""

import hashlib
from datetime import datetime

from flask import Response, request

FRESH_S = 30


def opened(response: Response, fresh_s: int = FRESH_S) -> Response:
    """The answer with what lets caches keep it for so many seconds, and other sites read it."""
    response.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def published(
    body: bytes, media_type: str, *, fresh_s: int = FRESH_S, changed: datetime | None = None
) -> Response:
    """An answer with ETag; a 304 for who has just these bytes. `changed` is told as Last-Modified,
    and not gone by: what is taken back, such as a withdrawn case, leaves no later moment."""
    response = Response(body, content_type=media_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    if changed is not None:
        response.last_modified = changed
    return opened(response, fresh_s)
