"""Place to grid, grid to unit, grid to worker: pure lookups in a snapshot held in memory."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from models.area import TREE, Level
from models.calendar import LOCAL, OFFICE, PLAIN, WorkingCalendar, day_number
from models.geo import EARTH_RADIUS_M, Point
from models.policy import Policy

BORDER_M = 0.1
"""Points this close to a shared border belong to the lowest area code."""

_LEVELS_UP = tuple(reversed(TREE))


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One area of the current map; `boundary` in WGS-84 degrees."""

    code: str
    name: str
    level: Level
    parent: str | None
    priority: int
    boundary: BaseGeometry


@dataclass(frozen=True, slots=True)
class Rule:
    """A responsibility: the unit for an area and a category, a group, or any category."""

    area: str
    category: str | None
    group: str | None
    unit: str
    valid_from: date
    valid_to: date | None

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class DutyHours:
    """Hours of a worker in an area; without worker, the duty unit outside all hours."""

    area: str
    worker: int | None
    weekdays: frozenset[int]
    starts: time
    ends: time
    valid_from: date
    valid_to: date | None
    backup: int | None
    unit: str | None

    def covers(self, now: datetime) -> bool:
        """Whether the local moment lies in the hours; `ends` 00:00 is the day's end."""
        day = now.date()
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        every_day = self.weekdays >= frozenset(range(1, 8))
        if not every_day and day_number(day) not in self.weekdays:
            return False
        clock = now.time()
        return self.starts <= clock and (self.ends == time(0) or clock < self.ends)


@dataclass(frozen=True, slots=True)
class Absence:
    worker: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class UnitInfo:
    code: str
    name: str
    parent: str | None
    kind: str
    retired: bool
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point lies: codes from district to grid, and the overlays that hold it, the
    strongest first. `how` is `inside`, or `nearest` within the tolerance."""

    district: str | None
    street: str | None
    community: str | None
    grid: str
    overlays: tuple[str, ...]
    how: str

    @property
    def overlay(self) -> str | None:
        return self.overlays[0] if self.overlays else None

    def levels_up(self) -> list[str]:
        """Area codes from the most specific to the widest."""
        tree = (self.grid, self.community, self.street, self.district)
        return [*self.overlays, *(code for code in tree if code)]


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who checks a grid now: a worker, else a duty unit, else nobody."""

    worker: int | None = None
    unit: str | None = None

    @property
    def holder(self) -> str:
        if self.worker is not None:
            return f"worker:{self.worker}"
        return f"unit:{self.unit}" if self.unit else "desk"


@dataclass(frozen=True)
class Atlas:
    """The district's set-up at one revision: areas, units, rules, duties and categories.

    `categories` maps codes to what the category table holds; cases of the units in `forwarded` are
    sent on to the units' own systems; `replies` keeps what was written out of
    this atlas, for as long as it is the present one.
    """

    revision: int
    areas: dict[str, AreaShape]
    units: dict[str, UnitInfo]
    categories: dict[str, Any]
    rules: Sequence[Rule] = ()
    duties: Sequence[DutyHours] = ()
    absences: Sequence[Absence] = ()
    area_version: int = 0
    worker_units: dict[int, str | None] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    calendars: dict[str, WorkingCalendar] = field(default_factory=lambda: dict(PLAIN))
    forwarded: frozenset[str] = frozenset()
    replies: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _grids(self) -> "_Index":
        return _Index(a for a in self.areas.values() if a.level is Level.GRID)

    @cached_property
    def _overlays(self) -> "_Index":
        return _Index(a for a in self.areas.values() if a.level is Level.OVERLAY)

    @cached_property
    def _rules(self) -> dict[tuple[str, str | None, str | None], list[Rule]]:
        found: dict[tuple[str, str | None, str | None], list[Rule]] = {}
        for rule in self.rules:
            found.setdefault((rule.area, rule.category, rule.group), []).append(rule)
        return found

    @cached_property
    def _duties(self) -> dict[str, list[DutyHours]]:
        found: dict[str, list[DutyHours]] = {}
        for duty in self.duties:
            found.setdefault(duty.area, []).append(duty)
        return found

    def locate(self, point: Point, tolerance_m: float) -> Placement | None:
        """The grid of a WGS-84 point, or None when none lies within the tolerance (metres)."""
        inside = self._grids.within(point, BORDER_M)
        grid = min(inside, default=None) or self._grids.nearest(point, tolerance_m)
        if grid is None:
            return None
        overlays = sorted(
            self._overlays.within(point, BORDER_M), key=lambda c: (-self.areas[c].priority, c)
        )
        chain = dict.fromkeys(TREE) | self._ancestors(grid)
        return Placement(
            district=chain[Level.DISTRICT],
            street=chain[Level.STREET],
            community=chain[Level.COMMUNITY],
            grid=grid,
            overlays=tuple(overlays),
            how="inside" if inside else "nearest",
        )

    def _ancestors(self, code: str | None) -> dict[Level, str | None]:
        found: dict[Level, str | None] = {}
        while code is not None and code in self.areas:
            found[self.areas[code].level] = code
            code = self.areas[code].parent
        return found

    def responsible(self, placement: Placement, category: str | None, day: date) -> str | None:
        """Code of the unit that answers for the category at the place on the day, or None."""
        rule = self.deciding_rule(placement, category, day)
        return None if rule is None else rule.unit

    def deciding_rule(self, placement: Placement, category: str | None, day: date) -> Rule | None:
        """The rule that says who answers for the category at the place on the day, or None."""
        return next(self.rules_for(placement, category, day), None)

    def rules_for(self, placement: Placement, category: str | None, day: date) -> Iterator[Rule]:
        """The rules that fit the category at the place on the day; the first one decides.

        Events: area beats category (先属地后属主). Components and emergencies: category beats
        area (先属主后属地).
        """
        known = self.categories.get(category) if category else None
        keys: list[tuple[str | None, str | None]] = [(None, None)]
        if known is not None:
            keys = [(known.code, None), (None, known.category_group), (None, None)]
        areas = placement.levels_up()
        if self.by_category(category):
            order = [(area, *key) for key in keys for area in areas]
        else:
            order = [(area, *key) for area in areas for key in keys]
        for place in order:
            for rule in self._rules.get(place, ()):
                if rule.valid_on(day) and not self.units[rule.unit].retired:
                    yield rule

    def by_category(self, category: str | None) -> bool:
        """Whether category beats area for it (先属主后属地)."""
        known = self.categories.get(category) if category else None
        return known is not None and (known.kind == "component" or known.emergency)

    def placement_of(self, code: str) -> Placement:
        """Where an area of the tree lies, as if in none of the areas below it and no overlay."""
        chain = dict.fromkeys(TREE) | self._ancestors(code)
        return Placement(
            district=chain[Level.DISTRICT],
            street=chain[Level.STREET],
            community=chain[Level.COMMUNITY],
            grid=chain[Level.GRID] or "",
            overlays=(),
            how="inside",
        )

    def on_duty(self, placement: Placement, now: datetime) -> OnDuty:
        """Who checks cases at the place at the moment: hours and leave decide, then backup."""
        local = now.astimezone(LOCAL)
        codes = [c for c in placement.levels_up() if c not in placement.overlays]
        for code in codes:
            for duty in self._duties.get(code, ()):
                if duty.worker is None or not duty.covers(local):
                    continue
                for worker in (duty.worker, duty.backup):
                    if worker is not None and not self.is_absent(worker, now):
                        return OnDuty(worker=worker)
        for code in codes:
            for duty in self._duties.get(code, ()):
                if duty.unit is not None and not self.units[duty.unit].retired:
                    return OnDuty(unit=duty.unit)
        return OnDuty()

    def has_duty(self, worker: int, placement: Placement) -> bool:
        """Whether the worker has any hours at the place, now or at other times."""
        return any(
            worker in (duty.worker, duty.backup)
            for code in placement.levels_up()
            for duty in self._duties.get(code, ())
        )

    def is_absent(self, worker: int, now: datetime) -> bool:
        return any(a.worker == worker and a.starts_at <= now < a.ends_at for a in self.absences)

    def unit_path(self, code: str | None) -> tuple[str | None, str | None, str | None]:
        """The unit's ancestors and itself, root first, padded with None to three levels."""
        path: list[str | None] = []
        while code is not None:
            path.insert(0, code)
            code = self.units[code].parent
        padded = [*path, None, None, None]
        return (padded[0], padded[1], padded[2])

    def unit_subtree(self, code: str) -> list[str]:
        return [unit for unit in self.units if code in self.unit_path(unit)]

    def contractors(self, code: str | None) -> frozenset[str]:
        """Codes of the firms under a unit, which work for it."""
        below = () if code is None else self.unit_subtree(code)
        return frozenset(c for c in below if self.units[c].kind in ("contractor", "property"))

    def calendar_of(self, category: str | None, unit: str | None = None) -> WorkingCalendar:
        """The unit's calendar if it has its own, else the category's; office hours before a
        category is known."""
        own = self.units[unit].calendar if unit in self.units else None
        if own is None:
            own = self.categories[category].calendar if category in self.categories else OFFICE
        return self.calendars[own]

    def inside(self, code: str) -> Point | None:
        """A WGS-84 point inside the area; None for one that is not on the map."""
        area = self.areas.get(code)
        if area is None:
            return None
        found = area.boundary.representative_point()
        return Point(found.x, found.y)

    def area_name(self, code: str | None) -> str:
        return self.areas[code].name if code in self.areas else (code or "")

    def unit_name(self, code: str | None) -> str:
        return self.units[code].name if code in self.units else (code or "")

    def category_name(self, code: str | None) -> str:
        return self.categories[code].name if code in self.categories else "待定类别"

    @cached_property
    def served(self) -> str:
        """Names of the districts served, for people who are outside."""
        return "、".join(a.name for a in self.areas.values() if a.level is Level.DISTRICT)


class _Index:
    """Polygons in a spatial tree, in metres on a plane that touches the areas' middle.

    On that plane 0.1 m and 50 m mean the same in every direction; over a city the scale is off
    by less than one per cent.
    """

    def __init__(self, areas: Iterable[AreaShape]) -> None:
        ordered = sorted(areas, key=lambda area: area.code)
        self._codes = [area.code for area in ordered]
        shapes = [area.boundary for area in ordered]
        bounds = shapely.total_bounds(shapes) if shapes else (0.0, 0.0, 0.0, 0.0)
        degree = math.radians(1) * EARTH_RADIUS_M
        self._x = degree * math.cos(math.radians((bounds[1] + bounds[3]) / 2))
        self._y = degree
        scale = (self._x, self._y)
        self._shapes = [shapely.transform(shape, lambda c: c * scale) for shape in shapes]
        self._tree = shapely.STRtree(self._shapes)

    def _on_plane(self, point: Point) -> shapely.Point:
        return shapely.Point(point.longitude * self._x, point.latitude * self._y)

    def within(self, point: Point, metres: float) -> list[str]:
        found = self._tree.query(self._on_plane(point), predicate="dwithin", distance=metres)
        return [self._codes[i] for i in found]

    def nearest(self, point: Point, metres: float) -> str | None:
        if not self._codes or metres <= 0:
            return None
        found = self._tree.query_nearest(self._on_plane(point), max_distance=metres)
        return min((self._codes[i] for i in found), default=None)
