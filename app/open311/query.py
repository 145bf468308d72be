"""Parameters of GeoReport v2: lists by comma, and an empty one is none."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.services.partner_updates import UpdateFilter
from app.services.public import PublicFilter
from models.calendar import LOCAL
from models.errors import InvalidInput

WINDOW = timedelta(days=90)
UPDATES_WINDOW = timedelta(days=1)
MOST = 1000
"""Ninety days or a thousand requests, whichever is smaller."""
_MOST_PAGES = 1000


def values_of(given: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in given.get(name, "").split(",") if one.strip()]


def filter_of(given: Mapping[str, str], now: datetime) -> PublicFilter:
    """What a query of requests asks for.

    Raises:
        InvalidInput: naming the parameter.
    """
    size = _number(given, "page_size", MOST, MOST)
    since, until = _window(given, now)
    return PublicFilter(
        since=since,
        until=until,
        updated_after=_moment(given, "updated_after"),
        updated_before=_moment(given, "updated_before"),
        categories=values_of(given, "service_code") or None,
        is_open=_is_open(given),
        most=size,
        skip=(_number(given, "page", 1, _MOST_PAGES) - 1) * size,
    )


def update_filter_of(given: Mapping[str, str], now: datetime) -> UpdateFilter:
    """Which updates a query asks for: those of the last day, unless it says otherwise.

    Raises:
        InvalidInput: naming the parameter.
    """
    size = _number(given, "page_size", MOST, MOST)
    since, until = _window(given, now, UPDATES_WINDOW)
    numbers = values_of(given, "service_request_id")
    if len(numbers) > MOST:
        raise InvalidInput.at("/service_request_id", f"最多 {MOST} 个 service_request_id")
    skip = (_number(given, "page", 1, _MOST_PAGES) - 1) * size
    return UpdateFilter(since, until, numbers or None, most=size, skip=skip)


def local(moment: datetime | None) -> str | None:
    return moment.astimezone(LOCAL).isoformat(timespec="seconds") if moment else None


def _window(
    given: Mapping[str, str], now: datetime, usual: timedelta = WINDOW
) -> tuple[datetime, datetime]:
    start, end = _moment(given, "start_date"), _moment(given, "end_date")
    if end is None:
        end = now if start is None else min(now, start + WINDOW)
    if start is None:
        start = end - usual
    if start > end:
        raise InvalidInput.at("/start_date", "start_date 晚于 end_date")
    return max(start, end - WINDOW), end


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # an offset's plus, decoded
        if found.tzinfo is not None and 1900 <= found.year < 2200:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput.at(f"/{name}", f"{name} 应为带时区的时间，如 2026-11-25T08:00:00+08:00")


def _is_open(given: Mapping[str, str]) -> bool | None:
    wanted = set(values_of(given, "status"))
    if wanted - {"open", "closed"}:
        raise InvalidInput.at("/status", "status 只能是 open、closed")
    return None if len(wanted) != 1 else wanted == {"open"}


def _number(given: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= most:
        raise InvalidInput.at(f"/{name}", f"{name} 应为 1 至 {most} 的整数")
    return int(text)
