"""Rows valid from day to day: what a new list changes, without touching the past. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Dated:
    """A row known by `key`, valid from the first to the last day inclusive.

    `valid_from` None is "from when it is valid already, else from today"; `valid_to` None is
    open. Stored rows have an `id`, rows of a file the pointer to their row.
    """

    key: tuple[Any, ...]
    valid_from: date | None
    valid_to: date | None
    id: int = 0
    pointer: str = ""


@dataclass(slots=True)
class Change:
    """What to do: rows to insert, new last days by id, ids to delete, and what then stands."""

    insert: list[Dated] = field(default_factory=list)
    valid_to: dict[int, date | None] = field(default_factory=dict)
    delete: list[int] = field(default_factory=list)
    ended: int = 0
    standing: list[Dated] = field(default_factory=list)


def change(
    stored: Sequence[Dated],
    wanted: Sequence[Dated],
    today: date,
    fault: Callable[[str, str], None],
) -> Change:
    """Makes the stored rows match the wanted ones from today on.

    Stored rows that are not wanted end yesterday; those that never became valid are deleted, and
    those that ended before stay as they are. One that began today keeps its row with a last day
    before its first: it was in force for a part of today.
    """
    done, seen = Change(), dict[tuple[tuple[Any, ...], date], str]()
    left = {(row.key, row.valid_from): row for row in stored}
    for given in wanted:
        row = replace(given, valid_from=given.valid_from or _since(stored, given.key, today))
        start = row.valid_from or today
        if row.valid_to is not None and row.valid_to < start:
            fault(f"{row.pointer}/valid_to", f"结束日期早于开始日期 {start}")
            continue
        if (row.key, start) in seen:
            number = seen[row.key, start].rpartition("/")[2]
            fault(row.pointer, f"与第 {number} 行重复")
            continue
        seen[row.key, start] = row.pointer
        _place(done, left.pop((row.key, start), None), row, today, fault)
    for old in left.values():
        _end(done, old, today)
    return done


def _since(stored: Sequence[Dated], key: tuple[Any, ...], today: date) -> date:
    starts = [first_day(r) for r in stored if r.key == key and _covers(r, today)]
    return max(starts, default=today)


def _covers(row: Dated, day: date) -> bool:
    return first_day(row) <= day <= last_day(row)


def first_day(row: Dated) -> date:
    return row.valid_from or date.min


def last_day(row: Dated) -> date:
    return row.valid_to or date.max


def _place(
    done: Change,
    old: Dated | None,
    row: Dated,
    today: date,
    fault: Callable[[str, str], None],
) -> None:
    done.standing.append(row)
    if old is None:
        done.insert.append(row)
    elif old.valid_to != row.valid_to:
        if min(last_day(old), last_day(row)) < today - timedelta(days=1):
            was = old.valid_to or "长期"
            fault(f"{row.pointer}/valid_to", f"不能改动已经过去的有效期（原结束日期：{was}）")
        done.valid_to[old.id] = row.valid_to


def _end(done: Change, old: Dated, today: date) -> None:
    if last_day(old) < today:
        done.standing.append(old)
    elif first_day(old) > today:
        done.delete.append(old.id)
        done.ended += 1
    else:
        yesterday = today - timedelta(days=1)
        done.valid_to[old.id] = yesterday
        done.standing.append(replace(old, valid_to=yesterday))
        done.ended += 1
