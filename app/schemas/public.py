"""Shapes of public data."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field


class StepOut(BaseModel):
    status_label: str
    at: datetime


class PhotosOut(BaseModel):
    """Paths of released photos on this server."""

    before: list[str]
    after: list[str]


class PublicCaseOut(BaseModel):
    """`approximate` places are told to about 100 m, and not in words."""

    number: str
    category: str | None
    category_name: str
    status: Literal["open", "closed"]
    status_label: str
    status_words: str
    grid: str | None
    grid_name: str
    unit_name: str | None
    longitude: float
    latitude: float
    approximate: bool
    description: str | None
    address: str | None
    submitted_at: datetime
    closed_at: datetime | None
    photos: PhotosOut


class OneCaseOut(PublicCaseOut):
    timeline: list[StepOut]


class SolvedOut(BaseModel):
    items: list[PublicCaseOut]


class CountedOut(BaseModel):
    """Shares in percent; null where they are of fewer than `fewest`."""

    reported: int
    closed: int
    judged: int
    in_time_percent: float | None
    median_minutes: int | None
    answered: int
    solved_percent: float | None
    satisfied_percent: float | None


class PublicMonthOut(CountedOut):
    month: str = Field(pattern="^[0-9]{4}-[0-9]{2}$")


class PartOut(CountedOut):
    code: str | None
    name: str


class DividedOut(BaseModel):
    """`until` is the last day."""

    since: date
    until: date
    total: CountedOut
    groups: list[PartOut]
    streets: list[PartOut]


class PublicFiguresOut(BaseModel):
    fewest: int
    open: int
    months: list[PublicMonthOut]
    this_month: DividedOut
    last_30_days: DividedOut
