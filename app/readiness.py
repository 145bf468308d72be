"""Whether the parts that this installation needs are there."""

from sqlalchemy.exc import SQLAlchemyError

from app.kit import Kit
from app.services import installation
from models.db import transaction
from models.errors import StorageUnavailable

NEEDED = ("database", "migrations", "photo_store")
"""Without these no report can be taken."""


def parts(here: Kit) -> dict[str, str]:
    """Database, migrations, photo store and broker: `ok`, or what is wrong."""
    found = {"database": "ok", "migrations": "ok", "photo_store": "ok", "broker": "ok"}
    try:
        with transaction(here.engine) as db:
            if not installation.is_migrated(db):
                found["migrations"] = "behind"
    except SQLAlchemyError:
        found |= {"database": "down", "migrations": "unknown"}
    try:
        here.store.check()
    except StorageUnavailable:
        found["photo_store"] = "down"
    if not here.broker.ping():
        found["broker"] = "down"
    return found
