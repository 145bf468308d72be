"""What a map of cases is asked for."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from app.schemas.case import split
from app.schemas.page import Query
from app.services.area_units import categories_named
from app.services.case_list import Filter
from models.calendar import LOCAL
from models.routing import Atlas
from models.status import Status

Code = Annotated[str, StringConstraints(pattern=r"^[\w.:-]{1,64}$")]
LONGEST_DAYS = 366


class MapQuery(Query):
    """`now`: cases in hand; else days of which the last is today, or from day to day."""

    period: Literal["now", "1", "7", "30", "90", "own"] = "now"
    since: date | None = None
    until: date | None = None
    status: str | None = Field(default=None, max_length=200)
    category: Code | None = None
    unit: Code | None = None
    area: Code | None = None

    @field_validator("status")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        for code in split(value):
            if code not in list(Status):
                raise ValueError(f"没有这个状态：{code[:20]}")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "MapQuery":
        if self.period != "own":
            return self
        if self.since is None or self.until is None:
            raise ValueError("请选择开始和结束日期")
        if not timedelta(0) <= self.until - self.since < timedelta(days=LONGEST_DAYS):
            raise ValueError(f"结束日期不能早于开始日期，最长 {LONGEST_DAYS} 天")
        return self

    def days(self, today: date) -> tuple[date, date] | None:
        """The first day and the last; None for what is in hand now."""
        if self.period == "now":
            return None
        if self.period == "own" and self.since is not None and self.until is not None:
            return self.since, self.until
        return today - timedelta(days=int(self.period) - 1), today

    def filter(self, atlas: Atlas, today: date) -> Filter:
        days = self.days(today)
        after = timedelta(days=1)
        return Filter(
            statuses=[Status(code) for code in split(self.status)],
            categories=categories_named(atlas, self.category) if self.category else (),
            unit=[self.unit] if self.unit else (),
            area=[self.area] if self.area else (),
            since=_midnight(days[0]) if days else None,
            until=_midnight(days[1] + after) if days else None,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)
