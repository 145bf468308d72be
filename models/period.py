"""Periods that figures are asked for: whole days of local time. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.calendar import LOCAL
from models.errors import InvalidInput

_DAY = timedelta(days=1)
_FORMS = (
    (re.compile(r"^(\d{4})$", re.ASCII), "year"),
    (re.compile(r"^(\d{4})-Q([1-4])$", re.ASCII), "quarter"),
    (re.compile(r"^(\d{4})-(\d{2})$", re.ASCII), "month"),
    (re.compile(r"^(\d{4})-(\d{2})-(\d{2})$", re.ASCII), "day"),
)
WRONG = "应为 2026、2026-Q4、2026-11 或 2026-11-23"
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to before `end`, both local days; never empty."""

    first: date
    end: date

    @property
    def last(self) -> date:
        return self.end - _DAY

    @property
    def name(self) -> str:
        """`2026-11` for a whole month, else first and last day."""
        if self.month is not None:
            return f"{self.first:%Y-%m}"
        return f"{self.first}~{self.last}"

    @property
    def month(self) -> date | None:
        """The first day, where the period is one whole month."""
        return self.first if self.first.day == 1 and next_month(self.first) == self.end else None

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(), LOCAL)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.end, time(), LOCAL)

    def months(self) -> Iterator[date]:
        """First days of the whole months in it."""
        month = self.first if self.first.day == 1 else next_month(self.first)
        while next_month(month) <= self.end:
            yield month
            month = next_month(month)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def before(period: Period) -> Period:
    """The period of the same length that ends where this one begins: as many whole months, or
    as many days."""
    first, end = period.first, period.end
    if first.day == 1 and end.day == 1:
        return Period(_months_on(first, _months(first) - _months(end)), first)
    return Period(first - (end - first), first)


def after(period: Period) -> Period:
    """The period of the same length that begins where this one ends."""
    first, end = period.first, period.end
    if first.day == 1 and end.day == 1:
        return Period(end, _months_on(end, _months(end) - _months(first)))
    return Period(end, end + (end - first))


def year_before(period: Period) -> Period:
    """The same days of the year before; a 29 February stands for the day before it there."""
    end = period.end
    earlier = _a_year_earlier(end) if end.day == 1 else _a_year_earlier(period.last) + _DAY
    return Period(_a_year_earlier(period.first), earlier)


def _a_year_earlier(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _months_on(day: date, months: int) -> date:
    year, month = divmod(_months(day) - 1 + months, 12)
    return date(year, month + 1, 1)


def parse(text: str, pointer: str = "/period") -> Period:
    """A year, quarter, month or day.

    Raises:
        InvalidInput: it is none, or lies outside the years 2000 to 2099.
    """
    for form, kind in _FORMS:
        match = form.match(text)
        if match is None:
            continue
        numbers = [int(part) for part in match.groups()]
        try:
            return _period(kind, numbers)
        except ValueError:
            break
    raise InvalidInput.at(pointer, WRONG)


def _period(kind: str, numbers: list[int]) -> Period:
    if not 2000 <= numbers[0] <= 2099:
        raise ValueError("outside the calendars")
    if kind == "year":
        return Period(date(numbers[0], 1, 1), date(numbers[0] + 1, 1, 1))
    if kind == "quarter":
        first = date(numbers[0], 3 * numbers[1] - 2, 1)
        return Period(first, next_month(next_month(next_month(first))))
    if kind == "month":
        first = date(numbers[0], numbers[1], 1)
        return Period(first, next_month(first))
    first = date(*numbers)
    return Period(first, first + _DAY)


def between(since: str, until: str) -> Period:
    """From a day or local midnight on; `until` is the last day where it is a day, else the
    midnight before which the period ends.

    Raises:
        InvalidInput: no day and no midnight; reversed; longer than ten years.
    """
    first, end = _bound(since, "/since"), _bound(until, "/until", last=True)
    if first >= end:
        raise InvalidInput.at("/until", "结束日期早于开始日期")
    if end - first > LONGEST:
        raise InvalidInput.at("/until", "时间段最长十年")
    return Period(first, end)


def _bound(text: str, pointer: str, *, last: bool = False) -> date:
    wrong = InvalidInput.at(pointer, "应为日期，如 2026-11-23；统计按整天计算")
    try:
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text)
            day += _DAY if last else timedelta(0)
        else:
            local = datetime.fromisoformat(text)
            local = local.astimezone(LOCAL) if local.tzinfo else local
            day = local.date()
            if local.time() != time():
                raise wrong
    except (ValueError, OverflowError):
        raise wrong from None
    if not 2000 <= day.year <= 2100:
        raise InvalidInput.at(pointer, "年份应在 2000 至 2099 之间")
    return day
