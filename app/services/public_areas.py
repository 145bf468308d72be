"""Boundaries of the areas in force, small enough for a page."""

from typing import Any

import numpy as np
import orjson
import shapely
import shapely.geometry

from models.area import Level
from models.routing import Atlas

TOLERANCE = {Level.STREET: 2e-4, Level.COMMUNITY: 1e-4, Level.GRID: 5e-5, Level.OVERLAY: 5e-5}
"""Degrees that a simplified boundary may differ by: about 20, 10, 5 and 5 m."""
DIGITS = 5


def collection(atlas: Atlas, level: Level) -> bytes:
    """GeoJSON of the areas of a level of TOLERANCE; neighbours keep their common border (overlays
    have none). It is written once for an atlas."""
    name = f"public areas {level}"
    if name not in atlas.replies:
        atlas.replies[name] = orjson.dumps(_collection(atlas, level))
    return atlas.replies[name]


def _collection(atlas: Atlas, level: Level) -> dict[str, Any]:
    areas = sorted((a for a in atlas.areas.values() if a.level is level), key=lambda a: a.code)
    shapes = [area.boundary for area in areas]
    if level is Level.OVERLAY:
        shapes = [shape.simplify(TOLERANCE[level]) for shape in shapes]
    elif shapes:
        shapes = list(shapely.coverage_simplify(shapes, TOLERANCE[level]))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": area.code,
                "geometry": shapely.geometry.mapping(_rounded(shape)),
                "properties": {"code": area.code, "name": area.name, "parent": area.parent},
            }
            for area, shape in zip(areas, shapes, strict=True)
        ],
    }


def _rounded(shape: Any) -> Any:
    return shapely.transform(shape, lambda found: np.round(found, DIGITS))
