"""Cases on a map: where each is, how it stands, and from when to when it was open.

Columns of numbers instead of rows of words: 10,000 cases have to be read at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.services import case_list, timer
from app.services.case_list import Filter
from models import moment
from models.account import Actor
from models.routing import Atlas
from models.status import OPEN_STATUSES, STATUS_LABELS, Status

MOST = 10_000
"""More cases than this are not shown at once."""
DIGITS = 6
STATES = ("none", "fine", "soon", "late")
"""How a case's handling clock stands: not running, or as `words.remaining` says it."""
COLUMNS = (
    *("number", "x", "y", "status", "state", "emergency", "category", "unit", "grid"),
    *("submitted", "due", "resolved", "closed"),
)
_NONE: list[tuple[Any, ...]] = [()] * len(COLUMNS)
_STATUSES = tuple(Status)
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What a map shows. `more`: there are further cases; `since` is when the oldest shown one was
    reported where only the newest are."""

    rows: Sequence[Row[Any]]
    more: bool
    since: datetime | None = None


def in_hand(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter, most: int = MOST) -> Shown:
    """The actor's open cases, those that are due first where there are too many; one statement."""
    given = _among(wanted, OPEN_STATUSES)
    if given is None:
        return Shown((), more=False)
    rows = case_list.places(db, atlas, actor, replace(given, by_due=True, limit=most))
    return Shown(rows[:most], more=len(rows) > most)


def in_period(
    db: Connection, atlas: Atlas, actor: Actor, wanted: Filter, most: int = MOST
) -> Shown:
    """The actor's cases reported in the filter's period, and those of before that were open in it,
    unless they were rejected, withdrawn or merged; at most three statements.

    Where there are too many, the newest only.
    """
    rows = list(case_list.places(db, atlas, actor, replace(wanted, limit=most)))
    if len(rows) > most:
        return Shown(rows[:most], more=True, since=rows[most - 1].submitted_at)
    earlier = replace(wanted, since=None, until=wanted.since)
    more = False
    for statuses, change in (
        (OPEN_STATUSES, {"by_due": True}),
        ({Status.CLOSED}, {"closed_since": wanted.since}),
    ):
        given = _among(earlier, statuses)
        if given is None or more:
            continue
        room = most - len(rows)
        found = case_list.places(db, atlas, actor, replace(given, limit=room, **change))
        rows += found[:room]
        more = len(found) > room
    return Shown(rows, more)


def _among(wanted: Filter, statuses: Iterable[Status]) -> Filter | None:
    """The filter with these statuses only; None where it asks for none of them."""
    kept = set(wanted.statuses or Status) & set(statuses)
    return replace(wanted, statuses=sorted(kept)) if kept else None


def told(atlas: Atlas, shown: Shown) -> dict[str, Any]:
    """Columns by name, all of one length. `status`, `category`, `unit` and `grid` are places in
    the lists `statuses` (codes and labels), `categories`, `units` and `grids` (names); `state` is
    one in STATES; times are minutes since 1970, 0 for none."""
    standing = states(atlas, moment.now())
    statuses = {status.value: place for place, status in enumerate(_STATUSES)}
    categories, units, grids = _Names(), _Names(), _Names()
    rows = [
        (
            row.number,
            round(row.longitude, DIGITS),
            round(row.latitude, DIGITS),
            statuses[row.status],
            standing(row),
            int(row.emergency),
            categories[row.category],
            units[row.unit],
            grids[row.grid],
            _minute(row.submitted_at),
            _minute(row.due_at),
            _minute(row.resolved_at),
            _minute(row.closed_at),
        )
        for row in shown.rows
    ]
    return {
        "most": MOST,
        "more": shown.more,
        "since": shown.since,
        "statuses": [{"code": s.value, "name": STATUS_LABELS[s]} for s in _STATUSES],
        "categories": [atlas.category_name(code) for code in categories.known],
        "units": [atlas.unit_name(code) for code in units.known],
        "grids": [atlas.area_name(code) for code in grids.known],
        "cases": dict(zip(COLUMNS, zip(*rows, strict=True) if rows else _NONE, strict=True)),
    }


class _Names(dict[str | None, int]):
    """Gives each code its place in a list."""

    def __missing__(self, code: str | None) -> int:
        self[code] = len(self)
        return self[code]

    @property
    def known(self) -> list[str | None]:
        return list(self)


def _minute(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp()) // _MINUTE_S


def states(atlas: Atlas, now: datetime) -> Callable[[Any], int]:
    """How a case stands at the moment, as a place in STATES: the same as `words.deadline` says,
    for many at once."""
    until: dict[tuple[str | None, str | None], datetime] = {}

    def state(row: Any) -> int:
        if row.due_at is None or row.status not in timer.HANDLING:
            return 0
        if row.due_at <= now:
            return 3
        key = row.category, row.unit
        if key not in until:
            until[key] = timer.soon_until(timer.handling_calendar(atlas, row), now)
        return 2 if row.due_at <= until[key] else 1

    return state
