"""A unit's month: what its sheet tells."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from app.services import (
    audit_cases,
    audit_comparison,
    audit_figures,
    audit_freeze,
    audit_times,
    installation,
)
from app.services.audit_answer import about
from app.services.audit_selection import Selection, State, select_within, state
from models import moment
from models.account import Actor
from models.period import Period, before
from models.routing import Atlas

MOST_LATE = 200
"""So many late cases are listed; the page of late cases lists all."""


def unit_month(
    db: Connection, atlas: Atlas, actor: Actor, unit: str, month: Period
) -> dict[str, Any]:
    """Figures, counts, response times and late cases of a unit with its subtree. `dated` is the
    moment that the sheet bears: of a frozen month that of its freezing, as nothing in it changes
    afterwards.

    Raises:
        Forbidden: no role that audits.
        NotFound: no such unit in the actor's scope.
    """
    wanted = select_within(atlas, actor, month, unit=unit)
    here = state(db, month)
    total = audit_figures.figures(db, atlas, wanted, here)["total"]
    earlier = state(db, before(month))
    return about(wanted, here) | {
        "unit": unit,
        "unit_name": atlas.unit_name(unit),
        "area_name": atlas.area_name(wanted.area) if wanted.area else None,
        "district": atlas.served,
        "month": month.first,
        "dated": here.frozen.frozen_at if here.frozen else moment.now(),
        "demo": installation.is_demo(db),
        "total": total,
        "month_before": _earlier(db, atlas, wanted, earlier, total),
        "stages": audit_times.response_times(db, atlas, wanted, here)["total"]["stages"],
        "late": _late(db, atlas, wanted, here),
    }


def _earlier(
    db: Connection, atlas: Atlas, wanted: Selection, here: State, now: Mapping[str, Any]
) -> dict[str, Any]:
    """The figures of the month before and how they changed since."""
    selection = replace(wanted, period=before(wanted.period))
    then = audit_figures.figures(db, atlas, selection, here)["total"]["figures"]
    return {
        "frozen": audit_freeze.told(here.frozen),
        "figures": {
            name: {"share": then[name], "changed": audit_comparison.points(share, then[name])}
            for name, share in now["figures"].items()
        },
    }


def _late(db: Connection, atlas: Atlas, wanted: Selection, here: State) -> dict[str, Any]:
    rows = audit_cases.late(db, wanted, here, atlas, "all", limit=MOST_LATE)
    page = rows[:MOST_LATE]
    return {
        "items": audit_cases.lateness(db, atlas, here, page),
        "more": len(rows) > len(page),
    }
