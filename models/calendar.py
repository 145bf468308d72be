"""Days, limits and working time, pure. Local time is Asia/Shanghai, eight hours ahead of UTC."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
HOLIDAY = 8
"""Number of a legal holiday beside the ISO weekdays 1 to 7."""

_WEEK = "一二三四五六日"
_LIMIT = re.compile(r"^(\d+(?:\.\d+)?)(wh|wd|h|min)$", re.ASCII)
_SPAN = re.compile(r"^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$", re.ASCII)
_UNIT_WORDS = {"wh": "个工作小时", "wd": "个工作日", "h": "小时", "min": "分钟"}
_CLOCK = {"h": timedelta(hours=1), "min": timedelta(minutes=1)}

Hours = tuple[tuple[time, time], ...]
"""Working hours of a day, in order and apart; an end of 00:00 is the day's end."""

OFFICE_DAY: Hours = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
STREET_DAY: Hours = ((time(7), time(22)),)
WHOLE_DAY: Hours = ((time(0), time(0)),)
CLOSED: Hours = ()

OFFICE, STREET, ALWAYS = "office", "street", "always"
CALENDARS = (OFFICE, STREET, ALWAYS)
CALENDAR_LABELS = {OFFICE: "工作日历", STREET: "街面日历", ALWAYS: "全天"}
_HOURS = {OFFICE: OFFICE_DAY, STREET: STREET_DAY, ALWAYS: WHOLE_DAY}

_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)
_EPOCH = datetime(2000, 1, 1, tzinfo=LOCAL).astimezone(UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
_KNOWN_AHEAD = timedelta(days=60)


def parse_limit(limit: str) -> tuple[float, str]:
    """`4wh`, `2wd`, `0.5h`, `5min` to amount and unit (working hours, working days, clock time)."""
    match = _LIMIT.match(limit)
    if match is None:
        raise ValueError(f"not a limit: {limit!r}")
    return float(match[1]), match[2]


def limit_in_words(limit: str | None) -> str:
    """`4wh` as 4 个工作小时, `2wd` as 2 个工作日, `0.5h` as 0.5 小时; without limit a dash."""
    if not limit:
        return "—"
    amount, unit = parse_limit(limit)
    return f"{amount:g} {_UNIT_WORDS[unit]}"


def in_clock_time(limit: str) -> bool:
    """Whether the limit runs by the clock, whatever the calendar."""
    return parse_limit(limit)[1] in _CLOCK


@lru_cache(maxsize=1024)
def day_number(day: date) -> int:
    """ISO weekday as duties count it: 8 on a legal holiday, 1 on a working weekend (调休).

    Years that the holiday library does not know have plain weekdays.
    """
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
        if chinese_calendar.is_in_lieu(day) or (off and name):  # a worked weekend is named too
            return HOLIDAY
        if chinese_calendar.is_workday(day) and day.isoweekday() > 5:
            return 1
    except NotImplementedError:
        return day.isoweekday()
    return day.isoweekday()


def unknown_year(today: date) -> int | None:
    """The year whose holidays the library does not know, if limits set today may reach it."""
    known = {day.year for day in chinese_calendar.holidays}
    return next((y for y in (today.year, (today + _KNOWN_AHEAD).year) if y not in known), None)


def parse_hours(written: str) -> Hours:
    """`08:30-12:00,14:30-17:30` to hours; empty for a day off. `24:00` is the day's end.

    Raises:
        ValueError: no such hours, or out of order.
    """
    found: list[tuple[time, time]] = []
    for span in filter(None, written.split(",")):
        match = _SPAN.match(span)
        if match is None:
            raise ValueError(f"not hours: {span!r}")
        start, end = (time.fromisoformat(part.replace("24:00", "00:00")) for part in match.groups())
        found.append((start, end))
    edges = [edge for start, end in _spans(tuple(found)) for edge in (start, end)]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise ValueError(f"hours out of order: {written!r}")
    return tuple(found)


def written_hours(hours: Hours) -> str:
    """The hours as `parse_hours` reads them."""
    ends = (f"{end:%H:%M}" if end != time(0) else "24:00" for _, end in hours)
    return ",".join(f"{start:%H:%M}-{end}" for (start, _), end in zip(hours, ends, strict=True))


def weekdays_in_words(days: Iterable[int]) -> str:
    """Numbers of `day_number` as 每天, 周一至周五、节假日, 周六."""
    known = sorted(set(days))
    week = [day for day in known if day < HOLIDAY]
    holiday = ["节假日"] if HOLIDAY in known else []
    if len(week) == 7:
        return "每天"
    runs: list[list[int]] = []
    for day in week:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join([_run(days) for days in runs] + holiday)


def _run(days: Sequence[int]) -> str:
    first, last = _WEEK[days[0] - 1], _WEEK[days[-1] - 1]
    if len(days) == 1:
        return f"周{first}"
    return f"周{first}{'至' if len(days) > 2 else '、'}周{last}"


def is_working_day(day: date) -> bool:
    """By law: holidays off, shifted weekends worked; plain weeks where the law is not known."""
    if day in chinese_calendar.workdays:
        return True
    return day.isoweekday() < 6 and day not in chinese_calendar.holidays


def _plain_hours(name: str, day: date) -> Hours:
    return CLOSED if name == OFFICE and not is_working_day(day) else _HOURS[name]


@lru_cache
def _plain_lengths(name: str) -> tuple[int, ...]:
    days = (_LAST - _FIRST).days
    return tuple(_length(_plain_hours(name, _FIRST + timedelta(days=i))) for i in range(days))


@lru_cache(maxsize=1000)
def _spans(hours: Hours) -> tuple[tuple[int, int], ...]:
    """In microseconds since midnight."""
    return tuple((_since_midnight(start), _since_midnight(end) or _DAY) for start, end in hours)


def _length(hours: Hours) -> int:
    return sum(end - start for start, end in _spans(hours))


def _since_midnight(moment: time) -> int:
    return timedelta(hours=moment.hour, minutes=moment.minute) // _MICROSECOND


@dataclass(frozen=True)
class WorkingCalendar:
    """A named calendar: the hours of a working day, and local exceptions by day.

    Working time is a line: microseconds worked since 2000. Adding is a step on it and measuring a
    difference, so that both are exact, additive and inverse. Nothing is worked before 2000 and
    after 2099; what would end later ends with 2099.
    """

    name: str
    exceptions: tuple[tuple[date, Hours], ...] = ()

    @cached_property
    def day_length(self) -> timedelta:
        """What one working day (`wd`) stands for."""
        return _length(_HOURS[self.name]) * _MICROSECOND

    def hours(self, day: date) -> Hours:
        """When the day is worked."""
        found = self._exceptional.get(day)
        return _plain_hours(self.name, day) if found is None else found

    def add_working_time(self, start: datetime, limit: str) -> datetime:
        """When a limit that begins at `start` ends; `h` and `min` run by the clock."""
        amount, unit = parse_limit(limit)
        if unit in _CLOCK:
            return start + amount * _CLOCK[unit]
        return self.add(start, amount * (self.day_length if unit == "wd" else timedelta(hours=1)))

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """The first moment by which so much, not negative, was worked from `start` on."""
        if not worked:
            return start
        position = self._position(start) + worked // _MICROSECOND
        return max(start, self._moment(min(position, self._worked[-1])))

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """How much of the time from `a` to `b` is worked; negative if `b` lies before `a`."""
        return (self._position(b) - self._position(a)) * _MICROSECOND

    @cached_property
    def _exceptional(self) -> dict[date, Hours]:
        return dict(self.exceptions)

    @cached_property
    def _worked(self) -> list[int]:
        """Microseconds worked before each midnight."""
        lengths = list(_plain_lengths(self.name))
        for day, hours in self.exceptions:
            lengths[(day - _FIRST).days] = _length(hours)
        return list(accumulate(lengths, initial=0))

    def _position(self, moment: datetime) -> int:
        day, within = divmod((moment - _EPOCH) // _MICROSECOND, _DAY)
        if not 0 <= day < len(self._worked) - 1:
            return 0 if day < 0 else self._worked[-1]
        spans = _spans(self._hours_of(day))
        return self._worked[day] + sum(max(0, min(within, end) - start) for start, end in spans)

    def _moment(self, position: int) -> datetime:
        day = max(0, bisect_left(self._worked, position) - 1)
        left, found = position - self._worked[day], day * _DAY
        for start, end in _spans(self._hours_of(day)):
            found = day * _DAY + start + min(left, end - start)
            left -= end - start
            if left <= 0:
                break
        return _EPOCH + found * _MICROSECOND

    def _hours_of(self, day: int) -> Hours:
        return self.hours(_FIRST + timedelta(days=day))


PLAIN = {name: WorkingCalendar(name) for name in CALENDARS}
"""The calendars by name, without local exceptions."""
