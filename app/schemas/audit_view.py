"""Shapes of audits as they are answered."""

from datetime import date, datetime

from pydantic import BaseModel

from app.schemas.case_clock import HeldOut
from app.schemas.parts import Cursor, Id, Seconds, Sha256
from models.status import Status
from models.submission import Source


class AskedPeriodOut(BaseModel):
    name: str
    begins: datetime
    ends: datetime


class AskedFilterOut(BaseModel):
    area: str | None
    unit: str | None
    category: str | None
    source: str | None


class FrozenOut(BaseModel):
    """A frozen month, with the hash of the ledger heads that it came from."""

    month: str
    as_of: datetime
    frozen_at: datetime
    cases: int
    heads_sha256: Sha256


class AboutOut(BaseModel):
    """What every answer says of itself."""

    period: AskedPeriodOut
    filter: AskedFilterOut
    group_by: str | None
    as_of: datetime
    frozen: FrozenOut | None


class WordsOut(BaseModel):
    """What people call the names in these answers."""

    counts: dict[str, str]
    figures: dict[str, str]
    stages: dict[str, str]
    groups: dict[str, str]


class FigureOut(BaseModel):
    """`value` in percent."""

    value: float | None
    numerator: int
    denominator: int


class BeforeOut(BaseModel):
    """What upheld appeals changed, as it was without."""

    counts: dict[str, int]
    figures: dict[str, FigureOut]


class TotalOut(BaseModel):
    """`cases`, with the name of a count behind it, lists the cases of that count."""

    counts: dict[str, int]
    figures: dict[str, FigureOut]
    before_appeals: BeforeOut
    cases: str


class GroupOut(TotalOut):
    """`rank` is there when ranking was asked for; null for groups that are too small."""

    key: str | None
    name: str
    rank: int | None = None


class FiguresOut(AboutOut):
    words: WordsOut
    total: TotalOut
    items: list[GroupOut]


class PercentilesOut(BaseModel):
    """Whole minutes, by nearest rank."""

    median: int | None
    p90: int | None
    p95: int | None


class StageOut(BaseModel):
    count: int
    clock_minutes: PercentilesOut
    working_minutes: PercentilesOut


class StagesOut(BaseModel):
    stages: dict[str, StageOut]


class StagesOfGroupOut(StagesOut):
    key: str | None
    name: str


class ResponseTimesOut(AboutOut):
    """`exact` is false where there were too many values to look at one by one."""

    words: WordsOut
    exact: bool
    total: StagesOut
    items: list[StagesOfGroupOut]


class AuditRoundOut(BaseModel):
    """A round of a case; `amount` is what it adds to the count."""

    case_number: str
    round: int
    day: date
    amount: int
    status: Status
    status_label: str
    source: Source
    category: str | None
    category_name: str
    grid: str | None
    grid_name: str
    unit: str | None
    unit_name: str
    worker: Id | None
    worker_name: str | None
    began_at: datetime
    accepted_at: datetime | None
    start_due_at: datetime | None
    started_at: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    close_due_at: datetime | None
    closed_at: datetime | None
    ledger: str


class AuditCasesOut(AboutOut):
    items: list[AuditRoundOut]
    next_cursor: Cursor


class LateRoundOut(AuditRoundOut):
    late_seconds: Seconds
    late_working_seconds: Seconds
    handled: bool
    held_since_due: list[HeldOut]
    held: list[HeldOut]


class LateOut(AboutOut):
    items: list[LateRoundOut]
    next_cursor: Cursor


class MonthOut(BaseModel):
    month: str
    frozen: FrozenOut | None
    waits_for: str | None


class MonthsOut(BaseModel):
    items: list[MonthOut]
    next_cursor: Cursor
