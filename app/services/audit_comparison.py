"""Figures beside those of the period before and of the same period a year earlier."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.services import audit_figures, audit_freeze
from app.services.audit_groups import named
from app.services.audit_selection import Selection, State, state
from models import period
from models.measures import FIGURES, figure
from models.period import Period
from models.routing import Atlas

EARLIER = {"before": period.before, "year": period.year_before}
MONTHS = 12
"""So many months are told of where months are compared."""
Share = Mapping[str, Any]


def comparison(
    db: Connection, atlas: Atlas, wanted: Selection, here: State, name: str
) -> dict[str, Any]:
    """One figure of each group, best first, and in total; `before` and `year` hold the `share` of
    the earlier periods and by how many percentage points it `changed` since."""
    now = audit_figures.figures(db, atlas, wanted, here, name)
    periods = {which: shift(wanted.period) for which, shift in EARLIER.items()}
    parts = {which: _of(db, atlas, wanted, asked) for which, asked in periods.items()}
    groups = {which: {one["key"]: one for one in part["items"]} for which, part in parts.items()}
    items = now["items"] + _gone(db, atlas, wanted, now["items"], groups)
    return {
        "figure": name,
        "periods": {"now": wanted.period} | periods,
        "earlier_frozen": {which: part["frozen"] for which, part in parts.items()},
        "total": _row(now["total"], {which: part["total"] for which, part in parts.items()}, name),
        "items": [
            {"key": one["key"], "name": one["name"], "rank": one.get("rank")}
            | _row(one, {which: own.get(one["key"]) for which, own in groups.items()}, name)
            for one in items
        ],
    }


def _gone(
    db: Connection,
    atlas: Atlas,
    wanted: Selection,
    now: Sequence[Mapping[str, Any]],
    earlier: Mapping[str, Mapping[str | None, Any]],
) -> list[dict[str, Any]]:
    """Groups that only the earlier periods know."""
    known = {one["key"] for one in now}
    keys = sorted({key or "" for own in earlier.values() for key in own if key not in known})
    names = named(db, atlas, wanted.group_by, keys)
    nothing = {name: _nothing(name) for name in FIGURES}
    return [{"key": key or None, "name": names[key], "figures": nothing} for key in keys]


def totals(
    db: Connection, atlas: Atlas, wanted: Selection, now: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Every figure of a selection's total, beside the earlier periods' (as `comparison`)."""
    earlier = {
        which: _of(db, atlas, wanted.alone(), shift(wanted.period))["total"]
        for which, shift in EARLIER.items()
    }
    return {name: _row(now, earlier, name) for name in FIGURES}


def months(
    db: Connection, atlas: Atlas, wanted: Selection, here: State, name: str
) -> list[dict[str, Any]]:
    """One figure of each of the twelve months that end with the period's last, the oldest first;
    `before` is the month before, `year` the month a year earlier."""
    last = wanted.period.last.replace(day=1)
    shown = _back(last, MONTHS)
    span = Period(_back(last, 2 * MONTHS)[0], period.next_month(last))
    by_month = replace(wanted, period=span, group_by="month", key=None)
    found = audit_figures.figures(db, atlas, by_month, replace(here, frozen=None))
    known = {date.fromisoformat(one["key"]): one for one in found["items"]}
    return [
        {"month": month, "frozen": month in here.months}
        | _row(
            known.get(month),
            {
                which: known.get(shift(Period(month, period.next_month(month))).first)
                for which, shift in EARLIER.items()
            },
            name,
        )
        for month in shown
    ]


def _back(last: date, amount: int) -> list[date]:
    found = [last]
    while len(found) < amount:
        found.insert(0, period.before(Period(found[0], period.next_month(found[0]))).first)
    return found


def _of(db: Connection, atlas: Atlas, wanted: Selection, asked: Period) -> dict[str, Any]:
    then = state(db, asked)
    found = audit_figures.figures(db, atlas, replace(wanted, period=asked), then)
    return found | {"frozen": audit_freeze.told(then.frozen)}


def _nothing(name: str) -> dict[str, Any]:
    one = FIGURES[name]
    return figure(name, dict.fromkeys((one.numerator, one.denominator, one.less), 0))


def _row(
    now: Mapping[str, Any] | None, earlier: Mapping[str, Mapping[str, Any] | None], name: str
) -> dict[str, Any]:
    share = now["figures"][name] if now else _nothing(name)
    row: dict[str, Any] = {"share": share, "counts": now.get("counts", {}) if now else {}}
    for which, part in earlier.items():
        then = part["figures"][name] if part else _nothing(name)
        row[which] = {"share": then, "changed": points(share, then)}
    return row


def points(now: Share, then: Share) -> float | None:
    """By how many percentage points a share changed; None where either is a share of nothing."""
    if now["value"] is None or then["value"] is None:
        return None
    return round(float(now["value"]) - float(then["value"]), 2)
