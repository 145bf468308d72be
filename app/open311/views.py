"""GeoReport v2: discovery, services, requests read and made. What is read is what is public."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from app.auth import Access, access, kit
from app.clients.photo_store import rendition_key
from app.errors import domain_problem, faults_of
from app.open311 import render
from app.open311.create import MOST_FILES, submission_of
from app.open311.query import MOST, filter_of, values_of
from app.services import api_key, area, public, report
from app.services.photo import Shutter, canonical_id
from app.uploads import taken_in
from models.calendar import LOCAL
from models.db import transaction
from models.errors import DomainError, InvalidInput, NotFound, TooMany
from models.routing import Atlas

pages = Blueprint("open311", __name__)
BASE = "/open311/v2"
CHANGESET = "2026-11-25T00:00:00+08:00"
"""When services and endpoints last changed their form."""
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMS = "<any(json, xml):form>"


def _form() -> str:
    return str((request.view_args or {}).get("form", "xml"))


@pages.errorhandler(DomainError)
def refused(error: DomainError) -> Response:
    """As the standard has refusals: a list with code and description."""
    problem = domain_problem(error)
    status = 400 if problem.status_code == 422 else problem.status_code
    response = render.error(_form(), status, error.detail)
    if "Retry-After" in problem.headers:
        response.headers["Retry-After"] = problem.headers["Retry-After"]
    return response


@pages.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Response:
    fault = faults_of(error)[0]
    return render.error(_form(), 400, f"{fault.pointer[1:]}：{fault.message}")


@pages.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    return render.error(_form(), error.code or 500, error.description or "")


@pages.after_request
def open_to_all(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _jurisdiction() -> None:
    """Raises NotFound for another jurisdiction than ours; without a setting any is ours."""
    ours, given = kit().settings.jurisdiction_id, request.args.get("jurisdiction_id", "")
    if ours and given and given != ours:
        raise NotFound("没有这个 jurisdiction_id")


@pages.get(f"{BASE}/discovery.{FORMS}")
@access(Access.ALL)
def discovery(form: str) -> Response:
    url = kit().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    formats = ["application/json", "text/xml"]
    content = {
        "changeset": CHANGESET,
        "contact": f"{url}/",
        "key_service": f"{url}/",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{url}{BASE}",
                "changeset": CHANGESET,
                "type": "production",
                "formats": formats,
            }
        ],
    }
    return render.answer(form, "discovery", content)


@pages.get(f"{BASE}/services.{FORMS}")
@access(Access.ALL)
def services(form: str) -> Response:
    _jurisdiction()
    known = kit().atlas().categories.values()
    return render.answer(form, "services", [_service(one) for one in known if _offered(one)])


def _offered(category: Any) -> bool:
    return category.public and category.retired_at is None


def _service(category: Any) -> dict[str, Any]:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.accept_when,
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(category.aliases),
        "group": category.group_name,
    }


@pages.get(f"{BASE}/services/<code>.{FORMS}")
@access(Access.ALL)
def service(code: str, form: str) -> Response:
    _jurisdiction()
    category = kit().atlas().categories.get(code)
    if category is None or not _offered(category):
        raise NotFound("没有这个 service_code")
    return render.answer(form, "service_definition", {"service_code": code, "attributes": []})


@pages.get(f"{BASE}/requests.{FORMS}")
@access(Access.ALL)
def requests(form: str) -> Response:
    _jurisdiction()
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


@pages.get(f"{BASE}/requests/<number>.{FORMS}")
@access(Access.ALL)
def one_request(number: str, form: str) -> Response:
    _jurisdiction()

    def found(db: Any) -> Any:
        rows = public.named(db, [number], 1)
        if not rows:
            raise NotFound("没有这个 service_request_id")
        return rows

    return _requests(form, kit().atlas(), found)


@pages.post(f"{BASE}/requests.{FORMS}")
@access(Access.KEY)
def create(form: str) -> Response:
    """A report of another system, by its key; a number of its own makes a replay harmless."""
    _jurisdiction()
    here, sent = kit(), request.form
    with transaction(here.engine) as db:
        key = api_key.holder(db, sent.get("api_key") or request.args.get("api_key"))
    wait = here.broker.hit(f"open311:{key.id}", key.per_hour, 3600)
    if wait is not None:
        raise TooMany(f"每小时最多 {key.per_hour} 次，请稍后再试", retry_after=wait)
    atlas = here.atlas()
    given = submission_of(atlas, sent, key.id)
    placement = area.locate(atlas, given.location).placement
    api_key.require_scope(key, str(given.category), placement)
    files = _files()
    if len(files) > MOST_FILES:
        raise InvalidInput.at("/media", f"最多 {MOST_FILES} 个文件")
    with ExitStack() as stack:
        uploads = [stack.enter_context(taken_in(here, data)) for data in files]
        with transaction(here.engine) as db:
            actor = api_key.actor(key)
            for upload in uploads:
                upload.record(db, actor, Shutter())
            ids = [upload.photo_id for upload in uploads]
            whole = given.model_copy(update={"photo_ids": ids})
            phone = here.safe.phone(given.contact_phone)
            made = report.submit(db, atlas, actor, whole, phone, partner=True)
    content = {"service_request_id": made["case_number"], "service_notice": None}
    return render.answer(form, "service_requests", [content | {"account_id": None}], 201)


def _files() -> list[bytes]:
    """The files of the form; a browser sends an empty one where none was chosen."""
    found = []
    for file in request.files.getlist("media"):
        with file.stream:
            found.append(file.read())
    return [data for data in found if data]


@pages.get(f"{BASE}/tokens/<token>.{FORMS}")
@access(Access.ALL)
def token(token: str, form: str) -> Response:
    """Numbers are given at once here, and are their own tokens."""
    _jurisdiction()
    with transaction(kit().autocommit) as db:
        if not public.named(db, [token], 1):
            raise NotFound("没有这个 token")
    content = [{"service_request_id": token, "token": token}]
    return render.answer(form, "service_requests", content)


def _requests(form: str, atlas: Atlas, found: Callable[[Any], Any]) -> Response:
    extended = request.args.get("extensions") == "true"
    url = kit().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
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
        "requested_datetime": _local(row.submitted_at),
        "updated_datetime": _local(row.changed_at),
        "expected_datetime": _local(row.due_at),
        "address": row.address,
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
            "closed_datetime": _local(row.closed_at),
            "media_urls": media,
        }
    }


def _local(moment: datetime | None) -> str | None:
    return moment.astimezone(LOCAL).isoformat(timespec="seconds") if moment else None


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
