"""The week's shifts are what `on_duty` answers at every moment of it."""

from datetime import UTC, date, datetime, time, timedelta

from app.services.duty_week import Week, monday, unmanned
from models.area import Level
from models.calendar import LOCAL
from models.routing import Absence, Atlas, DutyHours, OnDuty, UnitInfo
from tests.services.test_responsibility_matrix import AREAS

MONDAY = date(2026, 3, 2)


def hours(area: str, worker: int | None, days: str, starts: str, ends: str) -> DutyHours:
    first, last = (time.fromisoformat(one.replace("24:00", "00:00")) for one in (starts, ends))
    weekdays = frozenset(int(day) for day in days)
    unit = None if worker else "Z"
    backup = 9 if worker == 1 else None
    since = date(2026, 1, 1)
    return DutyHours(area, worker, weekdays, first, last, since, None, backup, unit)


def atlas(*duties: DutyHours) -> Atlas:
    return Atlas(
        revision=1,
        areas={one.code: one for one in AREAS},
        units={"Z": UnitInfo("Z", "值班室", None, "duty", retired=False)},
        categories={},
        duties=duties,
    )


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LOCAL)


def test_every_moment_of_the_week_is_told_as_routing_tells_it(atlas: Atlas) -> None:
    week = Week(atlas, MONDAY, [])
    for area in [a for a in atlas.areas.values() if a.level is Level.GRID][::7]:
        placement = atlas.placement_of(area.code)
        days = week.of(placement)
        for day, shifts in zip(week.days, days, strict=True):
            assert shifts[0].starts == at(day, "00:00")
            assert shifts[-1].ends == at(day, "00:00") + timedelta(days=1)
            for half_hour in range(48):
                moment = at(day, "00:15") + half_hour * timedelta(minutes=30)
                (shift,) = [one for one in shifts if one.starts <= moment < one.ends]
                assert shift.who == atlas.on_duty(placement, moment)


def test_hours_duty_unit_and_nobody() -> None:
    found = atlas(
        hours("G1", 1, "1", "08:00", "18:00"), hours("C1", None, "1234567", "00:00", "24:00")
    )
    monday_shifts, tuesday, *_ = Week(found, MONDAY, []).of(found.placement_of("G1"))
    assert [(one.hours, one.who) for one in monday_shifts] == [
        ("00:00–08:00", OnDuty(unit="Z")),
        ("08:00–18:00", OnDuty(worker=1)),
        ("18:00–24:00", OnDuty(unit="Z")),
    ]
    assert [(one.hours, one.whole_day) for one in tuesday] == [("00:00–24:00", True)]
    assert [one.who for one in Week(found, MONDAY, []).of(found.placement_of("G3"))[0]] == [
        OnDuty()
    ]


def test_leave_within_the_day_brings_the_backup() -> None:
    found = atlas(hours("G1", 1, "1234567", "08:00", "18:00"))
    away = Absence(1, at(MONDAY, "12:00").astimezone(UTC), at(MONDAY, "14:00").astimezone(UTC))
    shifts = Week(found, MONDAY, [away]).of(found.placement_of("G1"))[0]
    assert [(one.hours, one.who.worker, one.away) for one in shifts] == [
        ("00:00–08:00", None, None),
        ("08:00–12:00", 1, None),
        ("12:00–14:00", 9, 1),
        ("14:00–18:00", 1, None),
        ("18:00–24:00", None, None),
    ]


def test_weeks_begin_on_monday() -> None:
    assert [monday(MONDAY + timedelta(days=i)) for i in range(8)] == [MONDAY] * 7 + [
        MONDAY + timedelta(days=7)
    ]


def test_grids_that_nobody_has_a_duty_for_are_told() -> None:
    found = atlas(hours("G1", 1, "1", "08:00", "18:00"), hours("C2", None, "1", "00:00", "24:00"))
    assert [one.code for one in unmanned(found, MONDAY)] == ["G2"]
    assert [one.code for one in unmanned(found, date(2025, 12, 31))] == ["G1", "G2", "G3"]
