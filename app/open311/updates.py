"""Updates of requests, as mySociety added them to GeoReport v2: read, and sent by whoever reported.

With a key what became of the key's own reports is read, as their reporter may; without one the
changes of public cases.
"""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from app.auth import Access, access, kit
from app.open311 import render
from app.open311.create import MOST_FILES, media_urls
from app.open311.endpoint import FORMS, caller, given_key, home, pages, written
from app.open311.query import local, update_filter_of
from app.services import api_key, partner, partner_updates
from app.services.api_key import Right
from app.services.photo import Shutter
from app.uploads import files_sent, taken_in
from models.db import transaction
from models.errors import InvalidInput
from models.submission import PartnerSupplement


@pages.get(f"/servicerequestupdates.{FORMS}")
@access(Access.ALL)
def updates(form: str) -> Response:
    here, url = kit(), home()
    account_id = caller(Right.READ).account_id if given_key() else None
    wanted = update_filter_of(request.args, datetime.now(UTC))
    with transaction(here.autocommit) as db:
        found = partner_updates.updates(db, here.atlas(), account_id, wanted)
    return render.answer(form, "service_request_updates", [_update(one, url) for one in found])


def _update(one: dict[str, Any], url: str) -> dict[str, Any]:
    media = [f"{url}/public/photos/{photo}.jpg" for photo in one["photos"]]
    return {
        "update_id": one["update_id"],
        "service_request_id": one["number"],
        "status": one["status"],
        "updated_datetime": local(one["at"]),
        "description": one["words"],
        "media_url": media[0] if media else None,
        "external_status_code": one["code"],
    }


@pages.post(f"/servicerequestupdates.{FORMS}")
@access(Access.KEY)
def send_update(form: str) -> Response:
    """Words, pictures and "not solved" of the system that reported; sent twice it counts once."""
    here, key = kit(), caller(Right.WRITE)
    atlas, actor = here.atlas(), api_key.actor(key)
    number, update_id = _required("service_request_id"), _required("update_id")
    urls = media_urls(request.form)
    sent = files_sent(request.files, MOST_FILES - len(urls), "/media")
    with ExitStack() as stack:
        uploads = [stack.enter_context(taken_in(here, data)) for data in sent]
        said = partner.Update(
            update_id=update_id,
            status=request.form.get("status", "").strip().lower(),
            fields=PartnerSupplement(
                text=request.form.get("description", "").strip() or None,
                photo_ids=[one.photo_id for one in uploads],
            ),
        )

        def write(db: Connection) -> tuple[str, bool]:
            report = partner.sent(db, actor, number)
            for upload in uploads:
                upload.record(db, actor, Shutter())
            told, known = partner.take(db, atlas, actor, report, said)
            if not known:
                partner.link(db, report.id, urls)
            return told, known

        told = written(uploads, write)
    return render.answer(form, "service_request_updates", [{"update_id": told}], 201)


def _required(name: str) -> str:
    value = request.form.get(name, "").strip()
    if not value or len(value) > 200:
        raise InvalidInput.at(f"/{name}", f"请给出 {name}，最多 200 个字符")
    return value
