"""Which unit answers where: each grid and overlay of the map in force, for a category or group."""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from models.area import Level
from models.errors import InvalidInput
from models.routing import Atlas, Placement

GROUP = "group:"
"""What stands before the code of a group where a category may stand as well."""
VARIES = ""
"""Instead of a unit: the categories of the group differ."""


def categories_named(atlas: Atlas, name: str) -> list[str]:
    """The categories of `group:CODE`, or the one category.

    Raises:
        InvalidInput: there is none.
    """
    if name.startswith(GROUP):
        code = name.removeprefix(GROUP)
        found = [c.code for c in atlas.categories.values() if c.category_group == code]
    else:
        found = [name] if name in atlas.categories else []
    if not found:
        raise InvalidInput.at("/category", f"没有这个类别：{name[:64]}")
    return found


def answering(atlas: Atlas, name: str, day: date) -> bytes:
    """JSON: `areas`, by code of each grid and overlay a place in `units`, which have `code`, `name`
    and the number of their `areas`. A `code` of null is nobody, VARIES several units. It is
    written once for an atlas and a day."""
    categories = categories_named(atlas, name)
    key = f"units {name} {day}"
    if key not in atlas.replies:
        atlas.replies[key] = orjson.dumps(_answering(atlas, categories, day))
    return atlas.replies[key]


def _answering(atlas: Atlas, categories: list[str], day: date) -> dict[str, Any]:
    areas: dict[str, str | None] = {}
    for area in atlas.areas.values():
        placement = _within(atlas, area.code)
        if placement is None:
            continue
        units = {atlas.responsible(placement, category, day) for category in categories}
        areas[area.code] = units.pop() if len(units) == 1 else VARIES
    amounts: dict[str | None, int] = {}
    for unit in areas.values():
        amounts[unit] = amounts.get(unit, 0) + 1
    order = sorted(amounts, key=lambda unit: (not unit, -amounts[unit], unit or ""))
    return {
        "areas": {code: order.index(unit) for code, unit in areas.items()},
        "units": [
            {"code": unit, "name": _name(atlas, unit), "areas": amounts[unit]} for unit in order
        ],
    }


def _name(atlas: Atlas, unit: str | None) -> str:
    if unit is None:
        return "无人负责"
    return "视小类而定" if unit == VARIES else atlas.unit_name(unit)


def _within(atlas: Atlas, code: str) -> Placement | None:
    """A place in a grid, or in an overlay; None for other areas, and an overlay off the grids."""
    area = atlas.areas[code]
    if area.level is Level.GRID:
        return atlas.placement_of(code)
    point = atlas.inside(code) if area.level is Level.OVERLAY else None
    found = atlas.locate(point, atlas.policy.tolerance_m) if point else None
    if found is None:
        return None
    overlays = (code, *(other for other in found.overlays if other != code))
    return replace(found, overlays=overlays)
