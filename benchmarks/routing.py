"""One point to its unit among 5,000 grids: `models.routing` alone, in this process."""

import statistics
import time
from datetime import UTC, date, datetime
from random import Random
from types import SimpleNamespace

import shapely

from models.area import Level
from models.geo import Point
from models.routing import AreaShape, Atlas, Rule, UnitInfo

COLUMNS, ROWS = 100, 50
STEP = 0.002
"""Degrees: a grid is about 200 m wide."""
WEST, SOUTH = 112.5, 26.8
POINTS = 20_000


def made_atlas() -> Atlas:
    """5,000 square grids in 100 communities, 10 streets and one district, a rule for each."""
    east, north = WEST + COLUMNS * STEP, SOUTH + ROWS * STEP
    whole = shapely.box(WEST, SOUTH, east, north)
    areas = [AreaShape("D", "区", Level.DISTRICT, None, 0, whole)]
    areas += [AreaShape(f"S{s}", f"街道{s}", Level.STREET, "D", 0, whole) for s in range(10)]
    for c in range(100):
        areas.append(AreaShape(f"C{c}", f"社区{c}", Level.COMMUNITY, f"S{c // 10}", 0, whole))
    for x in range(COLUMNS):
        for y in range(ROWS):
            west, south = WEST + x * STEP, SOUTH + y * STEP
            square = shapely.box(west, south, west + STEP, south + STEP)
            areas.append(AreaShape(f"G{x:03}{y:02}", "网格", Level.GRID, f"C{x}", 0, square))
    rules = [Rule("D", None, None, "U", date(2025, 1, 1), None)]
    kind = SimpleNamespace(code="litter", category_group="street", kind="event", emergency=False)
    return Atlas(
        revision=1,
        areas={a.code: a for a in areas},
        units={"U": UnitInfo("U", "单位", None, "bureau", False)},
        categories={"litter": kind},
        rules=rules,
    )


def measure() -> tuple[float, float]:
    """Median and 99th percentile, milliseconds of CPU for one point."""
    atlas, random, day = made_atlas(), Random(1), datetime.now(UTC).date()
    points = [
        Point(
            random.uniform(WEST, WEST + COLUMNS * STEP), random.uniform(SOUTH, SOUTH + ROWS * STEP)
        )
        for _ in range(POINTS)
    ]
    atlas.locate(points[0], 50.0)
    spent = []
    for point in points:
        began = time.thread_time()
        placement = atlas.locate(point, 50.0)
        if placement is None or atlas.responsible(placement, "litter", day) != "U":
            raise RuntimeError(f"{point} was not routed")
        spent.append((time.thread_time() - began) * 1e3)
    return statistics.median(spent), statistics.quantiles(spent, n=100)[98]
