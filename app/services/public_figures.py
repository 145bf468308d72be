"""Figures that everybody may read: counts, shares and medians of all cases, never of a person.

They are those of supervisors (docs/figures.md), made of the same cells, without units and staff.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from app.services import audit_figures, audit_times
from app.services.audit_selection import Selection, State, state
from app.services.public import FEWEST
from models import moment
from models.calendar import LOCAL
from models.case import OPEN
from models.measures import percent
from models.period import Period, next_month
from models.routing import Atlas

MONTHS = 12
"""Whole months before the running one."""
DAYS = 30
GROUPS = {"groups": "group", "streets": "street"}
_OPEN = text(f'SELECT count(*) FROM "case" WHERE {OPEN.text}')  # noqa: S608  (a constant)


def figures(db: Connection, atlas: Atlas) -> dict[str, Any]:
    """The last MONTHS months and the running one, the running month and the last DAYS days by
    category group and by street, and how many cases are open now."""
    today = moment.now().astimezone(LOCAL).date()
    running = Period(today.replace(day=1), next_month(today))
    whole = Period(_months_before(running.first, MONTHS), running.end)
    recent = Period(today - timedelta(days=DAYS - 1), today + timedelta(days=1))
    here = state(db, whole)
    return {
        "fewest": FEWEST,
        "open": db.execute(_OPEN).scalar_one(),
        "months": _by_month(db, atlas, whole, here),
        "this_month": _divided(db, atlas, running, here),
        "last_30_days": _divided(db, atlas, recent, here),
    }


def _months_before(month: date, amount: int) -> date:
    for _ in range(amount):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _by_month(db: Connection, atlas: Atlas, period: Period, here: State) -> list[dict[str, Any]]:
    _, parts = _counted(db, atlas, Selection(period, "month"), here)
    return [
        {"month": f"{month:%Y-%m}"} | parts.get(month.isoformat(), {}).get("told", _told({}, {}))
        for month in period.months()
    ]


def _divided(db: Connection, atlas: Atlas, period: Period, here: State) -> dict[str, Any]:
    """A period's total and parts; those with most reports first."""
    found: dict[str, Any] = {"since": period.first, "until": period.last}
    for name, group_by in GROUPS.items():
        found["total"], parts = _counted(db, atlas, Selection(period, group_by), here)
        items = [
            {"code": key or None, "name": part["name"] or "未定位"} | part["told"]
            for key, part in parts.items()
        ]
        some = [item for item in items if item["reported"] or item["closed"]]
        found[name] = sorted(some, key=lambda item: (-item["reported"], str(item["code"])))
    return found


def _counted(
    db: Connection, atlas: Atlas, wanted: Selection, here: State
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """What is told of all, and by key the name and what is told of it."""
    sums = audit_figures.figures(db, atlas, wanted, here)
    times = audit_times.response_times(db, atlas, wanted, here)
    stages = {item["key"] or "": item for item in times["items"]}
    counts = {item["key"] or "": item for item in sums["items"]}
    parts = {
        key: {
            "name": (counts.get(key) or stages[key])["name"],
            "told": _told(
                counts.get(key, {}).get("counts", {}), stages.get(key, {}).get("stages", {})
            ),
        }
        for key in sorted({*counts, *stages})
    }
    return _told(sums["total"]["counts"], times["total"]["stages"]), parts


def _told(counts: Mapping[str, int], stages: Mapping[str, Any]) -> dict[str, Any]:
    """Counts, shares in percent and a median in minutes, null where they are of fewer than FEWEST.

    In time is of what was handled or is late: what is not due yet is not judged.
    """
    close = stages.get("close", {"count": 0, "clock_minutes": {"median": None}})
    in_time, late = counts.get("resolved_in_time", 0), counts.get("late", 0)
    answered = counts.get("answered", 0)
    return {
        "reported": counts.get("reported", 0),
        "closed": close["count"],
        "judged": in_time + late,
        "in_time_percent": _share(in_time, in_time + late),
        "median_minutes": close["clock_minutes"]["median"] if close["count"] >= FEWEST else None,
        "answered": answered,
        "solved_percent": _share(counts.get("solved", 0), answered),
        "satisfied_percent": _share(counts.get("satisfied", 0), answered),
    }


def _share(part: int, of: int) -> float | None:
    return percent(part, of) if of >= FEWEST else None
