"""Jobs on pictures that other systems name by their address."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clients.web import PictureAway, PictureRefused
from app.kit import Kit
from app.services import partner
from app.services.outbox import PutOff
from app.services.photo import Shutter
from app.uploads import taken_in
from models.account import Actor
from models.db import transaction
from models.errors import DomainError, StorageUnavailable

log = logging.getLogger(__name__)
PATIENCE = timedelta(days=1)
"""How long a server may be away before its picture is given up."""


def fetch(kit: Kit, args: dict[str, Any]) -> None:
    """Fetches the pictures of a report, each once; waits for servers that are away."""
    with transaction(kit.engine) as db:
        links = partner.unfetched(db, int(args["report_id"]))
    away = None
    for link in links:
        try:
            _fetch(kit, link)
        except PictureAway as error:
            if datetime.now(UTC) - link.created_at < PATIENCE:
                away = PutOff(str(error))
            else:
                _give_up(kit, link, "对方服务器一天没有响应")
        except PictureRefused as error:
            _give_up(kit, link, str(error))
        except StorageUnavailable:
            raise PutOff("the photo store takes nothing") from None
        except DomainError as error:
            _give_up(kit, link, error.detail)
    if away is not None:
        raise away


def _fetch(kit: Kit, link: Any) -> None:
    data = kit.web.picture(link.url, kit.settings.max_photo_bytes)
    atlas, actor = kit.atlas(), Actor(link.recorded_by, "")
    with taken_in(kit, data) as upload, transaction(kit.engine) as db:
        upload.record(db, actor, Shutter())
        partner.attach(db, atlas, actor, link.id, upload.photo_id)


def _give_up(kit: Kit, link: Any, error: str) -> None:
    log.info("picture %s of report %s is given up: %s", link.id, link.report_id, error)
    with transaction(kit.engine) as db:
        partner.give_up(db, link.id, error)
