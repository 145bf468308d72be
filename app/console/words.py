"""Moments and durations as people say them."""

from datetime import date, datetime, time, timedelta
from typing import Any

from app.services import timer
from models.calendar import LOCAL, WorkingCalendar
from models.routing import Atlas

MINUTE_S = 60


def midnight(day: date) -> datetime:
    """When a local day begins."""
    return datetime.combine(day, time(), LOCAL)


def _parsed(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def moment(value: datetime | str | None) -> str:
    """今天 14:05, 昨天 09:30, 11月3日 08:00, 2025年12月31日 10:00."""
    if value is None:
        return "—"
    there, today = _parsed(value).astimezone(LOCAL), datetime.now(LOCAL).date()
    clock = f"{there:%H:%M}"
    if there.date() == today:
        return f"今天 {clock}"
    if there.date() == today - timedelta(days=1):
        return f"昨天 {clock}"
    year = "" if there.year == today.year else f"{there.year}年"
    return f"{year}{there.month}月{there.day}日 {clock}"


def last_day(end: datetime) -> str:
    """Until when something holds: 11月29日当天 where it ends with a day, else the moment."""
    there = end.astimezone(LOCAL)
    if there.time() != time():
        return moment(end)
    last = there.date() - timedelta(days=1)
    year = "" if last.year == datetime.now(LOCAL).year else f"{last.year}年"
    return f"{year}{last.month}月{last.day}日当天"


def working(length: timedelta) -> str:
    """Working time in hours and minutes: a working day has no fixed length."""
    total = max(0, int(length.total_seconds() // MINUTE_S))
    hours, left = divmod(total, 60)
    return f"{hours} 小时 {left} 分" if hours else f"{left} 分"


def elapsed(length: timedelta) -> str:
    """By the clock: 12 天, 3 天 4 小时, 5 小时 10 分, 40 分."""
    minutes = max(0, int(length.total_seconds() // MINUTE_S))
    hours, left = divmod(minutes, 60)
    days, rest = divmod(hours, 24)
    if days >= 10:
        return f"{days} 天"
    if days:
        return f"{days} 天 {rest} 小时" if rest else f"{days} 天"
    return f"{hours} 小时 {left} 分" if hours else f"{left} 分"


def remaining(calendar: WorkingCalendar, due: datetime, now: datetime) -> tuple[str, str]:
    """How a due time stands: `late`, `soon` or `fine`, and in words, in the calendar's time."""
    if due <= now:
        return "late", f"已超 {working(calendar.working_time_between(due, now))}工作时间"
    left = calendar.working_time_between(now, due)
    state = "soon" if left <= timer.SOON else "fine"
    return state, f"还剩 {working(left)}工作时间"


def deadline(atlas: Atlas, row: Any, now: datetime) -> tuple[str, str] | None:
    """How the handling clock of a case stands (`remaining`); None where none runs."""
    if row.due_at is None or row.status not in timer.HANDLING:
        return None
    return remaining(timer.handling_calendar(atlas, row), row.due_at, now)
