"""The catalogue, areas, and where a place lies."""

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field
from shapely.geometry import mapping

from app.auth import Access, Work, access, kit, read
from app.schemas.district import AreaCollectionOut, CatalogueOut, LocatedOut
from app.schemas.page import Query
from app.schemas.parts import UNCHANGED
from app.services import area
from app.services.case_list import public_nearby
from models.area import Level
from models.fields import Fields, Location
from models.routing import Atlas

api = APIBlueprint("catalogue", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="district")])


class AreaQuery(Query):
    level: Level | None = Field(default=None, description="one level; all without")


class Locate(Fields):
    location: Location


@api.get("/catalogue", summary="类别目录", responses={200: CatalogueOut, 304: UNCHANGED})
@access(Access.ALL)
def catalogue() -> Response:
    return _by_revision("catalogue", lambda atlas: {"groups": _groups(atlas)})


def _by_revision(name: str, make: Callable[[Atlas], Any]) -> Response:
    """An answer that changes only with the set-up: its ETag is the revision. It is written out
    once for each: a city's polygons take a second."""
    atlas = kit().atlas()
    tag = f"{name}-{atlas.revision}"
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        if name not in atlas.replies:
            atlas.replies[name] = orjson.dumps(make(atlas))
        response = Response(atlas.replies[name], mimetype="application/json")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _groups(atlas: Atlas) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for row in atlas.categories.values():
        if row.retired_at is not None:
            continue
        group = groups.setdefault(
            row.category_group,
            {"code": row.category_group, "name": row.group_name, "categories": []},
        )
        group["categories"].append(
            {
                "code": row.code,
                "name": row.name,
                "kind": row.kind,
                "limit": row.handle_limit,
                "control_limit": row.control_limit,
                "calendar": row.calendar,
                "intake": row.intake,
                "public": row.public,
                "evidence": row.evidence,
                "min_photos": row.min_photos,
                "emergency": row.emergency,
                "aliases": row.aliases,
                "accept_when": row.accept_when,
                "close_when": row.close_when,
                "fields": row.fields,
                "call_first": row.call_first.split("；") if row.call_first else [],
            }
        )
    return list(groups.values())


@api.get(
    "/areas", summary="区域边界（GeoJSON）", responses={200: AreaCollectionOut, 304: UNCHANGED}
)
@access(Access.ALL)
def areas(query: AreaQuery) -> Response:
    return _by_revision(
        f"areas-{query.level or 'all'}", lambda atlas: _features(atlas, query.level)
    )


def _features(atlas: Atlas, level: Level | None) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": one.code,
                    "name": one.name,
                    "level": one.level.value,
                    "parent": one.parent,
                },
                "geometry": mapping(one.boundary),
            }
            for one in atlas.areas.values()
            if level in (None, one.level)
        ],
    }


@api.post("/locate", summary="查位置属于哪个网格", responses={200: LocatedOut})
@access(Access.SIGNED_IN)
def locate(body: Locate) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        place = area.locate(work.atlas, body.location)
        where = place.placement
        codes = {
            "grid": where.grid,
            "community": where.community,
            "street": where.street,
            "district": where.district,
            "overlay": where.overlay,
        }
        return {
            level: {"code": code, "name": work.atlas.area_name(code)} if code else None
            for level, code in codes.items()
        } | {
            "placed": where.how,
            "wgs84": {"longitude": place.point.longitude, "latitude": place.point.latitude},
            "nearby": public_nearby(work.db, work.atlas, place.point),
        }

    return read(answer)
