"""Days and limits, pure. Local time is Asia/Shanghai."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
HOLIDAY = 8
"""Number of a legal holiday beside the ISO weekdays 1 to 7."""

_LIMIT = re.compile(r"^(\d+(?:\.\d+)?)(wh|wd|h|min)$")
_UNIT = {
    "wh": timedelta(hours=1),
    "wd": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
}


def parse_limit(limit: str) -> tuple[float, str]:
    """`4wh`, `2wd`, `0.5h`, `5min` to amount and unit (working hours, working days, clock time)."""
    match = _LIMIT.match(limit)
    if match is None:
        raise ValueError(f"not a limit: {limit!r}")
    return float(match[1]), match[2]


def add_limit(start: datetime, limit: str) -> datetime:
    """The moment a limit ends, in clock time: a working hour is an hour, a working day a day."""
    amount, unit = parse_limit(limit)
    return start + amount * _UNIT[unit]


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
