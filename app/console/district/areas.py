"""The map: a drawing of it, its areas in the order of the tree, and one area looked at."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson
import shapely
from flask import Response, request

from app.auth import Access, access
from app.console.admin.menu import admin_page
from app.console.district.drawing import Drawing, Shape, draw, drawn_on
from app.console.district.upload import done, opened, with_history
from app.console.pages import pages
from app.services.map_changes import square
from app.services.map_check import on_plane
from app.services.responsibility_matrix import path
from models.area import LEVEL_LABELS, TREE, Level
from models.calendar import LOCAL
from models.errors import NotFound
from models.moment import now
from models.routing import AreaShape, Atlas

PAGE = 60
MOST_LABELS, TONES = 40, 6
LIST = "/console/district/areas"


@pages.get("/district/areas")
@access(Access.ADMIN)
def district_areas() -> Response:
    """The areas that are searched for; `area` is the one looked at."""
    level, words = request.args.get("level", ""), request.args.get("q", "").strip()
    chosen = request.args.get("area")
    with opened() as here:
        atlas = here.atlas
        if chosen is not None and chosen not in atlas.areas:
            raise NotFound("当前地图中没有这个区域")
        shown = with_history(here, "areas") | done()
        found = _found(atlas, level, words)
        page = paged(found, PAGE)
        rows = [_row(atlas, area) for area in page.pop("rows")]
    return admin_page(
        "district/areas.html",
        200,
        here.actor,
        **shown,
        **page,
        rows=rows,
        levels=_levels(atlas),
        level=level,
        words=words,
        drawing=_drawing(atlas, _drawn(level), chosen),
        drawn=LEVEL_LABELS[_drawn(level)],
        chosen=_looked_at(atlas, chosen) if chosen else None,
        empty=not atlas.areas,
    )


def _found(atlas: Atlas, level: str, words: str) -> list[AreaShape]:
    """The areas of the level whose code or name holds the words, in the order of the tree."""
    paths = {code: path(atlas, code) for code in atlas.areas}
    chosen = [
        area
        for area in atlas.areas.values()
        if level in ("", area.level) and (words in area.name or words in area.code)
    ]
    return sorted(chosen, key=lambda area: (area.level is Level.OVERLAY, paths[area.code]))


def paged(found: list[Any], size: int) -> dict[str, Any]:
    """The rows of the page that the address names, with the addresses of its neighbours."""
    given = request.args.get("page", "1")
    last = max(1, -(-len(found) // size))
    page = min(int(given), last) if given.isdecimal() and 0 < len(given) < 6 else 1
    page = max(1, page)

    def address(number: int) -> str:
        query = request.args.to_dict() | {"page": str(number)}
        query.pop("done", None)
        return f"{request.path}?{urlencode(query)}"

    return {
        "rows": found[(page - 1) * size : page * size],
        "total": len(found),
        "page": page,
        "last": last,
        "previous_page": address(page - 1) if page > 1 else None,
        "next_page": address(page + 1) if page < last else None,
    }


def _row(atlas: Atlas, area: AreaShape) -> dict[str, Any]:
    return {
        "area": area,
        "depth": len(path(atlas, area.code)) - 1,
        "level": LEVEL_LABELS[area.level],
        "above": atlas.area_name(area.parent) if area.parent else "",
    }


def _levels(atlas: Atlas) -> list[tuple[str, str, int]]:
    """Level, what it is called, and how many areas it has; those without any left out."""
    found = []
    for level in (*TREE, Level.OVERLAY):
        count = sum(area.level is level for area in atlas.areas.values())
        if count:
            found.append((level.value, LEVEL_LABELS[level], count))
    return found


def _drawn(level: str) -> Level:
    return Level(level) if level in list(Level) and level != Level.OVERLAY else Level.GRID


def _drawing(atlas: Atlas, level: Level, chosen: str | None) -> Drawing | None:
    """The areas of a level with the overlays on them, and the one looked at on top."""
    drawing = _whole(atlas, level)
    if chosen is None or drawing is None:
        return drawing
    area = atlas.areas[chosen]
    return drawn_on(drawing, [Shape(area.name, "chosen", area.boundary, area.name)])


def _whole(atlas: Atlas, level: Level) -> Drawing | None:
    """Kept with the atlas: a thousand grids take a tenth of a second."""
    kept = f"district drawing {level}"
    if kept not in atlas.replies:
        drawing = draw(_shapes(atlas, level))
        if drawing is None:
            return None
        atlas.replies[kept] = orjson.dumps(drawing)
    return Drawing(**orjson.loads(atlas.replies[kept]))


def _shapes(atlas: Atlas, level: Level) -> list[Shape]:
    areas = sorted(atlas.areas.values(), key=lambda area: area.code)
    drawn = [area for area in areas if area.level is level]
    labelled = len(drawn) <= MOST_LABELS
    tones = {code: i % TONES for i, code in enumerate(sorted({a.parent or "" for a in drawn}))}
    shapes = []
    for area in drawn:
        title, tone = f"{area.name}（{area.code}）", f"tone{tones[area.parent or '']}"
        shapes.append(Shape(title, tone, area.boundary, area.name if labelled else ""))
    overlays = (area for area in areas if area.level is Level.OVERLAY)
    return shapes + [Shape(f"{a.name}（{a.code}）", "overlay", a.boundary) for a in overlays]


def _looked_at(atlas: Atlas, code: str) -> dict[str, Any]:
    area = atlas.areas[code]
    today = now().astimezone(LOCAL).date()
    return {
        "area": area,
        "level": LEVEL_LABELS[area.level],
        "above": " › ".join(atlas.area_name(one) for one in path(atlas, code)[:-1]),
        "size": square(float(shapely.area(on_plane([area.boundary])[0]))),
        "children": sum(one.parent == code for one in atlas.areas.values()),
        "rules": _in_force(atlas, code, today),
        "duties": sum(duty.area == code for duty in atlas.duties),
    }


def _in_force(atlas: Atlas, code: str, today: date) -> int:
    return sum(rule.area == code and rule.valid_on(today) for rule in atlas.rules)
