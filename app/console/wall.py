"""大屏: a page for a large screen that renews itself, and what it asks for."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from app.auth import Access, Work, access, kit
from app.console import words
from app.console.pages import pages, render, version, work
from app.services import installation, wall
from models import moment
from models.calendar import LOCAL
from models.measures import FIGURES

WALL = "/console/wall"


@pages.get("/wall")
@access(Access.STAFF)
def wall_page() -> Response:
    """The page; its figures are fetched by its modules."""
    with work(kit().autocommit) as here:
        view = _view(here)
        views = wall.views(here.atlas, here.actor)
        demo = installation.is_demo(here.db)
    return render(
        "wall.html",
        200,
        here.actor,
        view=view,
        source=_address(f"{WALL}.json", view),
        here=_address(WALL, view),
        views=[(_address(WALL, one), one.name) for one in views] if len(views) > 1 else [],
        demo=demo,
        now=moment.now().astimezone(LOCAL),
    )


@pages.get("/wall.json")
@access(Access.STAFF)
def wall_figures() -> Response:
    """`wall.shown`, with words for what people read. `version` is that of the page's files."""
    now = moment.now()
    with work(kit().autocommit) as here:
        view = _view(here)
        found = wall.shown(here.db, here.atlas, view, now.astimezone(LOCAL).date())
        late = [_late(here, row, now) for row in found["late"]]
    labels = {name: FIGURES[name].label for name in wall.RATES}
    told = found | {"late": late, "labels": labels, "version": version(), "now": now}
    body = orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, mimetype="application/json")


def _view(here: Work) -> wall.View:
    area, unit = (request.args.get(name) or None for name in ("area", "unit"))
    return wall.chosen(here.atlas, here.actor, area, unit)


def _address(path: str, view: wall.View) -> str:
    return f"{path}?{urlencode(view.query)}" if view.query else path


def _late(here: Work, row: Any, now: datetime) -> dict[str, Any]:
    atlas = here.atlas
    return {
        "number": row.number,
        "category": atlas.category_name(row.category),
        "unit": atlas.unit_name(row.unit) or "未分派",
        "place": atlas.area_name(row.grid),
        "by": words.elapsed(now - row.due_at),
        "emergency": row.emergency,
    }
