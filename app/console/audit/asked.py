"""What a page of audits is asked for, as its address tells it, and how people are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import ValidationError

from app.auth import Work
from app.errors import faults_of
from app.schemas.audit import PeriodQuery
from app.services.audit_answer import FILTERS, about, choices
from app.services.audit_selection import Selection, State, state
from models import period
from models.calendar import LOCAL
from models.errors import FieldFault, InvalidInput
from models.period import Period

HOME = "/console/audit"
PERIOD = ("period", "since", "until")
Query = TypeVar("Query", bound=PeriodQuery)


@dataclass(frozen=True, slots=True)
class Asked(Generic[Query]):
    """`wanted` is what is asked for within the person's scope; without it, `faults` say why."""

    given: Mapping[str, str]
    query: Query
    wanted: Selection
    here: State

    def about(self) -> dict[str, Any]:
        return about(self.wanted, self.here)


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """What was given cannot be asked; `scopes` are those of which one has to be chosen."""

    given: Mapping[str, str]
    faults: tuple[FieldFault, ...]
    scopes: tuple[tuple[str, str, str], ...] = ()


def given() -> dict[str, str]:
    """What the address holds; a key may be empty, as that of a group without one."""
    return {name: v for name, v in request.args.items() if v.strip() or name == "key"}


def ask(work: Work, shape: type[Query]) -> Asked[Query] | Unanswerable:
    """Reads the address within the person's scope.

    Raises:
        Forbidden: no role that audits.
        NotFound: an area or unit outside the person's scope.
    """
    found = given()
    try:
        query = shape.model_validate(found)
        wanted = query.within(work.atlas, work.actor)
    except ValidationError as error:
        return Unanswerable(found, tuple(faults_of(error)))
    except InvalidInput as error:
        faults = tuple(error.faults) or (FieldFault("", error.detail),)
        scopes = choices(work.atlas, work.actor).scopes
        undecided = len(scopes) > 1 and not ("area" in found or "unit" in found)
        if undecided and faults[0].pointer == "/area":
            return Unanswerable(found, (), scopes)
        return Unanswerable(found, faults)
    return Asked(found, query, wanted, state(work.db, wanted.period))


def must(asked: Asked[Query] | Unanswerable) -> Asked[Query]:
    """For files, which have no form to show.

    Raises:
        InvalidInput: it cannot be asked.
    """
    if isinstance(asked, Unanswerable):
        faults = asked.faults or (FieldFault("/area", "请先选择一个区域或单位"),)
        raise InvalidInput(faults[0].message, tuple(faults))
    return asked


def address(path: str, query: Mapping[str, str | None]) -> str:
    chosen = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(chosen)}" if chosen else path


def carried(found: Mapping[str, str], *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Period and filters, which every page of audits understands."""
    names = [name for name in (*PERIOD, *FILTERS) if name not in without]
    return {name: found[name] for name in names if name in found}


def days(asked: Period) -> dict[str, str]:
    return {"since": asked.first.isoformat(), "until": asked.last.isoformat()}


def quick(now: datetime) -> list[tuple[str, str]]:
    """Periods of today: what they are called, and their names in an address."""
    today = now.astimezone(LOCAL).date()
    last = period.before(period.parse(f"{today:%Y-%m}"))
    return [
        ("本月", f"{today:%Y-%m}"),
        ("上月", last.name),
        ("本季度", f"{today.year}-Q{(today.month + 2) // 3}"),
        ("本年", f"{today.year}"),
    ]


def in_words(asked: Period) -> str:
    """2026年3月, 2026年第1季度, 2026年, 2026年3月5日, 2026年3月5日至2027年4月1日."""
    first, last = asked.first, asked.last
    year = f"{first.year}年"
    months = list(asked.months())
    whole = len(months) if months and asked.end.day == first.day == 1 else 0
    if whole == 1:
        return f"{year}{first.month}月"
    if whole == 3 and first.month % 3 == 1:
        return f"{year}第{first.month // 3 + 1}季度"
    if whole == 12 and first.month == 1:
        return year
    if first == last:
        return f"{year}{first.month}月{first.day}日"
    until = "" if last.year == first.year else f"{last.year}年"
    return f"{year}{first.month}月{first.day}日至{until}{last.month}月{last.day}日"
