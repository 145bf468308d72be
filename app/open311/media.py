"""Photos that a person released, at the addresses that Open311 and the public pages name."""

from flask import Blueprint, Response

from app.auth import Access, access, kit
from app.clients.photo_store import rendition_key
from app.services import public
from app.services.photo import canonical_id
from models.db import transaction

pages = Blueprint("media", __name__)


@pages.get("/public/photos/<photo_id>.jpg")
@access(Access.ALL)
def photo(photo_id: str) -> Response:
    """A photo that a person released, without metadata."""
    here = kit()
    with transaction(here.autocommit) as db:
        found = public.released_photo(db, canonical_id(photo_id))
    response = Response(here.store.get(rendition_key(found, "large")), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
