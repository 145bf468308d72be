"""What every audit says of itself, what its filters may be, and lists read to their end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services import audit_freeze
from app.services.audit_selection import AUDITORS, Selection, State
from models.account import Actor, Scope
from models.routing import AreaShape, Atlas, UnitInfo

FILTERS = ("area", "unit", "category", "source")
BATCH = 5000
After = tuple[date, int, int]


def about(wanted: Selection, here: State) -> dict[str, Any]:
    """The period, the filters as scope and caller set them, and how far the data go."""
    asked = wanted.period
    return {
        "period": {"name": asked.name, "begins": asked.begins, "ends": asked.ends},
        "filter": {name: getattr(wanted, name) for name in FILTERS},
        "group_by": wanted.group_by,
        "as_of": here.now,
        "frozen": audit_freeze.told(here.frozen),
    }


def asked_again(wanted: Selection, key: str | None, *, grouped: bool) -> dict[str, str]:
    """The query that picks a group's rounds out of a selection; `count` is still to be added."""
    values = {
        "since": wanted.period.first.isoformat(),
        "until": wanted.period.last.isoformat(),
        **{name: getattr(wanted, name) for name in FILTERS},
    }
    if grouped:
        values |= {"group_by": wanted.group_by, "key": key or ""}
    return {name: value for name, value in values.items() if value is not None}


def every(
    rows_of: Callable[[After | None, int], Sequence[Any]],
    shape: Callable[[Sequence[Any]], list[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """All rows of a list, read in batches; `rows_of` gives those behind a row, one more than
    asked for where there are more."""
    after = None
    while True:
        found = rows_of(after, BATCH)
        page = found[:BATCH]
        yield from shape(page)
        if len(found) == len(page):
            return
        last = page[-1]
        after = (last.day, last.case_id, last.round)


@dataclass(frozen=True, slots=True)
class Choices:
    """What an auditor may filter by, and the scopes of which one has to be chosen first."""

    areas: tuple[AreaShape, ...]
    units: tuple[UnitInfo, ...]
    scopes: tuple[tuple[str, str, str], ...]
    """Filter (`area` or `unit`), code and name; empty for who sees everything."""


def choices(atlas: Atlas, actor: Actor) -> Choices:
    grants = [grant for grant in actor.grants if grant.role in AUDITORS]
    areas, units = tuple(atlas.areas.values()), tuple(atlas.units.values())
    if any(grant.scope is Scope.ALL for grant in grants):
        return Choices(areas, units, ())
    own_areas = {grant.code for grant in grants if grant.scope is Scope.AREA}
    own_units = {grant.code for grant in grants if grant.scope is Scope.UNIT}
    names = {"area": atlas.area_name, "unit": atlas.unit_name}
    scopes = sorted({(grant.scope.value, grant.code) for grant in grants})
    return Choices(
        areas if own_units else tuple(a for a in areas if own_areas & {*_up(atlas, a.code)}),
        units if own_areas else tuple(u for u in units if own_units & {*atlas.unit_path(u.code)}),
        tuple((what, code, names[what](code)) for what, code in scopes),
    )


def _up(atlas: Atlas, code: str | None) -> Iterator[str]:
    while code is not None and code in atlas.areas:
        yield code
        code = atlas.areas[code].parent
