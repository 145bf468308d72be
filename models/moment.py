"""The present, and moments as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from models.calendar import LOCAL

_played: ContextVar[datetime | None] = ContextVar("played", default=None)


def now() -> datetime:
    """The present in UTC; inside `at`, the moment that is being played."""
    return _played.get() or datetime.now(UTC)


def is_played() -> bool:
    """Whether a moment of the past is being played: nobody is told of it, nothing is asked."""
    return _played.get() is not None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Plays what is inside at a moment of the past: for histories that are imported."""
    token = _played.set(moment)
    try:
        yield
    finally:
        _played.reset(token)


def rfc3339(moment: datetime) -> str:
    """UTC with microseconds, `2026-11-23T01:02:03.123456Z`: the ledger's form."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: datetime) -> str:
    """As people read it, `11月23日 09:02`, in local time."""
    there = moment.astimezone(LOCAL)
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def dated(moment: datetime) -> str:
    """The same with its year, `2026年11月23日 09:02`."""
    return f"{moment.astimezone(LOCAL).year}年{local(moment)}"
