"""Cases on a map: where each is, how it stands, and from when to when it was open.

Columns of numbers instead of rows of words: 10,000 cases have to be read at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
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
TEXTS = ("number", "status", "category", "unit", "grid", "emergency")
DEGREES = ("longitude", "latitude")
MOMENTS = ("submitted_at", "due_at", "resolved_at", "closed_at")
_STATUSES = tuple(Status)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1) // _MICROSECOND
_EPOCH_MINUTE = int(_EPOCH.timestamp()) // 60
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Cases:
    """Columns of cases, all of one length: TEXTS, DEGREES, and MOMENTS as microseconds since 2000,
    hugely negative where there is none. `more`: there are further ones; `since` is when the oldest
    was reported where these are only the newest."""

    columns: dict[str, Any]
    more: bool = False
    since: datetime | None = None

    def __len__(self) -> int:
        return len(self.columns["number"])

    @classmethod
    def unpacked(cls, row: Row[Any], most: int) -> "Cases":
        """At most so many of what `case_list.places` gave."""
        columns: dict[str, Any] = {}
        for name in TEXTS:
            columns[name] = (getattr(row, name).split("\n") if row.rows else [])[:most]
        for names, form in ((DEGREES, ">f8"), (MOMENTS, ">i8")):
            for name in names:
                columns[name] = np.frombuffer(getattr(row, name) or b"", form)[:most]
        return cls(columns, more=row.rows > most)

    def and_also(self, other: "Cases") -> "Cases":
        columns: dict[str, Any] = {
            name: [*self.columns[name], *other.columns[name]] for name in TEXTS
        }
        for name in (*DEGREES, *MOMENTS):
            columns[name] = np.concatenate([self.columns[name], other.columns[name]])
        return Cases(columns, more=self.more or other.more)


NONE = Cases({name: [] for name in TEXTS} | {name: np.array([]) for name in (*DEGREES, *MOMENTS)})


def in_hand(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter, most: int = MOST) -> Cases:
    """The actor's open cases, those that are due first where there are too many; one statement."""
    given = _among(wanted, OPEN_STATUSES)
    if given is None:
        return NONE
    found = case_list.places(db, atlas, actor, replace(given, by_due=True, limit=most))
    return Cases.unpacked(found, most)


def in_period(
    db: Connection, atlas: Atlas, actor: Actor, wanted: Filter, most: int = MOST
) -> Cases:
    """The actor's cases reported in the filter's period, and those of before that were open in it,
    unless they were rejected, withdrawn or merged; at most three statements.

    Where there are too many, the newest only.
    """
    row = case_list.places(db, atlas, actor, replace(wanted, limit=most))
    found = Cases.unpacked(row, most)
    if found.more:
        return replace(found, since=_moment(found.columns["submitted_at"][-1]))
    earlier = replace(wanted, since=None, until=wanted.since)
    for statuses, change in (
        (OPEN_STATUSES, {"by_due": True}),
        ({Status.CLOSED}, {"closed_since": wanted.since}),
    ):
        given = _among(earlier, statuses)
        if given is None or found.more:
            continue
        room = most - len(found)
        row = case_list.places(db, atlas, actor, replace(given, limit=room, **change))
        found = found.and_also(Cases.unpacked(row, room))
    return found


def _among(wanted: Filter, statuses: Iterable[Status]) -> Filter | None:
    """The filter with these statuses only; None where it asks for none of them."""
    kept = set(wanted.statuses or Status) & set(statuses)
    return replace(wanted, statuses=sorted(kept)) if kept else None


def told(atlas: Atlas, found: Cases) -> dict[str, Any]:
    """Columns by name, for JSON with numpy. `status`, `category`, `unit` and `grid` are places in
    the lists `statuses` (codes and labels), `categories`, `units` and `grids` (names); `state` is
    one in STATES; times are minutes since 1970, 0 for none."""
    columns = found.columns
    categories, category = _coded(columns["category"])
    units, unit = _coded(columns["unit"])
    grids, grid = _coded(columns["grid"])
    statuses = {status.value: place for place, status in enumerate(_STATUSES)}
    return {
        "most": MOST,
        "more": found.more,
        "since": found.since,
        "statuses": [{"code": s.value, "name": STATUS_LABELS[s]} for s in _STATUSES],
        "categories": [atlas.category_name(code) for code in categories],
        "units": [atlas.unit_name(code) for code in units],
        "grids": [atlas.area_name(code) for code in grids],
        "cases": {
            "number": columns["number"],
            "x": np.round(columns["longitude"].astype(float), DIGITS),
            "y": np.round(columns["latitude"].astype(float), DIGITS),
            "status": [statuses[code] for code in columns["status"]],
            "state": states(atlas, columns, moment.now()),
            "emergency": [int(text == "true") for text in columns["emergency"]],
            "category": category,
            "unit": unit,
            "grid": grid,
            "submitted": _minutes(columns["submitted_at"]),
            "due": _minutes(columns["due_at"]),
            "resolved": _minutes(columns["resolved_at"]),
            "closed": _minutes(columns["closed_at"]),
        },
    }


def states(atlas: Atlas, columns: dict[str, Any], now: datetime) -> Any:
    """How each case stands at the moment, as a place in STATES: the same as `words.deadline` says
    of one. Of the columns it takes `status`, `category`, `unit` and `due_at`."""
    due, present = columns["due_at"], (now - _EPOCH) // _MICROSECOND
    keys, key = _coded([*zip(columns["category"], columns["unit"], strict=True)])
    until = [
        (timer.soon_until(_calendar(atlas, *pair), now) - _EPOCH) // _MICROSECOND for pair in keys
    ]
    soon = np.array(until, dtype=np.int64)[key] if keys else np.array([])
    runs = np.array([status in timer.HANDLING for status in columns["status"]], dtype=bool)
    runs &= due > _NEVER
    return np.select([~runs, due <= present, due <= soon], [0, 3, 2], 1)


def _calendar(atlas: Atlas, category: str, unit: str) -> Any:
    row = SimpleNamespace(category=category or None, unit=unit or None)
    return timer.handling_calendar(atlas, row)


def _coded(codes: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The codes that occur, and for each its place among them."""
    places = {code: place for place, code in enumerate(dict.fromkeys(codes))}
    return list(places), [places[code] for code in codes]


def _minutes(moments: Any) -> Any:
    found = moments.astype(np.int64) // _MINUTE + _EPOCH_MINUTE
    return np.where(moments > _NEVER, found, 0)


def _moment(microseconds: Any) -> datetime:
    return _EPOCH + int(microseconds) * _MICROSECOND
