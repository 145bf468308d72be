"""Recording a report on somebody's behalf: calls, visits, tickets of 12345."""

from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, access, kit, write
from app.console import forms
from app.console.act import photos_sent
from app.console.pages import RECORDERS, pages, render, work
from app.errors import faults_of, status_of
from app.services import report
from app.services.photo import Shutter
from app.uploads import taken_in
from models.area import Level
from models.errors import DomainError, Forbidden, InvalidInput
from models.geo import CoordType
from models.routing import Atlas
from models.submission import ON_BEHALF, SOURCE_LABELS, Source, Submission

SOURCES = [s for s in Source if s in ON_BEHALF and s is not Source.OPEN311]
OWN = frozenset({"csrf", "once", "grid"})


@pages.get("/report")
@access(Access.STAFF)
def report_page() -> Response:
    return _page(made=request.args.get("made"))


@pages.post("/report")
@access(Access.STAFF)
def record() -> Response:
    """Records it once, however often the form is sent."""
    here = kit()
    try:
        sent = photos_sent()
        given = _submission(here.atlas())
        phone = here.safe.phone(given.contact_phone)
        with ExitStack() as stack:
            uploads = [stack.enter_context(taken_in(here, data)) for data in sent]

            def submit(work: Any) -> dict[str, Any]:
                for upload in uploads:
                    upload.record(work.db, work.actor, Shutter())
                ids = [upload.photo_id for upload in uploads]
                whole = given.model_copy(update={"photo_ids": ids})
                return report.submit(work.db, work.atlas, work.actor, whole, phone)

            body = repr(sorted(request.form.items(multi=True))).encode() + b"".join(sent)
            made = write(submit, 201, body).get_json()
    except ValidationError as error:
        return _page(422, "填写有误，请改正后再登记", faults_of(error))
    except DomainError as error:
        return _page(status_of(error), error.detail, error.faults)
    return redirect(f"/console/report?made={made['case_number']}")  # type: ignore[return-value]


def _submission(atlas: Atlas) -> Submission:
    found = forms.given(request.form, [])
    given = {name: value for name, value in found.items() if name not in OWN}
    grid = request.form.get("grid", "")
    if "location" not in given:
        point = atlas.inside(grid) if grid else None
        if point is None:
            raise InvalidInput.at("/grid", "请选择网格，或填写经度和纬度")
        given["location"] = {
            "longitude": point.longitude,
            "latitude": point.latitude,
            "coord_type": CoordType.WGS84,
        }
    return Submission.model_validate(given)


def _page(
    status: int = 200,
    message: str | None = None,
    faults: Any = (),
    *,
    made: str | None = None,
) -> Response:
    with work(kit().autocommit) as here:
        if not here.actor.holds(*RECORDERS):
            raise Forbidden("只有受理派遣员和督查员可以代录")
        fields = _fields(here.atlas)
    told = {one.pointer.split("/")[1]: one.message for one in faults if one.pointer}
    return render(
        "report.html",
        status,
        here.actor,
        fields=fields,
        typed=request.form.to_dict(),
        faults={_SHOWN.get(name, name): said for name, said in told.items()},
        message=message,
        made=made,
        once=request.form.get("once") or uuid4().hex,
        had_photos=any(file.filename for file in request.files.values()),
    )


_SHOWN = {"location": "grid"}
"""Fields of a report that stand under another name on the page."""


def _fields(atlas: Atlas) -> list[dict[str, Any]]:
    sources = [{"value": s.value, "label": SOURCE_LABELS[s]} for s in SOURCES]
    grids = [
        {"value": a.code, "label": f"{atlas.area_name(a.parent)} · {a.name}"}
        for a in atlas.areas.values()
        if a.level is Level.GRID
    ]
    shapes: dict[str, dict[str, Any]] = {
        "source": {"kind": "choice", "choices": sources, "required": True},
        "external_number": {"kind": "line"},
        "category": {"kind": "groups", "groups": forms.groups(atlas)},
        "external_due_at": {"kind": "moment"},
        "description": {"kind": "long", "required": True},
        "location": {"kind": "place", "value": {"longitude": "", "latitude": ""}},
        "address": {"kind": "line"},
        "grid": {"kind": "choice", "choices": grids, "label": "网格（不知道经纬度时）"},
        "reporter_name": {"kind": "line"},
        "contact_phone": {"kind": "line"},
        "photo_ids": {"kind": "photos"},
    }
    return [
        {"name": name, "required": False, "label": forms.label(name)} | shape
        for name, shape in shapes.items()
    ]
