"""Steps of a clock, and limits as written."""

from datetime import UTC, datetime, timedelta

import pytest

from models.calendar import ALWAYS, LOCAL, OFFICE, PLAIN
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
    assert step_at(PLAIN[ALWAYS], START, DUE, step) == moment


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
    assert upcoming(PLAIN[ALWAYS], START, DUE, now) == (step, moment)


def test_a_clock_without_length_is_due_at_once() -> None:
    assert upcoming(PLAIN[ALWAYS], START, START, START) == (1, START)
    assert upcoming(PLAIN[ALWAYS], START, START, hours(1)) == (4, hours(24))


def test_every_clock_has_its_word() -> None:
    assert set(CLOCK_LABELS) == set(Clock)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of November 2026, whose 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)


def test_steps_are_counted_in_the_clocks_calendar() -> None:
    office, start, due = PLAIN[OFFICE], at(26, 16), at(30, 16)  # two working days
    steps = [step_at(office, start, due, step) for step in range(1, 6)]
    assert steps[:3] == [at(30, 9, 36), at(30, 14, 42), due]
    assert steps[3:] == [
        datetime(2026, 12, 1, 16, tzinfo=LOCAL),
        datetime(2026, 12, 3, 16, tzinfo=LOCAL),
    ]


def test_a_due_time_set_into_the_night_is_late_when_it_is_past() -> None:
    office, start, due = PLAIN[OFFICE], at(27, 20), at(28, 20)  # nothing is worked in between
    assert step_at(office, start, due, 1) == start + timedelta(hours=16.8)
    assert step_at(office, start, due, 3) == due
    assert step_at(office, start, due, 4) == at(30, 17, 30)
