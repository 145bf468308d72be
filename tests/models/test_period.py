"""Periods: what they cover, and what is none."""

from datetime import date

import pytest

from models.errors import InvalidInput
from models.period import Period, after, before, between, parse, year_before


@pytest.mark.parametrize(
    ("given", "first", "last", "name"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026-01-01~2026-12-31"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2026-01-01~2026-03-31"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "2026-10-01~2026-12-31"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "2026-12"),
        ("2026-11-23", date(2026, 11, 23), date(2026, 11, 23), "2026-11-23~2026-11-23"),
    ],
)
def test_a_period_covers_whole_local_days(given: str, first: date, last: date, name: str) -> None:
    found = parse(given)
    assert (found.first, found.last, found.name) == (first, last, name)
    assert found.begins.isoformat() == f"{first}T00:00:00+08:00"


@pytest.mark.parametrize(
    ("since", "until", "last"),
    [
        ("2026-03-05", "2026-03-05", date(2026, 3, 5)),
        ("2026-03-05", "2026-03-06T00:00:00+08:00", date(2026, 3, 5)),
        ("2026-03-04T16:00:00Z", "2026-03-31", date(2026, 3, 31)),
    ],
)
def test_days_include_the_last_and_midnights_end(since: str, until: str, last: date) -> None:
    found = between(since, until)
    assert (found.first, found.last) == (date(2026, 3, 5), last)


@pytest.mark.parametrize("given", ["", "26", "2026-00", "2026-1", "2026-Q0", "9999", "２０２６"])
def test_what_is_no_period_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput):
        parse(given)


def test_the_whole_months_of_a_period() -> None:
    period = Period(date(2025, 11, 2), date(2026, 3, 1))
    assert list(period.months()) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("given", "earlier", "later", "last_year"),
    [
        ("2026-03", "2026-02-01~2026-02-28", "2026-04-01~2026-04-30", "2025-03-01~2025-03-31"),
        ("2026-01", "2025-12-01~2025-12-31", "2026-02-01~2026-02-28", "2025-01-01~2025-01-31"),
        ("2024-02", "2024-01-01~2024-01-31", "2024-03-01~2024-03-31", "2023-02-01~2023-02-28"),
        ("2025-02", "2025-01-01~2025-01-31", "2025-03-01~2025-03-31", "2024-02-01~2024-02-29"),
        ("2026-Q1", "2025-10-01~2025-12-31", "2026-04-01~2026-06-30", "2025-01-01~2025-03-31"),
        ("2026", "2025-01-01~2025-12-31", "2027-01-01~2027-12-31", "2025-01-01~2025-12-31"),
        ("2026-03-01", "2026-02-28~2026-02-28", "2026-03-02~2026-03-02", "2025-03-01~2025-03-01"),
        ("2024-02-29", "2024-02-28~2024-02-28", "2024-03-01~2024-03-01", "2023-02-28~2023-02-28"),
        ("2024-02-28", "2024-02-27~2024-02-27", "2024-02-29~2024-02-29", "2023-02-28~2023-02-28"),
    ],
)
def test_a_period_has_neighbours_of_its_length(
    given: str, earlier: str, later: str, last_year: str
) -> None:
    asked = parse(given)
    found = (before(asked), after(asked), year_before(asked))
    assert [f"{one.first}~{one.last}" for one in found] == [earlier, later, last_year]


def test_days_across_months_are_shifted_by_their_number() -> None:
    asked = between("2026-03-05", "2026-03-14")
    assert before(asked) == between("2026-02-23", "2026-03-04")
    assert after(asked) == between("2026-03-15", "2026-03-24")
    assert year_before(asked) == between("2025-03-05", "2025-03-14")
