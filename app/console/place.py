"""A small map of one place, drawn by the server: grids around, the place, and cases near by."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from models.area import Level
from models.geo import EARTH_RADIUS_M, Point
from models.routing import AreaShape, Atlas

WIDTH_M, HEIGHT_M = 720, 420
"""What the map shows, in metres; its view box has the same numbers."""


def drawn(atlas: Atlas, centre: Point, near: Iterable[tuple[str, Point]] = ()) -> dict[str, Any]:
    """The map for `place.svg`: outlines of grids and overlays with names where there is room, and
    `near` as (number, x, y) in metres from the left and the top."""
    frame = _Frame(centre)
    box = frame.box()
    shapes = [a for a in atlas.areas.values() if a.level in (Level.GRID, Level.OVERLAY)]
    seen = [a for a in shapes if a.boundary.intersects(box)]
    areas = [_area(frame, a, box) for a in seen]
    cases = [(number, *frame.xy(point.longitude, point.latitude)) for number, point in near]
    inside = [one for one in cases if 0 <= one[1] <= WIDTH_M and 0 <= one[2] <= HEIGHT_M]
    return {
        "width": WIDTH_M,
        "height": HEIGHT_M,
        "areas": sorted(areas, key=lambda area: str(area["kind"])),
        "near": inside,
    }


class _Frame:
    """Degrees to metres from the upper left corner of the map around a centre."""

    def __init__(self, centre: Point) -> None:
        degree = math.radians(1) * EARTH_RADIUS_M
        self._centre = centre
        self._across = degree * math.cos(math.radians(centre.latitude))
        self._up = degree

    def xy(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (
            round(WIDTH_M / 2 + (longitude - self._centre.longitude) * self._across, 1),
            round(HEIGHT_M / 2 - (latitude - self._centre.latitude) * self._up, 1),
        )

    def box(self) -> BaseGeometry:
        across, up = WIDTH_M / 2 / self._across, HEIGHT_M / 2 / self._up
        centre = self._centre
        return shapely.box(
            centre.longitude - across,
            centre.latitude - up,
            centre.longitude + across,
            centre.latitude + up,
        )


LABEL_M2 = 9_000.0
"""Pieces of areas smaller than this, in square metres, carry no name."""

MARGIN_M = 80
"""How far from the sides names stand, so that they are not cut."""


def _area(frame: _Frame, area: AreaShape, box: BaseGeometry) -> dict[str, Any]:
    piece = area.boundary.intersection(box)
    rings = [
        [frame.xy(x, y) for x, y in polygon.exterior.coords]
        for polygon in shapely.get_parts(piece)
        if polygon.geom_type == "Polygon"
    ]
    largest = max(rings, key=_square_metres, default=[])
    label = None
    if _square_metres(largest) > LABEL_M2:
        middle = shapely.Polygon(largest).representative_point()
        label = (round(min(max(middle.x, MARGIN_M), WIDTH_M - MARGIN_M), 1), round(middle.y, 1))
    return {"name": area.name, "kind": area.level.value, "path": _path(rings), "label": label}


def _square_metres(ring: Sequence[tuple[float, float]]) -> float:
    return float(shapely.Polygon(ring).area) if ring else 0.0


def _path(rings: Iterable[Sequence[tuple[float, float]]]) -> str:
    return "".join("M" + "L".join(f"{x:g},{y:g}" for x, y in ring) + "Z" for ring in rings)
