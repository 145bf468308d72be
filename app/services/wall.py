"""What hangs on a wall: figures of today and of the month, what is open now, the last thirty days,
units in order, what is late. Sums of the audit, and open cases; no case of the past is read."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from app.services import audit_figures, audit_times, case_list, case_map, scope
from app.services.audit_selection import Selection, State, select_within, state
from app.services.case_list import Filter
from models.account import Actor, Role, Scope
from models.measures import FEWEST_RANKED
from models.period import Period
from models.routing import Atlas
from models.status import Status

WATCHERS = frozenset({Role.SUPERVISOR, Role.DISPATCHER, Role.ADMIN})
DAYS = 30
RANKED_BY = "resolution_in_time_rate"
RATES = ("resolution_in_time_rate", "closing_in_time_rate", "late_rate")
MOST_RANKED, MOST_LATE, MOST_ON_MAP = 10, 10, 5_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class View:
    """What one wall shows: an area or a unit, or all; and the watcher, with no other role."""

    actor: Actor
    name: str
    area: str | None = None
    unit: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """How an address names it."""
        return {name: code for name in ("area", "unit") if (code := getattr(self, name))}


def views(atlas: Atlas, actor: Actor) -> list[View]:
    """What the actor may put on a wall, one for each scope.

    Raises:
        Forbidden: nothing.
    """
    grants = scope.held(actor, WATCHERS, "大屏只给受理派遣员、督查员和管理员看")
    watcher = replace(actor, grants=tuple(grants))
    if any(grant.scope is Scope.ALL for grant in grants):
        return [View(watcher, atlas.served)]
    found = []
    for kind, code in sorted({(grant.scope, grant.code) for grant in grants}):
        if kind is Scope.AREA:
            found.append(View(watcher, atlas.area_name(code), area=code))
        else:
            found.append(View(watcher, atlas.unit_name(code), unit=code))
    return found


def chosen(atlas: Atlas, actor: Actor, area: str | None = None, unit: str | None = None) -> View:
    """The view of an area or a unit within the actor's scopes; without either the first.

    Raises:
        Forbidden: no view at all. NotFound: none of this area or unit.
    """
    every = views(atlas, actor)
    if area is None and unit is None:
        return every[0]
    period = Period(date(2000, 1, 1), date(2000, 1, 2))
    select_within(atlas, every[0].actor, period, area=area, unit=unit)
    name = atlas.area_name(area) if area else atlas.unit_name(unit)
    return View(every[0].actor, name, area, unit)


def shown(db: Connection, atlas: Atlas, view: View, today: date) -> dict[str, Any]:
    """All of a wall but the late cases' words; a fixed number of statements."""
    tomorrow, month = today + _DAY, today.replace(day=1)
    recent = Period(today - timedelta(days=DAYS - 1), tomorrow)
    whole = Period(min(month, recent.first - _DAY), tomorrow)
    here = state(db, whole)
    days = _days(db, atlas, _selection(atlas, view, whole, "day"), here)
    so_far = _selection(atlas, view, Period(month, tomorrow))
    columns = audit_figures.columns_of(*RATES)
    in_month = audit_figures.figures(db, atlas, so_far, here, columns=columns)["total"]
    wanted = Filter(area=_some(view.area), unit=_some(view.unit))
    return {
        "as_of": here.as_of,
        "open": _open(case_list.counts(db, atlas, view.actor, wanted)),
        "today": _summed(days, [today]),
        "month": _summed(days, [day for day in days if day >= month])
        | {"late": in_month["counts"]["late"]}
        | {"rates": {name: in_month["figures"][name] for name in RATES}},
        "days": {day.isoformat(): days[day] for day in days if recent.first - _DAY <= day < today},
        "ranking": _ranking(db, atlas, _selection(atlas, view, recent, "unit"), here),
        "map": _map(db, atlas, view, wanted),
        "late": case_list.cases(
            db, atlas, view.actor, replace(wanted, overdue=True, by_due=True, limit=MOST_LATE)
        )[:MOST_LATE],
    }


def _some(code: str | None) -> tuple[str, ...]:
    return (code,) if code else ()


def _selection(atlas: Atlas, view: View, period: Period, group_by: str | None = None) -> Selection:
    return select_within(
        atlas, view.actor, period, group_by=group_by, area=view.area, unit=view.unit
    )


def _days(
    db: Connection, atlas: Atlas, wanted: Selection, here: State
) -> dict[date, dict[str, int]]:
    """What came in, was accepted of it, and was closed on each day."""
    sums = audit_figures.summed(db, wanted, here, ("reported", "accepted"))
    _, times = audit_times.from_histograms(db, atlas, wanted, here)
    found = {}
    day = wanted.period.first
    while day < wanted.period.end:
        key = day.isoformat()
        own = sums.get(key, {})
        closed = times.get(key, {}).get("close_clock", (0, []))[0]
        found[day] = {
            "reported": own.get("reported", 0),
            "accepted": own.get("accepted", 0),
            "closed": closed,
        }
        day += _DAY
    return found


def _summed(days: dict[date, dict[str, int]], wanted: list[date]) -> dict[str, int]:
    names = ("reported", "accepted", "closed")
    return {name: sum(days[day][name] for day in wanted) for name in names}


def _open(rows: Any) -> dict[str, int]:
    """Of the cases open now: how many, which wait for the desk, are late, or are emergencies."""
    late = {Status.SUBMITTED, Status.VERIFYING, Status.ASSIGNED, Status.IN_PROGRESS}
    return {
        "total": sum(row.cases for row in rows),
        "waiting": sum(row.cases for row in rows if row.status == Status.SUBMITTED),
        "late": sum(row.due for row in rows if row.status in late),
        "emergencies": sum(row.cases for row in rows if row.emergency),
        "emergencies_late": sum(row.due for row in rows if row.emergency and row.status in late),
    }


def _ranking(db: Connection, atlas: Atlas, wanted: Selection, here: State) -> dict[str, Any]:
    """Units in order of what they handled in time; those with few cases have no place."""
    columns = audit_figures.columns_of(RANKED_BY)
    items = audit_figures.figures(db, atlas, wanted, here, RANKED_BY, columns)["items"]
    placed = [
        {"rank": item["rank"], "name": item["name"]} | item["figures"][RANKED_BY]
        for item in items
        if item["rank"] is not None
    ]
    few = sum(
        1 for item in items if item["rank"] is None and item["figures"][RANKED_BY]["denominator"]
    )
    return {
        "items": placed[:MOST_RANKED],
        "more": max(0, len(placed) - MOST_RANKED),
        "few": few,
        "fewest": FEWEST_RANKED,
        "since": wanted.period.first,
    }


def _map(db: Connection, atlas: Atlas, view: View, wanted: Filter) -> dict[str, Any]:
    found = case_map.in_hand(db, atlas, view.actor, wanted, MOST_ON_MAP)
    cases = case_map.told(atlas, found)["cases"]
    return {name: cases[name] for name in ("x", "y", "state", "emergency")} | {"more": found.more}
