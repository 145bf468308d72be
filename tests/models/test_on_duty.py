"""Who checks a grid at a moment: hours, leave, backup, duty unit, holidays."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from models.calendar import HOLIDAY, LOCAL
from models.routing import Absence, Atlas, DutyHours, OnDuty, Placement, UnitInfo

PLACE = Placement("d", "s", "c", "g", ("y",), "inside")


def duty(where: str = "g", worker: int | None = 1, days: str = "1234567", **more: Any) -> DutyHours:
    values: dict[str, Any] = {
        "starts": time(8), "ends": time(18), "valid_from": date(2020, 1, 1), "valid_to": None,
        "backup": None, "unit": None,
    }  # fmt: skip
    return DutyHours(where, worker, frozenset(map(int, days)), **(values | more))


def at(day: int = 2, hour: int = 9, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOCAL)


def on_duty(moment: datetime, *duties: DutyHours, away: tuple[Absence, ...] = ()) -> OnDuty:
    units = {
        "u": UnitInfo("u", "u", None, "duty", retired=False),
        "old": UnitInfo("old", "old", None, "duty", retired=True),
    }
    return Atlas(1, {}, units, {}, (), duties, away).on_duty(PLACE, moment.astimezone(UTC))


ALWAYS: dict[str, Any] = {"starts": time(0), "ends": time(0)}
NOBODY = OnDuty()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(hour=7, minute=59), NOBODY), (at(hour=8), OnDuty(1)),
        (at(hour=17, minute=59), OnDuty(1)), (at(hour=18), NOBODY),
    ],
)  # fmt: skip
def test_hours_hold_from_their_beginning_to_before_their_end(
    moment: datetime, expected: OnDuty
) -> None:
    assert on_duty(moment, duty()) == expected


def test_midnight_ends_the_day() -> None:
    late = duty(starts=time(18), ends=time(0))
    assert on_duty(at(hour=23, minute=59), late) == OnDuty(1)
    assert on_duty(at(3, hour=0), late) == NOBODY


@pytest.mark.parametrize(
    ("days", "moment", "expected"),
    [
        ("12345", at(6), OnDuty(1)),  # Friday
        ("12345", at(7), NOBODY),  # Saturday
        ("67", at(7), OnDuty(1)),
        ("12345", at(1, month=10), NOBODY),  # National Day, a Thursday
        ("4", at(1, month=10), NOBODY),
        (str(HOLIDAY), at(1, month=10), OnDuty(1)),
        ("1234567", at(1, month=10), OnDuty(1)),  # every day is every day
        ("12345", at(10, month=10), OnDuty(1)),  # a Saturday that is worked
        ("67", at(10, month=10), NOBODY),
    ],
)
def test_weekdays_holidays_and_worked_weekends(
    days: str, moment: datetime, expected: OnDuty
) -> None:
    assert on_duty(moment, duty(days=days)) == expected


def test_a_duty_counts_from_its_first_to_its_last_day() -> None:
    assert on_duty(at(2), duty(valid_from=date(2026, 3, 2))) == OnDuty(1)
    assert on_duty(at(2), duty(valid_to=date(2026, 3, 2))) == OnDuty(1)
    assert on_duty(at(2), duty(valid_from=date(2026, 3, 3))) == NOBODY
    assert on_duty(at(2), duty(valid_to=date(2026, 3, 1))) == NOBODY


def test_leave_brings_the_backup_and_then_the_next_then_the_duty_unit() -> None:
    away = Absence(1, at(2, 8), at(2, 12))
    own, unit = duty(backup=2), duty("d", None, **ALWAYS, unit="u")
    assert on_duty(at(hour=9), own, away=(away,)) == OnDuty(2)
    assert on_duty(at(hour=12), own, away=(away,)) == OnDuty(1)  # leave is over at its end
    both = (away, Absence(2, at(2, 8), at(2, 12)))
    assert on_duty(at(hour=9), own, unit, away=both) == OnDuty(unit="u")
    assert on_duty(at(hour=9), own, duty("c", 3), unit, away=both) == OnDuty(3)
    assert on_duty(at(hour=9), own, away=both) == NOBODY


def test_outside_all_hours_the_nearest_duty_unit_that_still_exists() -> None:
    night = at(hour=3)
    district, street = duty("d", None, **ALWAYS, unit="u"), duty("s", None, **ALWAYS, unit="old")
    assert on_duty(night, duty(), street, district) == OnDuty(unit="u")
    assert on_duty(night, duty(), street) == NOBODY
    assert on_duty(at(), duty(), district) == OnDuty(1)


def test_a_worker_of_the_grid_comes_before_one_of_the_community() -> None:
    assert on_duty(at(), duty("c", 2), duty("g", 1)) == OnDuty(1)
    assert on_duty(at(hour=19), duty("c", 2, ends=time(20)), duty("g", 1)) == OnDuty(2)
    assert on_duty(at(), duty("elsewhere", 9)) == NOBODY
    assert on_duty(at(), duty("y", 9)) == NOBODY  # overlays have units, no workers


@pytest.mark.parametrize(
    ("who", "holder"), [(OnDuty(3), "worker:3"), (OnDuty(unit="u"), "unit:u"), (NOBODY, "desk")]
)
def test_who_is_on_duty_is_a_holder(who: OnDuty, holder: str) -> None:
    assert who.holder == holder
