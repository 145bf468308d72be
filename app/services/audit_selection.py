"""What an audit is asked for: period, filters within the caller's scope, grouping; and the SQL
that finds it in cells or rounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from models import moment
from models.account import Actor, Grant, Role, Scope
from models.area import TREE, Level
from models.audit import HOLDER_PAIR, PAIRS
from models.errors import Forbidden, InvalidInput, NotFound
from models.period import Period, next_month
from models.routing import Atlas
from models.submission import Source

AUDITORS = (Role.SUPERVISOR, Role.DISPATCHER, Role.ADMIN, Role.UNIT_STAFF)
LEVELS = (*TREE, Level.OVERLAY)
"""Levels in the order in which they stand in a place."""
TIME_GROUPS = {"month": "1 month", "week": "7 days", "day": "1 day"}
GROUPS = {
    "district": "区",
    "street": "街道",
    "community": "社区",
    "grid": "网格",
    "overlay": "专属责任区",
    "unit": "责任单位",
    "root_unit": "主管单位",
    "category": "小类",
    "group": "大类",
    "kind": "事件或部件",
    "source": "来源",
    "worker": "经办人",
    "month": "月",
    "week": "周",
    "day": "日",
}
"""What figures are grouped by."""
_SMALLEST_FIRST = (
    *("unit_source", "category_source", "grid_source", "unit_category"),
    *("worker_unit", "worker_community", "community_category", "grid_unit"),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Rounds of a period, with the filters that scope and caller set; `key` picks one group."""

    period: Period
    group_by: str | None = None
    area: str | None = None
    area_level: Level | None = None
    unit: str | None = None
    category: str | None = None
    source: str | None = None
    key: str | None = None

    @property
    def by_time(self) -> bool:
        return self.group_by in TIME_GROUPS

    def alone(self) -> "Selection":
        """The same without groups."""
        return replace(self, group_by=None, key=None)


def select_within(
    atlas: Atlas,
    actor: Actor,
    period: Period,
    *,
    group_by: str | None = None,
    area: str | None = None,
    unit: str | None = None,
    category: str | None = None,
    source: str | None = None,
    key: str | None = None,
) -> Selection:
    """What the actor may see of what is asked for.

    Raises:
        Forbidden: no role that audits.
        NotFound: an area or unit that does not exist in the actor's scope.
        InvalidInput: an unknown category or source; several scopes of which none is chosen.
    """
    grants = require_auditor(actor)
    if category is not None and category not in atlas.categories:
        raise InvalidInput.at("/category", f"没有这个类别：{category}")
    if source is not None and source not in list(Source):
        raise InvalidInput.at("/source", f"没有这个来源，只能是：{'、'.join(Source)}")
    if area is not None and area not in atlas.areas:
        raise NotFound("没有这个区域，或不在您的范围内")
    if unit is not None and unit not in atlas.units:
        raise NotFound("没有这个责任单位，或不在您的范围内")
    area, unit = _within(atlas, grants, area, unit)
    level = atlas.areas[area].level if area in atlas.areas else None
    if area is not None and level is None:
        level = Level.GRID
    return Selection(period, group_by, area, level, unit, category, source, key)


def require_auditor(actor: Actor) -> list[Grant]:
    """The grants that let the actor see figures; Forbidden without any."""
    grants = [grant for grant in actor.grants if grant.role in AUDITORS]
    if not grants:
        raise Forbidden("只有督查员、受理派遣员、责任单位和管理员可以查看考核数据")
    return grants


def _within(
    atlas: Atlas, grants: Sequence[Grant], area: str | None, unit: str | None
) -> tuple[str | None, str | None]:
    """Area and unit filters narrowed to one of the grants."""
    if any(grant.scope is Scope.ALL for grant in grants):
        return area, unit
    scopes = {(grant.scope, grant.code) for grant in grants}
    fitting = {found for scope in scopes if (found := _narrowed(atlas, *scope, area, unit))}
    if not fitting:
        raise NotFound("没有这个区域或责任单位，或不在您的范围内")
    if len(fitting) > 1:
        names = "、".join(sorted(code for _, code in scopes))
        raise InvalidInput.at("/area", f"您有多个范围，请用 area 或 unit 选择其一：{names}")
    return fitting.pop()


def _narrowed(
    atlas: Atlas, scope: Scope, code: str, area: str | None, unit: str | None
) -> tuple[str | None, str | None] | None:
    """Area and unit inside one scope; None where they lie outside."""
    if scope is Scope.AREA:
        inside = area is None or code in _ancestors(atlas, area)
        return (area or code, unit) if inside else None
    inside = unit is None or code in atlas.unit_path(unit)
    return (area, unit or code) if inside else None


def _ancestors(atlas: Atlas, code: str | None) -> Iterable[str]:
    while code is not None and code in atlas.areas:
        yield code
        code = atlas.areas[code].parent


@dataclass(frozen=True, slots=True)
class Dimensions:
    """SQL expressions for what cells or rounds are grouped and filtered by; `day` is the day that
    a sum belongs to."""

    place: str = "place"
    unit: str = "unit"
    category: str = "category"
    source: str = "source"
    worker: str = "CAST(worker AS text)"
    holder: str = "holder"
    day: str = "day"

    def of(self, group_by: str | None) -> str:
        """The key of a group, a text."""
        if group_by is None:
            return "''"
        if group_by in TIME_GROUPS:
            return f"CAST(CAST(date_trunc('{group_by}', {self.day}) AS date) AS text)"
        if group_by in list(LEVELS):
            return f"split_part({self.place}, '/', {LEVELS.index(Level(group_by)) + 1})"
        column = {
            "unit": f"split_part({self.unit}, '/', -1)",
            "root_unit": f"split_part({self.unit}, '/', 1)",
            "group": self.category,
            "kind": self.category,
        }.get(group_by)
        return f"coalesce({column or getattr(self, group_by)}, '')"

    def matches(self, wanted: Selection) -> tuple[str, dict[str, Any]]:
        """A condition for the filters and the chosen key, with its parameters."""
        terms, values = ["true"], {}
        if wanted.area is not None and wanted.area_level is not None:
            terms.append(f"{self.of(wanted.area_level.value)} = :area")
            values["area"] = wanted.area
        if wanted.unit is not None:
            terms.append(f":unit = ANY(string_to_array({self.unit}, '/'))")
            values["unit"] = wanted.unit
        for name in ("category", "source"):
            if getattr(wanted, name) is not None:
                terms.append(f"{getattr(self, name)} = :{name}")
                values[name] = getattr(wanted, name)
        return " AND ".join(terms), values


ROUNDS = Dimensions()
"""Dimensions in a round's own columns."""


def pair_for(wanted: Selection) -> str | None:
    """The smallest pair of dimensions that knows all that is asked; None where only rounds do."""
    levels = [
        LEVELS.index(Level(level))
        for level in (wanted.area_level, wanted.group_by)
        if level in list(LEVELS)
    ]
    needed = set()
    if levels:
        needed.add("community" if max(levels) <= LEVELS.index(Level.COMMUNITY) else "grid")
    by = {"root_unit": "unit", "group": "category", "kind": "category"}
    dimension = by.get(wanted.group_by or "", wanted.group_by)
    if dimension in ("unit", "category", "source", "worker"):
        needed.add(dimension)
    needed |= {name for name in ("unit", "category", "source") if getattr(wanted, name)}
    if wanted.group_by == "holder":
        return HOLDER_PAIR if needed <= {"community"} else None
    for name in _SMALLEST_FIRST:
        known = set(PAIRS[name]) | ({"community"} if "grid" in PAIRS[name] else set())
        if needed <= known:
            return name
    return None


def dimensions_of(pair: str) -> Dimensions:
    """Where a pair's cells keep their dimensions."""
    names = ("holder", "community") if pair == HOLDER_PAIR else PAIRS[pair]
    where = {
        ("place" if name in ("grid", "community") else name): column
        for name, column in zip(names, ("a", "b"), strict=True)
    }
    return Dimensions(**where)


@dataclass(frozen=True, slots=True)
class State:
    """How far the audit has come: `as_of` is the moment up to which every commit is in it;
    `frozen` the month that is asked for, if it is frozen."""

    as_of: datetime
    stale: frozenset[date]
    frozen: Any = None
    months: frozenset[date] = field(default=frozenset())

    @property
    def now(self) -> datetime:
        """The moment that open rounds are judged at."""
        found: datetime = self.frozen.as_of if self.frozen is not None else self.as_of
        return found

    @property
    def rounds(self) -> str:
        """The table of rounds to read, as SQL."""
        if self.frozen is None:
            return "audit_round"
        month = self.frozen.month.isoformat()
        return f"(SELECT * FROM audit_frozen_round WHERE month = '{month}') AS frozen"  # noqa: S608


_STATE = text(
    """
    SELECT (SELECT min(at) FROM audit_queue) AS waiting,
           (SELECT array_agg(month) FROM audit_stale) AS stale,
           (SELECT array_agg(month) FROM audit_frozen_month) AS months
    """
)
_FROZEN = text("SELECT * FROM audit_frozen_month WHERE month = :month")


def state(db: Connection, period: Period) -> State:
    found = db.execute(_STATE).one()
    months = frozenset(found.months or ())
    frozen = None
    if period.month in months:
        frozen = db.execute(_FROZEN, {"month": period.month}).one()
    now = moment.now()
    as_of = min(now, found.waiting) if found.waiting is not None else now
    return State(as_of, frozenset(found.stale or ()) - months, frozen, months)


def spans(period: Period, here: State, *, by_day: bool) -> dict[str, list[date]]:
    """Parameters of `cells`: the whole months that are summed up, and the days beside them."""
    months = [] if by_day else [m for m in period.months() if m not in here.stale]
    firsts, untils = [], []
    day = period.first
    for month in [*months, period.end]:
        if day < month:
            firsts.append(day)
            untils.append(month)
        day = next_month(month)
    return {"months": months, "firsts": firsts, "untils": untils}


def cells(kind: str = "") -> str:
    """Cells of a pair in the months and days of `spans`, as a SQL table; `kind` `_time` for
    histograms."""
    return f"""
        (SELECT cell.* FROM audit_month{kind} AS cell
         WHERE cell.pair = :pair AND cell.day = ANY(CAST(:months AS date[]))
         UNION ALL
         SELECT cell.* FROM unnest(CAST(:firsts AS date[]), CAST(:untils AS date[]))
                            AS span (first, until)
         JOIN audit_day{kind} AS cell
           ON cell.pair = :pair AND cell.day >= span.first AND cell.day < span.until) AS cell
        """  # noqa: S608
