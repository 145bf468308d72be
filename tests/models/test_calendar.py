"""Working time: literal dates, and what must hold of any."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.calendar import (
    ALWAYS,
    CALENDAR_LABELS,
    CALENDARS,
    CLOSED,
    HOLIDAY,
    LOCAL,
    OFFICE,
    OFFICE_DAY,
    STREET,
    WorkingCalendar,
    day_number,
    in_clock_time,
    is_working_day,
    parse_limit,
    unknown_year,
)

CALENDAR = {name: WorkingCalendar(name) for name in CALENDARS}


def at(written: str) -> datetime:
    return datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        # a plain week of November 2026: Monday is the 23rd
        ("2026-11-23 09:00", "2wh", "2026-11-23 11:00"),
        ("2026-11-23 11:00", "2wh", "2026-11-23 15:30"),  # over lunch
        ("2026-11-23 12:30", "1wh", "2026-11-23 15:30"),  # from lunch
        ("2026-11-23 07:00", "1wh", "2026-11-23 09:30"),  # before hours
        ("2026-11-23 10:00", "2wh", "2026-11-23 12:00"),  # to the very end of a span
        ("2026-11-23 17:00", "2wh", "2026-11-24 10:00"),  # overnight
        ("2026-11-23 20:00", "4wh", "2026-11-24 15:00"),
        ("2026-11-27 17:00", "4wh", "2026-11-30 12:00"),  # over a weekend
        ("2026-11-28 10:00", "2wh", "2026-11-30 10:30"),  # from a Saturday
        ("2026-11-23 10:00", "1wd", "2026-11-24 10:00"),
        ("2026-11-26 16:00", "2wd", "2026-11-30 16:00"),
        ("2026-11-23 09:00", "0wh", "2026-11-23 09:00"),
        ("2026-11-28 09:00", "0wd", "2026-11-28 09:00"),
        # Spring Festival 2025: 28 January to 4 February off; 26 January and 8 February worked
        ("2025-01-25 10:00", "1wh", "2025-01-26 09:30"),
        ("2025-01-26 16:30", "2wh", "2025-01-27 09:30"),
        ("2025-01-27 16:30", "2wh", "2025-02-05 09:30"),
        ("2025-01-27 10:00", "1wd", "2025-02-05 10:00"),
        ("2025-02-07 10:00", "2wd", "2025-02-10 10:00"),  # the worked Saturday counts
        # National Day and Mid-Autumn 2025: 1 to 8 October off; 28 September and 11 October worked
        ("2025-09-27 10:00", "1wh", "2025-09-28 09:30"),
        ("2025-09-30 17:00", "1wh", "2025-10-09 09:00"),
        ("2025-09-30 10:00", "3wd", "2025-10-11 10:00"),
        ("2025-10-10 10:00", "2wd", "2025-10-13 10:00"),
        # Spring Festival 2026: 15 to 23 February off; 14 and 28 February worked
        ("2026-02-13 17:00", "1wh", "2026-02-14 09:00"),
        ("2026-02-14 17:00", "1wh", "2026-02-24 09:00"),
        ("2026-02-27 10:00", "2wd", "2026-03-02 10:00"),
        # National Day 2026: 1 to 7 October off; 20 September and 10 October worked
        ("2026-09-19 10:00", "1wh", "2026-09-20 09:30"),
        ("2026-09-30 17:00", "1wh", "2026-10-08 09:00"),
        ("2026-10-09 10:00", "1wd", "2026-10-10 10:00"),
        # 2027 is not known: plain weeks, so 1 January is a Friday like any other
        ("2026-12-31 17:00", "1wh", "2027-01-01 09:00"),
        ("2027-01-01 17:00", "1wh", "2027-01-04 09:00"),
        ("2027-10-01 10:00", "1wh", "2027-10-01 11:00"),
    ],
)
def test_office_limits_end_where_the_calendar_says(start: str, limit: str, end: str) -> None:
    assert CALENDAR[OFFICE].add_working_time(at(start), limit) == at(end)


@pytest.mark.parametrize(
    ("name", "start", "limit", "end"),
    [
        (STREET, "2026-11-23 21:00", "4wh", "2026-11-24 10:00"),
        (STREET, "2026-10-01 06:00", "1wh", "2026-10-01 08:00"),  # holidays are worked
        (STREET, "2026-11-28 10:00", "1wd", "2026-11-29 10:00"),
        (STREET, "2026-11-28 23:00", "1wd", "2026-11-29 22:00"),
        (STREET, "2026-11-28 23:00", "24h", "2026-11-29 23:00"),
        (ALWAYS, "2026-11-28 23:00", "4wh", "2026-11-29 03:00"),
        (ALWAYS, "2026-11-28 23:00", "2wd", "2026-11-30 23:00"),
        (OFFICE, "2026-11-28 23:00", "0.5h", "2026-11-28 23:30"),  # by the clock
        (OFFICE, "2026-11-28 23:58", "5min", "2026-11-29 00:03"),
    ],
)
def test_other_calendars_and_clock_limits(name: str, start: str, limit: str, end: str) -> None:
    assert CALENDAR[name].add_working_time(at(start), limit) == at(end)


@pytest.mark.parametrize(
    ("name", "a", "b", "hours"),
    [
        (OFFICE, "2026-11-23 00:00", "2026-11-24 00:00", 6.5),
        (OFFICE, "2026-11-23 11:30", "2026-11-23 15:00", 1.0),
        (OFFICE, "2026-11-23 12:00", "2026-11-23 14:30", 0.0),
        (OFFICE, "2026-11-28 00:00", "2026-11-30 00:00", 0.0),
        (OFFICE, "2026-11-24 09:00", "2026-11-23 09:00", -6.5),
        (OFFICE, "2026-02-15 00:00", "2026-02-24 00:00", 0.0),
        (OFFICE, "2026-02-01 00:00", "2026-03-01 00:00", 16 * 6.5),
        (OFFICE, "2025-01-01 00:00", "2026-01-01 00:00", 248 * 6.5),
        (OFFICE, "2026-01-01 00:00", "2027-01-01 00:00", 248 * 6.5),
        (STREET, "2025-01-01 00:00", "2026-01-01 00:00", 365 * 15.0),
        (ALWAYS, "2026-11-23 11:30", "2026-11-25 12:00", 48.5),
    ],
)
def test_working_time_between(name: str, a: str, b: str, hours: float) -> None:
    assert CALENDAR[name].working_time_between(at(a), at(b)) == timedelta(hours=hours)


def test_a_local_exception_beats_the_law() -> None:
    storm, worked, short = date(2026, 11, 24), date(2026, 11, 28), date(2026, 11, 25)
    calendar = WorkingCalendar(
        OFFICE, ((storm, CLOSED), (worked, OFFICE_DAY), (short, ((time(8, 30), time(12)),)))
    )
    assert calendar.add_working_time(at("2026-11-23 17:00"), "1wh") == at("2026-11-25 09:00")
    assert calendar.add_working_time(at("2026-11-27 17:00"), "1wh") == at("2026-11-28 09:00")
    day = timedelta(days=1)
    assert calendar.working_time_between(at("2026-11-25 00:00"), at("2026-11-26 00:00")) * 24 == (
        3.5 * day
    )
    assert calendar.day_length == timedelta(hours=6.5)


@pytest.mark.parametrize("year", [1999, 2100, 2199])
def test_outside_the_century_nothing_is_worked(year: int) -> None:
    moment = datetime(year, 6, 1, 10, tzinfo=LOCAL)
    for calendar in CALENDAR.values():
        assert calendar.working_time_between(moment, moment + timedelta(days=30)) == timedelta(0)
        assert calendar.add_working_time(moment, "1wd") >= moment


FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1460)).map(lambda after: FIRST + after)
WORK = st.timedeltas(timedelta(0), timedelta(days=30))
NAMED = st.sampled_from(list(CALENDAR.values()))


@given(NAMED, MOMENTS, WORK, WORK)
@example(CALENDAR[OFFICE], at("2026-11-23 12:00"), timedelta(0), timedelta(hours=1))
def test_adding_is_additive(
    calendar: WorkingCalendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@given(NAMED, MOMENTS, MOMENTS, WORK)
def test_adding_is_monotonic(
    calendar: WorkingCalendar, a: datetime, b: datetime, worked: timedelta
) -> None:
    early, late = sorted((a, b))
    assert calendar.add(early, worked) <= calendar.add(late, worked)
    assert calendar.add(early, worked) >= early


@given(NAMED, MOMENTS, WORK)
def test_measuring_undoes_adding(
    calendar: WorkingCalendar, start: datetime, worked: timedelta
) -> None:
    end = calendar.add(start, worked)
    assert calendar.working_time_between(start, end) == worked
    just_before = end - timedelta(microseconds=1)
    if worked:
        assert calendar.working_time_between(start, just_before) < worked


@given(NAMED, MOMENTS, MOMENTS, MOMENTS)
def test_measuring_is_additive_and_no_more_than_clock_time(
    calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime
) -> None:
    between = calendar.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert timedelta(0) <= between(min(a, b), max(a, b)) <= abs(b - a)


@given(MOMENTS, MOMENTS)
def test_office_time_is_what_counting_minutes_gives(a: datetime, b: datetime) -> None:
    """The same by another way: day by day."""
    early, late = sorted((a, b))
    late = min(late, early + timedelta(days=20))
    worked, day = timedelta(0), early.astimezone(LOCAL).date()
    while day <= late.astimezone(LOCAL).date():
        for start, end in OFFICE_DAY if is_working_day(day) else ():
            opens = datetime.combine(day, start, LOCAL)
            closes = datetime.combine(day, end, LOCAL)
            worked += max(timedelta(0), min(closes, late) - max(opens, early))
        day += timedelta(days=1)
    assert CALENDAR[OFFICE].working_time_between(early, late) == worked


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2026, 6, 1), None),
        (date(2026, 11, 1), None),
        (date(2026, 11, 3), 2027),
        (date(2027, 3, 1), 2027),
    ],
)
def test_a_year_the_law_is_not_known_of_is_told_in_time(today: date, year: int | None) -> None:
    assert unknown_year(today) == year


def test_every_calendar_has_its_word() -> None:
    assert set(CALENDAR_LABELS) == set(CALENDARS)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("4wh", (4, "wh")), ("2wd", (2, "wd")), ("0.5h", (0.5, "h")), ("60wd", (60, "wd"))],
)
def test_limits_are_read_as_written(limit: str, expected: tuple[float, str]) -> None:
    assert parse_limit(limit) == expected
    assert in_clock_time(limit) is (expected[1] == "h")


@pytest.mark.parametrize("limit", ["", "4", "wh", "4 wh", "-1h", "4d", "4wh ", "1e3h", "٣h", "٣.h"])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        parse_limit(limit)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 3, 2), 1), (date(2026, 3, 7), 6), (date(2026, 3, 8), 7),
        (date(2026, 10, 1), HOLIDAY), (date(2026, 10, 3), HOLIDAY), (date(2026, 10, 7), HOLIDAY),
        (date(2026, 10, 8), 4), (date(2026, 10, 10), 1), (date(2026, 2, 14), 1),
        (date(2090, 10, 1), 7),
    ],
)  # fmt: skip
def test_days_are_numbered_with_holidays_and_worked_weekends(day: date, number: int) -> None:
    assert day_number(day) == number
