"""The map of the synthetic demo district: polygons drawn on a bent and jittered lattice.

Everything is laid out in lattice units (columns eastwards, rows southwards, one unit is
`CELL_M` metres) and turned into WGS-84 degrees at the end. Neighbours share identical vertices.
"""

import math
import random
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.polygon import orient

from models.geo import Point

DISTRICT = "439900"
CONTRACT_POINT = Point(112.57, 26.90)
"""A place well inside one grid, far from every overlay; `worker1` is always on duty there."""

CELL_M = 220.0
_CENTRE = (9.5, 1.5)  # of the cell whose middle is the contract point
_JITTER_M = 28.0
_TURN = math.radians(7.0)
_DEGREE_M = (99_400.0, 110_800.0)  # one degree of longitude and of latitude at 26.9° N

_STREETS = ("甲街道", "乙街道")
_COMMUNITIES = (
    ("云锦社区", "梧桐社区", "书院社区", "橘园社区", "望江社区"),
    ("松柏社区", "荷塘社区", "石桥社区", "新塘社区", "渔湾社区"),
)
# How a community of 4 x 4 cells falls into seven grids: a letter each.
_PATTERNS = (
    ("AABB", "ACCB", "DDCE", "FGGE"),
    ("AAAB", "CCDB", "CEDD", "EEFG"),
    ("ABBC", "ADBC", "DDEE", "FFGG"),
)
_NUMERALS = "一二三四五六七"


class Area(NamedTuple):
    """One polygon, WGS-84 degrees rounded to 7 decimals; `priority` counts among overlays."""

    code: str
    name: str
    level: str
    parent: str | None
    boundary: Polygon
    priority: int | None = None


def areas() -> list[Area]:
    """The district, its streets, communities and grids, then the overlays, by code."""
    grids = _grids()
    communities = _parents(grids, "community", dict(_community_names()))
    streets = _parents(communities, "street", dict(_street_names()))
    district = _parents(streets, "district", {DISTRICT: "示范区"})
    return [*district, *streets, *communities, *grids, *_overlays()]


def _street_names() -> list[tuple[str, str]]:
    return [(f"{DISTRICT}{number:03}", name) for number, name in enumerate(_STREETS, 1)]


def _community_names() -> list[tuple[str, str]]:
    return [
        (f"{street}{number:03}", name)
        for (street, _), names in zip(_street_names(), _COMMUNITIES, strict=True)
        for number, name in enumerate(names, 1)
    ]


def _grids() -> list[Area]:
    """Seven grids in each community; the communities of a street lie side by side."""
    cells, grids = _cells(), []
    for index, (community, name) in enumerate(_community_names()):
        row, column = divmod(index, len(_COMMUNITIES[0]))
        members = defaultdict(list)
        for y, letters in enumerate(_PATTERNS[index % len(_PATTERNS)]):
            for x, letter in enumerate(letters):
                members[letter].append(cells[4 * column + x, 4 * row + y])
        for number, letter in enumerate(sorted(members), 1):
            title = f"{name}第{_NUMERALS[number - 1]}网格"
            boundary = _union(members[letter])
            grids.append(Area(f"{community}{number:02}", title, "grid", community, boundary))
    return grids


def _parents(children: list[Area], level: str, names: dict[str, str]) -> list[Area]:
    """The areas one level up, each exactly the union of its children."""
    return [
        Area(
            code,
            name,
            level,
            None if level == "district" else code[:-3],
            _union([child.boundary for child in children if child.parent == code]),
        )
        for code, name in names.items()
    ]


def _overlays() -> list[Area]:
    avenue = _strip([(column / 2, 4.0) for column in range(1, 40)], width_m=50)
    cross_street = _strip([(12.0, row / 2) for row in range(1, 14)], width_m=40)
    bends = [(column / 4, 7.2 + 0.25 * math.sin(column / 6)) for column in range(2, 79)]
    shapes = (
        ("Y-ESTATE-1", "示范花园小区", 30, _block(14.3, 1.2, 15.7, 2.4)),
        ("Y-ESTATE-2", "安居家园小区", 30, _block(2.4, 5.3, 3.6, 6.2)),
        ("Y-MARKET-1", "示范农贸市场", 40, _block(5.2, 2.3, 5.8, 2.7)),
        (
            "Y-PARK-1",
            "示范公园",
            20,
            Polygon([(9.3, 5.4), (10.2, 5.2), (11.4, 5.5), (11.2, 6.5), (9.5, 6.4)]),
        ),
        ("Y-RIVER-1", "示范河", 10, _strip(bends, width_m=60)),
        ("Y-ROAD-1", "示范大道", 15, avenue),
        ("Y-ROAD-2", "创建路", 14, cross_street),
    )
    return [
        Area(code, name, "overlay", None, _on_earth(shape), priority)
        for code, name, priority, shape in shapes
    ]


def _block(west: float, north: float, east: float, south: float) -> Polygon:
    return shapely.box(west, north, east, south)


def _strip(middle: list[tuple[float, float]], *, width_m: float) -> Polygon:
    return LineString(middle).buffer(width_m / 2 / CELL_M, cap_style="flat", quad_segs=2)


def _cells() -> dict[tuple[int, int], Polygon]:
    """Cell (column, row) to polygon; two neighbours share two corners to the last digit."""
    columns, rows = 4 * len(_COMMUNITIES[0]), 4 * len(_STREETS)
    shake = random.Random(int(DISTRICT))
    reach = _JITTER_M / CELL_M
    corners = {}
    for row in range(rows + 1):
        for column in range(columns + 1):
            x, y = shake.uniform(-reach, reach), shake.uniform(-reach, reach)
            corners[column, row] = (column + x, row + y)
    return {
        (x, y): _on_earth(
            Polygon([corners[x, y], corners[x + 1, y], corners[x + 1, y + 1], corners[x, y + 1]]),
            max_edge=None,
        )
        for y in range(rows)
        for x in range(columns)
    }


def _union(parts: list[Polygon]) -> Polygon:
    merged = shapely.union_all(parts)
    if not isinstance(merged, Polygon):
        raise TypeError("the parts of an area do not touch along an edge")
    return _canonical(merged)


def _on_earth(shape: Polygon, max_edge: float | None = 0.5) -> Polygon:
    """Lattice units to degrees; long edges are broken up first, to bend with the lattice."""
    fine = shape if max_edge is None else shape.segmentize(max_edge)
    return _canonical(shapely.transform(fine, _to_degrees))


def _to_degrees(lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    x = (lattice[:, 0] - _CENTRE[0]) * CELL_M
    y = (_CENTRE[1] - lattice[:, 1]) * CELL_M
    x, y = x + 40 * np.sin(y / 500), y + 60 * np.sin(x / 900)
    east = x * math.cos(_TURN) - y * math.sin(_TURN)
    north = x * math.sin(_TURN) + y * math.cos(_TURN)
    longitude = CONTRACT_POINT.longitude + east / _DEGREE_M[0]
    latitude = CONTRACT_POINT.latitude + north / _DEGREE_M[1]
    return np.column_stack([longitude, latitude]).round(7)


def _canonical(polygon: Polygon) -> Polygon:
    """The same polygon, its ring from the lowest corner, counter-clockwise as RFC 7946 asks."""
    return orient(Polygon(shapely.normalize(polygon)))
