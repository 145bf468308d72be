"""What a new map changes: borders in metres, and the cases of grids that it lacks."""

from dataclasses import dataclass, field

import numpy as np
import orjson
import shapely
from sqlalchemy import Connection, func, select

from app.services.map_check import on_plane
from app.services.set_up_rows import Rows
from models.case import OPEN, Case
from models.status import Action
from models.workflow import MOVES

_WHOLE_SHIFT_M = 100.0


@dataclass(frozen=True, slots=True)
class Moved:
    """A border that differs: square metres before and after, and how far the middle moved."""

    before_m2: float
    after_m2: float
    shift_m: float

    def in_words(self) -> tuple[str, str]:
        shift = f"，中心移动 {self.shift_m:.0f} 米" if self.shift_m >= 1 else "，中心不变"
        larger = max(self.before_m2, self.after_m2)
        return square(self.before_m2, larger), square(self.after_m2, larger) + shift


@dataclass(frozen=True, slots=True)
class MapChanges:
    """Borders that differ by code, and by code of a vanished grid its open cases that go back to
    the desk. `before` and `after` are the maps."""

    moved: dict[str, Moved]
    open_cases: dict[str, int]
    before: Rows = field(repr=False)
    after: Rows = field(repr=False)

    @property
    def whole_shift_m(self) -> float | None:
        """How far nearly all areas moved together, as they do where the coordinate system was
        named wrongly; None where they did not."""
        shifts = sorted(one.shift_m for one in self.moved.values())
        both = sum(code in self.after for code in self.before)
        if not shifts or len(shifts) < both * 0.9:
            return None
        low, middle, high = shifts[len(shifts) // 10], shifts[len(shifts) // 2], shifts[-1]
        return middle if low >= _WHOLE_SHIFT_M and high < 2 * middle else None


def square(metres: float, like: float = 0.0) -> str:
    """An area in words: 1.25 平方公里, 8300 平方米; in the unit that `like` is told in."""
    if max(metres, like) >= 100_000:
        return f"{metres / 1e6:.3f} 平方公里"
    return f"{metres:.0f} 平方米"


def compare(db: Connection, before: Rows, after: Rows) -> MapChanges:
    """Compares two maps; counts cases where grids vanished."""
    both = [code for code in before if code in after]
    differ = [code for code in both if before[code].boundary != after[code].boundary]
    gone = set(before) - set(after)
    return MapChanges(_moved(before, after, differ), _open_cases(db, gone), before, after)


def _moved(before: Rows, after: Rows, codes: list[str]) -> dict[str, Moved]:
    if not codes:
        return {}
    given = [rows[code].boundary for rows in (before, after) for code in codes]
    shapes = on_plane([shapely.from_geojson(orjson.dumps(one)) for one in given])
    size, middle = shapely.area(shapes), shapely.get_coordinates(shapely.centroid(shapes))
    half = len(codes)
    shift = np.hypot(*(middle[half:] - middle[:half]).T)
    return {
        code: Moved(float(size[i]), float(size[half + i]), float(shift[i]))
        for i, code in enumerate(codes)
    }


def _open_cases(db: Connection, gone: set[str]) -> dict[str, int]:
    if not gone:
        return {}
    sources = MOVES[Action.UNPLACE].sources
    statement = (
        select(Case.grid, func.count())
        .where(OPEN, Case.grid.in_(gone), Case.status.in_(sources))
        .group_by(Case.grid)
    )
    return {str(grid): int(count) for grid, count in db.execute(statement)}
