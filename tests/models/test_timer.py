"""Steps of a clock, and limits as written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.calendar import HOLIDAY, add_limit, day_number, parse_limit
from models.timer import CLOCK_LABELS, Clock, step_at, upcoming

START = datetime(2026, 3, 2, tzinfo=UTC)
DUE = START + timedelta(hours=100)


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


@pytest.mark.parametrize(
    ("step", "moment"),
    [
        (0, None), (1, hours(70)), (2, hours(90)), (3, hours(100)), (4, hours(124)),
        (5, hours(172)), (6, None),
    ],
)  # fmt: skip
def test_steps_lie_at_70_90_100_percent_and_one_and_three_days_late(
    step: int, moment: datetime | None
) -> None:
    assert step_at(START, DUE, step) == moment


@pytest.mark.parametrize(
    ("now", "step", "moment"),
    [
        (hours(0), 1, hours(70)),
        (hours(70), 1, hours(70)),
        (hours(70.01), 2, hours(90)),
        (hours(90.01), 3, hours(100)),
        (hours(100.01), 4, hours(124)),
        (hours(124.01), 5, hours(172)),
        (hours(172.01), 6, None),
    ],
)
def test_the_next_step_is_the_first_not_yet_past(
    now: datetime, step: int, moment: datetime | None
) -> None:
    assert upcoming(START, DUE, now) == (step, moment)


def test_a_clock_without_length_is_due_at_once() -> None:
    assert upcoming(START, START, START) == (1, START)
    assert upcoming(START, START, hours(1)) == (4, hours(24))


def test_every_clock_has_its_word() -> None:
    assert set(CLOCK_LABELS) == set(Clock)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("4wh", (4, "wh")), ("2wd", (2, "wd")), ("0.5h", (0.5, "h")), ("60wd", (60, "wd"))],
)
def test_limits_are_read_as_written(limit: str, expected: tuple[float, str]) -> None:
    assert parse_limit(limit) == expected


@pytest.mark.parametrize("limit", ["", "4", "wh", "4 wh", "-1h", "4d", "4wh ", "1e3h", "٣.h"])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        parse_limit(limit)


def test_a_clock_limit_is_clock_time() -> None:
    assert add_limit(START, "0.5h") == START + timedelta(minutes=30)


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
