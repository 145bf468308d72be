"""The map of cases: a page with filters in the address, and the columns, areas and cards it asks
for."""

import hashlib
from datetime import UTC, date, datetime
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import orjson
from flask import Response, request
from pydantic import ValidationError

from app.auth import Access, access, kit
from app.console import forms, words
from app.console.pages import pages, render, work
from app.errors import faults_of
from app.schemas.case_map import MapQuery
from app.services import area_units, case_map, case_view, public_areas
from models import moment
from models.area import Level
from models.calendar import LOCAL
from models.errors import FieldFault, InvalidInput, NotFound
from models.routing import Atlas
from models.status import STATUS_LABELS

PERIODS = {
    "now": "现在在办",
    "1": "今天",
    "7": "近 7 天",
    "30": "近 30 天",
    "90": "近 90 天",
    "own": "自选日期",
}
LEVELS = (Level.STREET, Level.COMMUNITY, Level.GRID, Level.OVERLAY)


@pages.get("/map")
@access(Access.STAFF)
def map_page() -> Response:
    """The page; what it shows is fetched by its modules. A filter that makes no sense is named."""
    here = kit()
    with work(here.autocommit) as found:
        atlas, actor = found.atlas, found.actor
    given = _given()
    faults: list[FieldFault] = []
    try:
        MapQuery.model_validate(given).filter(atlas, _today())
    except ValidationError as error:
        faults, given = faults_of(error), {}
    except InvalidInput as error:
        faults, given = [*error.faults], {}
    return render(
        "map/page.html",
        422 if faults else 200,
        actor,
        given=given,
        faults=faults,
        periods=PERIODS,
        options=_options(atlas),
        today=_today(),
        tile_url=here.settings.tile_url,
        tile_attribution=here.settings.tile_attribution,
    )


@pages.get("/map/cases.json")
@access(Access.STAFF)
def map_cases() -> Response:
    """Columns of the cases of a filter (`case_map.told`), within the person's scope."""
    query = MapQuery.model_validate(_given())
    today = _today()
    with work(kit().autocommit) as here:
        wanted = query.filter(here.atlas, today)
        days = query.days(today)
        shown = (case_map.in_period if days else case_map.in_hand)(
            here.db, here.atlas, here.actor, wanted
        )
    told = case_map.told(here.atlas, shown) | {"days": days, "today": today}
    return _tagged(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY))


@pages.get("/map/cases/<number>")
@access(Access.STAFF)
def map_card(number: str) -> Response:
    """A case in short, for a card on the map."""
    now = datetime.now(UTC)
    with work(kit().autocommit) as here:
        case = case_view.detail(here.db, here.atlas, here.actor, number)
    deadline = words.deadline(here.atlas, SimpleNamespace(**case), now)
    photos = [photo for one in case["reports_received"] for photo in one["photos"]]
    return render("map/card.html", 200, here.actor, case=case, deadline=deadline, photos=photos)


@pages.get("/map/areas/<level>.json")
@access(Access.STAFF)
def map_areas(level: str) -> Response:
    """Boundaries of a level, as GeoJSON."""
    if level not in list(LEVELS):
        raise NotFound("没有这一级区域")
    with work(kit().autocommit) as here:
        atlas = here.atlas
    return _tagged(public_areas.collection(atlas, Level(level)))


@pages.get("/map/units.json")
@access(Access.STAFF)
def map_units() -> Response:
    """Who answers where for a category or a group of them, today."""
    with work(kit().autocommit) as here:
        atlas = here.atlas
    return _tagged(area_units.answering(atlas, request.args.get("category", ""), _today()))


def _today() -> date:
    return moment.now().astimezone(LOCAL).date()


def _given() -> dict[str, str]:
    """The filters of an address; how the map is looked at stands beside them."""
    return {
        name: value
        for name, value in request.args.items()
        if name in MapQuery.model_fields and value.strip()
    }


def _tagged(body: bytes) -> Response:
    """JSON that a browser asks for again only where it changed."""
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.blake2b(body, digest_size=16).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def _options(atlas: Atlas) -> dict[str, Any]:
    return {
        "status": [{"value": s.value, "label": label} for s, label in STATUS_LABELS.items()],
        "unit": forms.units(atlas),
        "area": [
            {"value": area.code, "label": area.name}
            for level in (Level.STREET, Level.COMMUNITY)
            for area in atlas.areas.values()
            if area.level is level
        ],
        "groups": _groups(atlas),
    }


def _groups(atlas: Atlas) -> list[dict[str, Any]]:
    """Groups of categories that are in use, in the catalogue's order."""
    used = [one for one in atlas.categories.values() if one.retired_at is None]
    order = {one.category_group: place for place, one in reversed([*enumerate(used)])}
    used.sort(key=lambda one: order[one.category_group])
    return [
        {"value": f"{area_units.GROUP}{code}", "label": members[0].group_name, "members": members}
        for code, members in (
            (code, [*found]) for code, found in groupby(used, lambda one: str(one.category_group))
        )
    ]
