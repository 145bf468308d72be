"""Jobs on photos."""

from typing import Any

from app.clients.photo_store import original_key, rendition_key
from app.kit import Kit
from app.services import photo
from models.db import transaction


def render(kit: Kit, args: dict[str, Any]) -> None:
    """Makes the upright renditions without metadata, then marks the photo as rendered."""
    photo_id = str(args["photo_id"])
    with transaction(kit.engine) as db:
        if photo.is_rendered(db, photo_id):  # and its original perhaps erased since
            return
    made = kit.decoder.render(kit.store.get(original_key(photo_id)))
    kit.store.put(rendition_key(photo_id, "large"), made.large, "image/jpeg")
    kit.store.put(rendition_key(photo_id, "thumb"), made.thumb, "image/jpeg")
    with transaction(kit.engine) as db:
        photo.mark_rendered(db, photo_id)


def erase(kit: Kit, args: dict[str, Any]) -> None:
    """Deletes an original, whose metadata are personal data; renditions stay."""
    photo_id = str(args["photo_id"])
    with transaction(kit.engine) as db:
        photo.mark_original_erased(db, photo_id)
    kit.store.delete(original_key(photo_id))
