"""Public data: what everybody may see, for maps and programs."""

import re
from datetime import datetime
from typing import Any, Literal

import orjson
from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from app.api.published import opened, published
from app.auth import Access, Work, access, download, kit
from app.schemas.page import Query, decode_cursor, encode_cursor
from app.schemas.parts import UNCHANGED, media
from app.schemas.public import OneCaseOut, PublicFiguresOut, SolvedOut
from app.services import public, public_areas, public_case, public_figures, public_sheet
from app.services.public import MapFilter
from app.services.public_case import Photos
from app.services.sheet import Sheet
from models.area import Level
from models.db import transaction
from models.errors import InvalidInput
from models.fields import Moment
from models.moment import rfc3339
from models.routing import Atlas

api = APIBlueprint("public", __name__, url_prefix="/public", abp_tags=[Tag(name="public")])
GEOJSON = media("application/geo+json")
FIGURES_FRESH_S, AREAS_FRESH_S = 300, 3600
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


class MapQuery(Query):
    bbox: str | None = Field(default=None, max_length=100, description="西,南,东,北（WGS-84）")
    since: Moment | None = None
    until: Moment | None = None
    category: str | None = Field(default=None, max_length=1000, description="类别，可用逗号隔开")
    status: str | None = Field(default=None, pattern="^(open|closed)$")
    cursor: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=5000, ge=1, le=5000)

    def filter(self) -> MapFilter:
        return MapFilter(
            box=_box(self.bbox),
            since=self.since,
            until=self.until,
            categories=[c for c in (self.category or "").split(",") if c] or None,
            is_open=None if self.status is None else self.status == "open",
            after=_after(self.cursor),
            limit=self.limit,
        )


def _box(given: str | None) -> tuple[float, float, float, float] | None:
    if given is None:
        return None
    parts = [part.strip() for part in given.split(",")]
    if len(parts) == 4 and all(_NUMBER.fullmatch(part) for part in parts):
        west, south, east, north = map(float, parts)
        if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
            return west, south, east, north
    raise InvalidInput.at("/bbox", "bbox 应为 西,南,东,北，如 112.5,26.8,112.6,27.0")


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    values = decode_cursor(cursor, 2)
    if values is None:
        return None
    try:
        return datetime.fromisoformat(values[0]), int(values[1])
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始") from None


@api.get("/cases.geojson", summary="公开案卷（GeoJSON）", responses={200: GEOJSON, 304: UNCHANGED})
@access(Access.ALL)
def cases(query: MapQuery) -> Response:
    """Points of public cases, the newest first; `next_cursor` where there are more."""
    here = kit()
    atlas = here.atlas()
    with transaction(here.autocommit) as db:
        shown, last = public.on_map(db, atlas, query.filter())
    cursor = encode_cursor(rfc3339(last.submitted_at), last.id) if last is not None else None
    body = orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [_feature(atlas, row, where) for row, where in shown],
            "next_cursor": cursor,
        }
    )
    return published(body, "application/geo+json")


class MonthQuery(Query):
    month: str = Field(max_length=10, description="如 2026-11")


@api.get(
    "/cases.csv",
    summary="一个月的公开案卷（CSV）",
    responses={200: media("text/csv"), 304: UNCHANGED},
)
@access(Access.ALL)
def month(query: MonthQuery) -> Response:
    """Cases that were submitted in the month, with the words that may be public."""

    def sheet(work: Work) -> Sheet:
        return public_sheet.sheet(work.db, work.atlas, query.month)

    return opened(download("csv", sheet, tagged=True))


def _feature(atlas: Atlas, row: Any, where: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row.number,
        "geometry": {"type": "Point", "coordinates": where},
        "properties": _properties(atlas, row),
    }


def _properties(atlas: Atlas, row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "status": "open" if public.is_open(row) else "closed",
        "status_label": public.label(row),
        "grid": row.grid,
        "submitted_at": row.submitted_at,
        "closed_at": row.closed_at,
    }


def _told(atlas: Atlas, row: Any, photos: Photos) -> dict[str, Any]:
    """What stands beside a case's point, with its words and pictures."""
    longitude, latitude = public.place(atlas, row)
    return _properties(atlas, row) | {
        "status_words": public_case.words(row),
        "grid_name": atlas.area_name(row.grid),
        "unit_name": atlas.unit_name(row.unit) or None,
        "longitude": longitude,
        "latitude": latitude,
        "approximate": public.is_coarse(atlas, row),
        "description": row.description,
        "address": public.address(atlas, row),
        "photos": {
            when: [f"/public/photos/{photo}.jpg" for photo in found]
            for when, found in photos.items()
        },
    }


class NumberPath(BaseModel):
    number: str = Field(max_length=64)


@api.get(
    "/cases/<number>.json", summary="一件公开案卷", responses={200: OneCaseOut, 304: UNCHANGED}
)
@access(Access.ALL)
def case(path: NumberPath) -> Response:
    """What everybody may see of a case, the statuses it came to, released photos before and
    after."""
    here = kit()
    atlas = here.atlas()
    with transaction(here.autocommit) as db:
        row, steps, photos = public_case.one(db, path.number)
    timeline = [{"status_label": public_case.step_label(to), "at": at} for to, at in steps]
    body = orjson.dumps(_told(atlas, row, photos) | {"timeline": timeline})
    return published(body, "application/json")


class SolvedQuery(Query):
    limit: int = Field(default=24, ge=1, le=100)


@api.get("/solved.json", summary="处置前后对照", responses={200: SolvedOut, 304: UNCHANGED})
@access(Access.ALL)
def solved(query: SolvedQuery) -> Response:
    """Closed cases with released pictures before and after, the last closed first."""
    here = kit()
    atlas = here.atlas()
    with transaction(here.autocommit) as db:
        items = [_told(atlas, *found) for found in public_case.solved(db, query.limit)]
    return published(orjson.dumps({"items": items}), "application/json", fresh_s=FIGURES_FRESH_S)


@api.get("/figures.json", summary="公开统计", responses={200: PublicFiguresOut, 304: UNCHANGED})
@access(Access.ALL)
def figures() -> Response:
    """Months, the running month and the last 30 days; shares of few cases are null."""
    here = kit()
    atlas = here.atlas()
    with transaction(here.autocommit) as db:
        body = orjson.dumps(public_figures.figures(db, atlas))
    return published(body, "application/json", fresh_s=FIGURES_FRESH_S)


class AreasQuery(Query):
    level: Literal["street", "community", "grid"] = "street"


@api.get("/areas.geojson", summary="区域边界（GeoJSON）", responses={200: GEOJSON, 304: UNCHANGED})
@access(Access.ALL)
def areas(query: AreasQuery) -> Response:
    """Simplified boundaries of the areas in force, with codes and names."""
    body = public_areas.collection(kit().atlas(), Level(query.level))
    return published(body, "application/geo+json", fresh_s=AREAS_FRESH_S)
