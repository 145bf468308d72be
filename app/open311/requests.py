"""GeoReport v2: requests read and made. What is read is what is public."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from app.auth import Access, access, kit
from app.open311 import render
from app.open311.create import MOST_FILES, media_urls, submission_of
from app.open311.endpoint import FORMS, caller, home, pages, written
from app.open311.query import MOST, filter_of, local, values_of
from app.services import api_key, area, partner, public, report
from app.services.api_key import Right
from app.services.photo import Shutter
from app.uploads import files_sent, taken_in
from models.db import transaction
from models.errors import InvalidInput, NotFound
from models.routing import Atlas


@pages.get(f"/requests.{FORMS}")
@access(Access.ALL)
def requests(form: str) -> Response:
    given = request.args
    numbers = values_of(given, "service_request_id")
    if len(numbers) > MOST:
        raise InvalidInput.at("/service_request_id", f"最多 {MOST} 个 service_request_id")
    atlas = kit().atlas()
    wanted = None if numbers else filter_of(given, datetime.now(UTC))
    for code in wanted.categories or () if wanted else ():
        if code not in atlas.categories:
            raise NotFound(f"没有这个 service_code：{code}")

    def found(db: Any) -> Any:
        return public.cases(db, wanted) if wanted else public.named(db, numbers, MOST)

    return _requests(form, atlas, found)


@pages.get(f"/requests/<number>.{FORMS}")
@access(Access.ALL)
def one_request(number: str, form: str) -> Response:
    def found(db: Any) -> Any:
        rows = public.named(db, [number], 1)
        if not rows:
            raise NotFound("没有这个 service_request_id")
        return rows

    return _requests(form, kit().atlas(), found)


@pages.get(f"/tokens/<token>.{FORMS}")
@access(Access.ALL)
def token(token: str, form: str) -> Response:
    """Numbers are given at once here, and are their own tokens."""
    with transaction(kit().autocommit) as db:
        if not public.named(db, [token], 1):
            raise NotFound("没有这个 token")
    content = [{"service_request_id": token, "token": token}]
    return render.answer(form, "service_requests", content)


@pages.post(f"/requests.{FORMS}")
@access(Access.KEY)
def create(form: str) -> Response:
    """A report of another system, by its key; a number of its own makes a replay harmless."""
    here, key = kit(), caller(Right.WRITE)
    atlas = here.atlas()
    given = submission_of(atlas, here.geocoder, request.form, key.id)
    placement = area.locate(atlas, given.location).placement
    api_key.require_scope(key, str(given.category), placement)
    urls = media_urls(request.form)
    sent = files_sent(request.files, MOST_FILES - len(urls), "/media")
    actor, phone = api_key.actor(key), here.safe.phone(given.contact_phone)
    with ExitStack() as stack:
        uploads = [stack.enter_context(taken_in(here, data)) for data in sent]

        def write(db: Connection) -> tuple[str, bool]:
            for upload in uploads:
                upload.record(db, actor, Shutter())
            whole = given.model_copy(update={"photo_ids": [one.photo_id for one in uploads]})
            made = report.submit(db, atlas, actor, whole, phone, partner=True)
            if made.get("known"):
                return made["case_number"], True
            partner.link(db, int(made["id"]), urls)
            return made["case_number"], False

        number = written(uploads, write)
    content = {"service_request_id": number, "service_notice": None, "account_id": None}
    return render.answer(form, "service_requests", [content], 201)


def _requests(form: str, atlas: Atlas, found: Callable[[Any], Any]) -> Response:
    extended = request.args.get("extensions") == "true"
    url = home()
    with transaction(kit().autocommit) as db:
        shaped = [_request(atlas, row, url, extended=extended) for row in found(db)]
    return render.answer(form, "service_requests", shaped)


def _request(atlas: Atlas, row: Any, url: str, *, extended: bool) -> dict[str, Any]:
    longitude, latitude = public.place(atlas, row)
    media = [f"{url}/public/photos/{photo}.jpg" for photo in row.photos or ()]
    content = {
        "service_request_id": row.number,
        "status": "open" if public.is_open(row) else "closed",
        "status_notes": public.label(row),
        "service_name": atlas.category_name(row.category),
        "service_code": row.category,
        "description": row.description,
        "agency_responsible": atlas.unit_name(row.unit) or None,
        "service_notice": None,
        "requested_datetime": local(row.submitted_at),
        "updated_datetime": local(row.changed_at),
        "expected_datetime": local(row.due_at),
        "address": public.address(atlas, row),
        "address_id": row.grid,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": media[0] if media else None,
    }
    if not extended:
        return content
    return content | {
        "extended_attributes": {
            "detailed_status": row.status,
            "grid": row.grid,
            "grid_name": atlas.area_name(row.grid),
            "unit": row.unit,
            "closed_datetime": local(row.closed_at),
            "media_urls": media,
        }
    }
