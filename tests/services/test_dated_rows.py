"""What a new list changes, and what it must not: a table of literals around one day."""

from datetime import date

import pytest

from app.services.dated_rows import Change, Dated, change

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 24)
TWO_DAYS_AGO = date(2026, 11, 21)
LONG_AGO, LAST_WEEK, NEXT_YEAR = date(2025, 1, 1), date(2026, 11, 16), date(2027, 11, 23)


def stored(start: date, end: date | None) -> Dated:
    return Dated(("a",), start, end, id=7)


def wanted(start: date | None, end: date | None, key: str = "a", row: int = 2) -> Dated:
    return Dated((key,), start, end, pointer=f"/rows/{row}")


def run(old: list[Dated], new: list[Dated]) -> tuple[Change, list[str]]:
    faults: list[str] = []
    done = change(old, new, TODAY, lambda pointer, message: faults.append(f"{pointer} {message}"))
    return done, faults


@pytest.mark.parametrize(
    ("start", "end", "last_day", "deleted"),
    [
        (LONG_AGO, None, {7: YESTERDAY}, []),
        (LONG_AGO, TODAY, {7: YESTERDAY}, []),
        (LONG_AGO, YESTERDAY, {}, []),
        (LONG_AGO, LAST_WEEK, {}, []),
        (TODAY, None, {7: YESTERDAY}, []),
        (TOMORROW, None, {}, [7]),
    ],
)
def test_rows_no_longer_wanted_end_yesterday_and_the_past_stays(
    start: date, end: date | None, last_day: dict[int, date], deleted: list[int]
) -> None:
    done, faults = run([stored(start, end)], [])
    assert (done.valid_to, done.delete, done.insert, faults) == (last_day, deleted, [], [])


@pytest.mark.parametrize(
    ("old", "new", "last_day"),
    [
        ((LONG_AGO, None), (LONG_AGO, None), {}),
        ((LONG_AGO, None), (None, None), {}),
        ((LONG_AGO, None), (LONG_AGO, YESTERDAY), {7: YESTERDAY}),
        ((LONG_AGO, None), (LONG_AGO, NEXT_YEAR), {7: NEXT_YEAR}),
        ((LONG_AGO, TOMORROW), (None, None), {7: None}),
        ((LONG_AGO, YESTERDAY), (LONG_AGO, None), {7: None}),
        ((TODAY, YESTERDAY), (None, None), {7: None}),
    ],
)
def test_a_row_that_is_known_keeps_its_past(
    old: tuple[date, date | None],
    new: tuple[date | None, date | None],
    last_day: dict[int, date | None],
) -> None:
    done, faults = run([stored(*old)], [wanted(*new)])
    assert (done.valid_to, done.delete, done.insert, faults) == (last_day, [], [], [])


def test_a_blank_start_is_today_for_a_new_row() -> None:
    done, faults = run([stored(LONG_AGO, LAST_WEEK)], [wanted(None, None)])
    assert [(row.valid_from, row.valid_to) for row in done.insert] == [(TODAY, None)]
    assert (done.valid_to, done.delete, faults) == ({}, [], [])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            [stored(LONG_AGO, None)],
            [wanted(LONG_AGO, TWO_DAYS_AGO)],
            "/rows/2/valid_to 不能改动已经",
        ),
        ([stored(LONG_AGO, LAST_WEEK)], [wanted(LONG_AGO, None)], "/rows/2/valid_to 不能改动已经"),
        ([], [wanted(TODAY, YESTERDAY)], "/rows/2/valid_to 结束日期早于开始日期 2026-11-23"),
        ([], [wanted(None, LAST_WEEK)], "/rows/2/valid_to 结束日期早于开始日期 2026-11-23"),
        ([], [wanted(TODAY, None), wanted(None, None, row=3)], "/rows/3 与第 2 行重复"),
    ],
)
def test_what_cannot_be_done_is_a_fault(old: list[Dated], new: list[Dated], fault: str) -> None:
    _, faults = run(old, new)
    assert len(faults) == 1
    assert faults[0].startswith(fault)
