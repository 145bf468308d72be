"""Jobs on cases at units' own systems."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from app.clients.open311 import PeerAway, PeerLacks, PeerRefused, PeerUpdate
from app.clients.photo_store import rendition_key
from app.clients.web import PictureAway, PictureRefused
from app.kit import Kit
from app.services import forwarded_updates, forwarding
from app.services.forwarded_updates import DONE, Fetching
from app.services.outbox import PutOff
from app.services.photo import Shutter
from app.uploads import taken_in
from models.db import transaction
from models.errors import DomainError, EvidenceRefused

log = logging.getLogger(__name__)
RENDERING = timedelta(seconds=2)
ASKING = timedelta(seconds=30)
MOST_NUMBERS = 100
PATIENCE = timedelta(days=1)
"""How long a picture of a result is waited for."""


def send(kit: Kit, args: dict[str, Any]) -> None:
    """Sends a round of a case once; waits for a system that is away, and asks what became of an
    attempt whose answer was lost before it tries again. A refusal fails the job, visibly."""
    atlas, now = kit.atlas(), datetime.now(UTC)
    case_id, round_ = int(args["case_id"]), int(args["round"])
    with transaction(kit.engine) as db:
        sending = forwarding.take_up(db, atlas, kit.safe, case_id, round_, now)
    if sending is None:
        return
    if not sending.rendered:
        raise PutOff("a photo is not rendered yet", now + RENDERING)
    photos = [(f"{one}.jpg", kit.store.get(rendition_key(one, "large"))) for one in sending.photos]
    try:
        number, token = forwarding.deliver(sending, photos)
    except PeerAway as away:
        raise PutOff(str(away)) from None
    with transaction(kit.engine) as db:
        forwarding.arrived(db, sending, number, token)
    if number is None:
        if token is None:
            raise PeerRefused("对方没有给出编号")
        raise PutOff("the other system has not given a number yet", now + ASKING)


def fetch(kit: Kit, args: dict[str, Any]) -> None:
    """Brings the updates of an endpoint back, each once. What fails is asked for again with the
    next job, which comes by itself."""
    now, endpoint_id = datetime.now(UTC), int(args["endpoint_id"])
    with transaction(kit.engine) as db:
        fetching = forwarded_updates.to_fetch(db, kit.safe, endpoint_id, now)
    if fetching is None:
        return
    error = None
    try:
        updates = _ask(fetching, now)
    except (PeerAway, PeerRefused, PeerLacks) as failure:
        error, updates = str(failure), []
    with transaction(kit.engine) as db:
        fresh = forwarded_updates.news(db, fetching, updates)
    for one in fresh:
        try:
            _take(kit, fetching, one)
        except (DomainError, PictureAway) as failure:
            log.warning("update %s of endpoint %s waits: %s", one.update_id, endpoint_id, failure)
            error = error or f"{one.number}：{failure}"
    with transaction(kit.engine) as db:
        forwarded_updates.fetched(db, endpoint_id, None if error else now, error)


def _ask(fetching: Fetching, now: datetime) -> list[PeerUpdate]:
    try:
        return fetching.peer.updates(fetching.since, now)
    except PeerLacks:
        found = []
        for first in range(0, len(fetching.numbers), MOST_NUMBERS):
            found += fetching.peer.states(fetching.numbers[first : first + MOST_NUMBERS])
        return found


def _take(kit: Kit, fetching: Fetching, said: PeerUpdate) -> None:
    atlas = kit.atlas()
    refused = None
    with ExitStack() as stack:
        pictures = _pictures(kit, fetching, said) if said.status in DONE else []
        uploads = [stack.enter_context(taken_in(kit, data)) for data in pictures]
        try:
            with transaction(kit.engine) as db:
                for upload in uploads:
                    upload.record(db, fetching.actor, Shutter())
                ids = [upload.photo_id for upload in uploads]
                forwarded_updates.take(db, atlas, fetching, said, ids)
        except EvidenceRefused as reason:
            refused = reason
            for upload in uploads:
                upload.named = None
    if refused is not None:
        with transaction(kit.engine) as db:
            forwarded_updates.take(db, atlas, fetching, said, (), refused)


def _pictures(kit: Kit, fetching: Fetching, said: PeerUpdate) -> Sequence[bytes]:
    """The pictures of a result; without those that cannot be had."""
    found = []
    for url in said.media[: forwarding.MOST_PHOTOS]:
        # The unit's own system was named by the operator; it may stand in our own network.
        web = kit.web_here if _origin(url) == _origin(fetching.endpoint.url) else kit.web
        try:
            found.append(web.picture(url, kit.settings.max_photo_bytes))
        except PictureRefused as reason:
            log.info("a picture of update %s is left out: %s", said.update_id, reason)
        except PictureAway:
            if datetime.now(UTC) - said.at < PATIENCE:
                raise
    return found


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
