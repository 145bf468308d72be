"""Shapes of who held a case how long, of its limits and of orders."""

from datetime import datetime

from pydantic import BaseModel

from app.schemas.parts import Cursor, Seconds
from models.status import Status
from models.timer import Clock


class HeldOut(BaseModel):
    """Who held it how long."""

    holder: str
    holder_name: str
    seconds: Seconds
    working_seconds: Seconds


class SpanOut(HeldOut):
    status: Status
    status_label: str
    began_at: datetime
    ended_at: datetime
    calendar: str
    calendar_label: str


class CaseLimitOut(BaseModel):
    """A limit in working time, and how it was kept."""

    clock: Clock
    label: str
    calendar: str
    calendar_label: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    cleared_at: datetime | None
    step: int
    step_label: str
    late: bool
    working_seconds: Seconds
    working_seconds_left: Seconds | None


class RoundOut(BaseModel):
    round: int
    began_at: datetime
    ended_at: datetime | None
    seconds: Seconds
    working_seconds: Seconds
    spans: list[SpanOut]
    holders: list[HeldOut]
    limits: list[CaseLimitOut]


class CaseClockOut(BaseModel):
    number: str
    status: Status
    status_label: str
    now: datetime
    due_at: datetime | None
    rounds: list[RoundOut]


class OrderOut(BaseModel):
    """A supervisor's order that waits for its answer."""

    case_number: str
    status: Status
    status_label: str
    category: str | None
    category_name: str
    grid: str | None
    grid_name: str
    unit: str | None
    unit_name: str
    holder: str
    ordered_by: str | None
    ordered_at: datetime
    demand: str | None
    due_at: datetime
    late: bool
    step: int
    step_label: str
    working_seconds_left: Seconds
    calendar: str
    calendar_label: str


class OrdersOut(BaseModel):
    items: list[OrderOut]
    next_cursor: Cursor
