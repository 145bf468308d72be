"""The working calendars: a year of each, and local exceptions set and cleared."""

from datetime import date, timedelta
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import select

from app.auth import Access, Work, access, kit
from app.console.admin.menu import admin_page
from app.console.district.responsibilities import today
from app.console.district.upload import opened, with_history
from app.console.pages import pages, work
from app.errors import status_of
from app.services import calendar, import_preview
from models.area import CalendarException
from models.calendar import (
    CALENDAR_LABELS,
    OFFICE,
    PLAIN,
    WorkingCalendar,
    day_number,
    parse_hours,
    unknown_year,
    written_hours,
)
from models.errors import DomainError, InvalidInput

LIST = "/console/district/calendar"
WEEKDAYS = "一二三四五六日"


@pages.get("/district/calendar")
@access(Access.ADMIN)
def district_calendar() -> Response:
    return _page(200)


@pages.post("/district/calendar")
@access(Access.ADMIN)
def change_calendar() -> Response:
    """Sets or clears exceptions; sent twice it is done once."""
    given = request.form
    try:
        first, last = _day("day"), _day("until") if given.get("until") else _day("day")
        name = given.get("calendar", "")
        with work(kit().engine) as here:
            if given.get("what") == "clear":
                summary = calendar.clear_days(here.db, name, first, last)
            else:
                hours = "" if given.get("off") else given.get("hours", "").replace("，", ",")
                if not hours and not given.get("off"):
                    raise InvalidInput.at("/hours", "请填写工作时间，或勾选“休息”")
                hours, note = hours.replace(" ", ""), given.get("note", "")
                summary = calendar.set_days(here.db, name, first, last, hours, note)
            if not summary.unchanged:
                subject = f"{CALENDAR_LABELS[name]} {first} 至 {last}"
                import_preview.log(here.db, here.actor, summary, subject)
    except DomainError as error:
        return _page(status_of(error), error)
    told = f"calendar={name}&year={first.year}&first={first}&last={last}&done={summary.revision}"
    return redirect(f"{LIST}?{told}", 303)  # type: ignore[return-value]


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput.at(f"/{name}", "请选择日期") from None


def _page(status: int, error: DomainError | None = None) -> Response:
    name = request.values.get("calendar", OFFICE)
    name = name if name in CALENDAR_LABELS else OFFICE
    year = _year(request.values.get("year", ""))
    with opened() as here:
        exceptions = _exceptions(here, name, year)
        shown = with_history(here, "calendar")
    days = tuple((row.day, parse_hours(row.hours)) for row in exceptions)
    local = WorkingCalendar(name, days)
    notes = {row.day: row.note for row in exceptions}
    months = [_month(local, date(year, month, 1), notes) for month in range(1, 13)]
    return admin_page(
        "district/calendar.html",
        status,
        here.actor,
        **shown,
        current=name,
        label=CALENDAR_LABELS[name],
        calendars=CALENDAR_LABELS,
        changeable=calendar.CHANGEABLE,
        year=year,
        months=months,
        weekdays=WEEKDAYS,
        spans=_spans(exceptions),
        counts=_counts(months),
        known=unknown_year(date(year, 6, 1)) is None,
        usual=written_hours(PLAIN[name].hours(date(year, 1, 8))) or "休息",
        effect=_effect(local) if status == 200 else None,
        message=error.detail if error else None,
        faults={fault.pointer[1:]: fault.message for fault in error.faults} if error else {},
        typed=request.form.to_dict() if error else {},
    )


def _year(given: str) -> int:
    known = given.isdecimal() and len(given) == 4 and 2000 <= int(given) < 2100
    return int(given) if known else today().year


def _exceptions(here: Work, name: str, year: int) -> list[Any]:
    columns = (CalendarException.day, CalendarException.hours, CalendarException.note)
    where = (
        CalendarException.calendar == name,
        CalendarException.day.between(date(year, 1, 1), date(year, 12, 31)),
    )
    return list(here.db.execute(select(*columns).where(*where).order_by(CalendarException.day)))


def _month(local: WorkingCalendar, first: date, notes: dict[date, str]) -> dict[str, Any]:
    """Days of the month with what they are, after as many blanks as its first week lacks."""
    days = [
        _what(row["day"], row["hours"], notes.get(row["day"]))
        for row in calendar.month(local, first)
    ]
    return {"number": first.month, "blanks": first.weekday(), "days": days}


def _what(day: date, hours: str, note: str | None) -> dict[str, Any]:
    """Its class and words: local before the law's holidays and shifted weekends."""
    number = day_number(day)
    if note is not None:
        kind, said = ("local off" if not hours else "local on"), f"例外：{note}"
    elif number == 8:
        kind, said = ("holiday" if not hours else "on"), "法定节假日"
    elif number != day.isoweekday():
        kind, said = "shifted", "调休上班"
    else:
        kind, said = ("on" if hours else "off"), ""
    words = f"{day.month}月{day.day}日 {hours or '休息'}"
    return {"day": day, "kind": kind, "said": f"{words}{f'，{said}' if said else ''}"}


def _counts(months: list[dict[str, Any]]) -> dict[str, int]:
    days = [day["kind"] for month in months for day in month["days"]]
    worked = sum(kind in ("on", "local on", "shifted") for kind in days)
    return {"worked": worked, "off": len(days) - worked}


def _spans(exceptions: list[Any]) -> list[dict[str, Any]]:
    """Exceptions that follow each other and are alike, as one."""
    found: list[dict[str, Any]] = []
    for row in exceptions:
        last = found[-1] if found else None
        alike = last and (last["hours"], last["note"]) == (row.hours, row.note)
        if last is not None and alike and last["last"] + timedelta(days=1) == row.day:
            last["last"] = row.day
        else:
            found.append({"first": row.day, "last": row.day, "hours": row.hours, "note": row.note})
    return found


def _effect(local: WorkingCalendar) -> str | None:
    """What was just changed, in words: what the days are now, and what they are by law."""
    try:
        first = date.fromisoformat(request.args.get("first", ""))
        last = date.fromisoformat(request.args.get("last", ""))
    except ValueError:
        return None
    if "done" not in request.args or not 0 <= (last - first).days < calendar.MOST_DAYS:
        return None
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    now = "、".join(dict.fromkeys(written_hours(local.hours(day)) or "休息" for day in days))
    law = "、".join(
        dict.fromkeys(written_hours(PLAIN[local.name].hours(day)) or "休息" for day in days)
    )
    span = f"{first}" if first == last else f"{first} 至 {last}"
    return f"{span}：现在是 {now}（按法定安排是 {law}）。新算的期限按此计算，已定下的期限不变。"
