"""Local exceptions to the working calendars, and what the calendars do not know."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.services.import_batch import Import, Summary, one_at_a_time
from models.area import CalendarException
from models.calendar import (
    ALWAYS,
    CALENDARS,
    OFFICE,
    WorkingCalendar,
    parse_hours,
    unknown_year,
    written_hours,
)
from models.errors import InvalidInput
from models.fields import storable
from models.routing import Atlas

MOST_DAYS = 366
CHANGEABLE = tuple(name for name in CALENDARS if name != ALWAYS)


def set_days(
    db: Connection, calendar: str, first: date, last: date, hours: str, note: str
) -> Summary:
    """Makes the days from first to last worked in these hours (empty: off), whatever the law says.
    Due times that stand already stay. The same once more is `unchanged`.

    Raises:
        InvalidInput: no such calendar or hours, too many days, or no note of who decided so.
    """
    days = _days(calendar, first, last)
    try:
        written = written_hours(parse_hours(hours))
    except ValueError:
        raise InvalidInput.at(
            "/hours", "时间段写作 08:30-12:00,14:30-17:30，休息写作 off"
        ) from None
    if not note.strip():
        raise InvalidInput.at("/note", "请写明依据")
    if not storable(note):
        raise InvalidInput.at("/note", "含有无法保存的字符")
    one_at_a_time(db)
    if _stand(db, calendar, days) == [(day, written, note) for day in days]:
        return Summary("calendar", 0, len(days), unchanged=True)
    upload, revision = _batch(db, days)
    rows = [
        {"calendar": calendar, "day": day, "hours": written, "note": note, "version": revision}
        for day in days
    ]
    statement = insert(CalendarException)
    changed = {name: statement.excluded[name] for name in ("hours", "note", "version")}
    db.execute(
        statement.on_conflict_do_update(index_elements=["calendar", "day"], set_=changed), rows
    )
    return Summary(upload, revision, rows=len(rows), added=len(rows))


def _stand(db: Connection, calendar: str, days: Sequence[date]) -> list[tuple[date, str, str]]:
    """The exceptions that there are already on these days."""
    columns = select(CalendarException.day, CalendarException.hours, CalendarException.note)
    own = columns.where(CalendarException.calendar == calendar, CalendarException.day.in_(days))
    return [
        (row.day, row.hours, row.note) for row in db.execute(own.order_by(CalendarException.day))
    ]


def clear_days(db: Connection, calendar: str, first: date, last: date) -> Summary:
    """The days are again what the law says.

    Raises:
        InvalidInput: as `set_days`, or no exception lies there.
    """
    days = _days(calendar, first, last)
    gone = db.execute(
        delete(CalendarException).where(
            CalendarException.calendar == calendar, CalendarException.day.in_(days)
        )
    ).rowcount
    if not gone:
        raise InvalidInput.at("/day", "这些日期没有设置例外")
    upload, revision = _batch(db, days)
    return Summary(upload, revision, rows=gone, ended=gone)


def _days(calendar: str, first: date, last: date) -> Sequence[date]:
    if calendar not in CHANGEABLE:
        raise InvalidInput.at("/calendar", f"可以设置例外的日历：{'、'.join(CHANGEABLE)}")
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise InvalidInput.at("/until", f"截止日期须不早于开始日期，一次最多 {MOST_DAYS} 天")
    if not (first.year >= 2000 and last.year < 2100):
        raise InvalidInput.at("/day", "日期应在 2000 至 2099 年之间")
    return [first + timedelta(days=i) for i in range(count)]


def _batch(db: Connection, days: Sequence[date]) -> tuple[str, int]:
    name = f"{days[0]}/{days[-1]}"
    upload = Import(db, "calendar", name, name.encode())
    return "calendar", upload.accept(len(days))


def warnings(atlas: Atlas, today: date) -> list[str]:
    """What an operator should know: a year whose holidays are neither known nor entered."""
    year = unknown_year(today)
    entered = {day.year for day, _ in atlas.calendars[OFFICE].exceptions}
    if year is None or year in entered:
        return []
    advice = "请升级 chinesecalendar，或用 flask calendar set 录入放假和调休"
    return [f"尚无 {year} 年法定节假日安排，期限按普通周计算；{advice}"]


def month(calendar: WorkingCalendar, first: date) -> list[dict[str, Any]]:
    """Each day of the month: its hours, and whether they are a local exception."""
    found, day = [], first.replace(day=1)
    local = {day for day, _ in calendar.exceptions}
    while day.month == first.month:
        hours = written_hours(calendar.hours(day))
        found.append({"day": day, "hours": hours, "local": day in local})
        day += timedelta(days=1)
    return found
