"""Shapes of case lists and actions."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from app.schemas.page import PageQuery, decode_cursor, encode_cursor
from app.services.case_list import Filter
from models.errors import InvalidInput
from models.fields import Fields, Moment, Text
from models.geo import Point
from models.status import Action, Status
from models.submission import Source

_CODE = re.compile(r"^[\w.:-]{1,64}$")
Codes = Annotated[str, StringConstraints(max_length=2000)]


class CaseQuery(PageQuery):
    status: Codes | None = Field(default=None, description="statuses by comma")
    category: Codes | None = Field(default=None, description="category codes by comma")
    area: Codes | None = Field(default=None, description="area codes by comma, with their subtree")
    unit: Codes | None = Field(default=None, description="unit codes by comma, with their subtree")
    holder: Literal["me"] | None = None
    overdue: bool | None = None
    q: str | None = Field(default=None, max_length=100, description="number, or words")
    source: Codes | None = Field(default=None, description="sources by comma")
    since: Moment | None = None
    until: Moment | None = None
    near: str | None = Field(default=None, description="lng,lat,radius: WGS-84 and metres")
    sort: Literal["-submitted_at", "due_at"] = "-submitted_at"
    format: Literal["json", "xlsx", "csv"] = "json"

    @field_validator("status")
    @classmethod
    def _statuses(cls, value: str | None) -> str | None:
        return _each(value, [s.value for s in Status])

    @field_validator("source")
    @classmethod
    def _sources(cls, value: str | None) -> str | None:
        return _each(value, [s.value for s in Source])

    @field_validator("category", "area", "unit")
    @classmethod
    def _codes(cls, value: str | None) -> str | None:
        for code in split(value):
            if not _CODE.match(code):
                raise ValueError(f"不是编码：{code[:20]}")
        return value

    @field_validator("near")
    @classmethod
    def _near(cls, value: str | None) -> str | None:
        if value is not None:
            _circle(value)
        return value

    def filter(self) -> Filter:
        by_due = self.sort == "due_at"
        return Filter(
            statuses=[Status(code) for code in split(self.status)],
            categories=split(self.category),
            area=split(self.area),
            unit=split(self.unit),
            sources=split(self.source),
            mine=self.holder == "me",
            overdue=bool(self.overdue),
            q=self.q,
            since=self.since,
            until=self.until,
            near=_circle(self.near) if self.near else None,
            by_due=by_due,
            after=_after(self.cursor, self.sort),
            limit=self.limit,
        )


def split(value: str | None) -> list[str]:
    return [part for part in (value or "").split(",") if part]


def _each(value: str | None, known: list[str]) -> str | None:
    for code in split(value):
        if code not in known:
            raise ValueError(f"没有 {code[:20]}，只能是：{'、'.join(known)}")
    return value


def _circle(value: str) -> tuple[Point, float]:
    try:
        longitude, latitude, metres = (float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("应为 经度,纬度,半径（米）") from None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90 and 0 < metres <= 50_000):
        raise ValueError("经度、纬度或半径超出范围（半径最大 50000 米）")
    return Point(longitude, latitude), metres


def _after(cursor: str | None, sort: str) -> tuple[datetime | None, int] | None:
    values = decode_cursor(cursor, 3)
    if values is None:
        return None
    given_sort, at, last = values
    wrong = InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")
    if given_sort != sort or type(last) is not int or last >= 2**63:
        raise wrong
    try:
        return (datetime.fromisoformat(at) if at is not None else None, last)
    except (TypeError, ValueError):
        raise wrong from None


def next_cursor(query: CaseQuery, last: object) -> str:
    """The cursor behind a row of the page."""
    at: datetime | None = getattr(last, "due_at" if query.sort == "due_at" else "submitted_at")
    return encode_cursor(query.sort, at, getattr(last, "id"))  # noqa: B009


class ActionIn(Fields):
    """An action and the version of the case its sender saw, with the action's own fields."""

    model_config = ConfigDict(extra="allow")

    action: Action
    version: int = Field(ge=0, le=2_000_000_000)


class LimitIn(Fields):
    """Limits the reporter of one report: their reports go to the desk."""

    report_id: str = Field(max_length=20, pattern=r"^[0-9]{1,18}$")
    reason: Text = Field(title="原因")
    expires_at: Moment = Field(title="到期时间")
