"""A photo on its way in: looked at and stored before any transaction, recorded within one."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from app.kit import Kit
from app.services import photo
from app.services.photo import Shutter
from models.account import Actor
from models.db import transaction
from models.errors import DomainError, InvalidInput
from models.photo_facts import ImageFacts


@dataclass
class Upload:
    """A decoded photo whose original is stored under `photo_id`. Unless `named` is set to the id
    that a row tells of, the original is removed again."""

    photo_id: str
    data: bytes
    facts: ImageFacts
    copied: list[str]
    named: str | None = None

    def record(self, db: Connection, actor: Actor, shutter: Shutter) -> dict[str, Any]:
        """Records it as the actor's; returns its row."""
        row = photo.record(db, actor, self.photo_id, self.data, self.facts, self.copied, shutter)
        self.named = self.photo_id
        return row


def files_sent(files: Any, most: int, pointer: str) -> list[bytes]:
    """The files of a form (a request's MultiDict), by whatever name; a browser sends an empty one
    where none was chosen.

    Raises:
        InvalidInput: more than `most`.
    """
    found = []
    for file in itertools.chain.from_iterable(files.listvalues()):
        with file.stream:
            found.append(file.read())
    sent = [data for data in found if data]
    if len(sent) > most:
        raise InvalidInput.at(pointer, f"最多 {most} 个文件")
    return sent


@contextmanager
def taken_in(here: Kit, data: bytes) -> Iterator[Upload]:
    """Decodes, compares and stores; no connection waits for pixels.

    Raises:
        InvalidInput, ImageNotAccepted, StorageUnavailable.
    """
    if len(data) > here.settings.max_photo_bytes:
        raise InvalidInput.at("/file", f"照片最大 {here.settings.max_photo_bytes // 1_000_000} MB")
    facts = here.decoder.inspect(data)
    with transaction(here.engine) as db:
        alike = photo.candidates(db, facts.sketch)
    copied = photo.copied_from(facts.sketch, alike)
    upload = Upload(photo.keep(here.store, data), data, facts, copied)
    try:
        yield upload
    except (DomainError, ValidationError):  # refused: its row was undone
        upload.named = None
        raise
    finally:
        if upload.named != upload.photo_id:  # a replay, or nobody may: no row will ever name it
            photo.forget(here.store, upload.photo_id)
