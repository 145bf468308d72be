"""Shapes of cases as staff read them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.schemas.moderation import RulingOut
from app.schemas.parts import (
    AreaOut,
    AttributeOut,
    Cursor,
    Id,
    PairsOut,
    PhotoRoleOut,
    RawPlaceOut,
    Sha256,
)
from models.status import Action, Status
from models.submission import Source
from models.timer import Clock

Marks = dict[str, Any] | list[Any]
"""Marks on a case or a report, in a form of the module that set them."""


class CaseBriefOut(BaseModel):
    """`holder` says who has it: `desk`, `unit:CODE`, `worker:ID` and the like."""

    number: str
    version: int
    round: int
    status: Status
    status_label: str
    holder: str
    source: Source
    category: str | None
    category_name: str
    emergency: bool
    location: PairsOut
    street: str | None
    community: str | None
    grid: str | None
    grid_name: str
    unit: str | None
    unit_name: str
    flags: Marks
    reports: int
    submitted_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    description: str | None
    address: str | None


class CasesOut(BaseModel):
    items: list[CaseBriefOut]
    next_cursor: Cursor


class CaseLocationOut(PairsOut):
    """`raw` is what was sent; `placed` how the grid was found."""

    raw: RawPlaceOut
    placed: str


class AreasOut(BaseModel):
    district: AreaOut | None
    street: AreaOut | None
    community: AreaOut | None
    grid: AreaOut | None
    overlay: AreaOut | None


class CasePhotoOut(PhotoRoleOut):
    """`unproven` says that time or place of the shot is not proven."""

    unproven: bool | None


class StaffFeedbackOut(BaseModel):
    round: int
    solved: bool
    rating: int
    by_staff: bool
    at: datetime


class MissingPhotoOut(BaseModel):
    """A picture that was given by its address and is not here (yet)."""

    url: str
    error: str | None


class ReceivedReportOut(BaseModel):
    """A report of the case, without who sent it."""

    id: Id
    ordinal: int
    reporter: str
    anonymous: bool
    source: Source
    external_number: str | None
    external_due_at: datetime | None
    flags: Marks
    by_staff: bool
    limited: bool
    submitted_at: datetime
    withdrawn_at: datetime | None
    receipt: Sha256
    description: str | None
    address: str | None
    photos: list[CasePhotoOut]
    feedback: list[StaffFeedbackOut]
    attributes: list[AttributeOut]
    missing_photos: list[MissingPhotoOut]


class GivenOut(BaseModel):
    label: str
    text: str


class EventOut(BaseModel):
    """A step of the case; `facts` are its own. `given` are those of them that a person chose or
    set, in Chinese: an outcome, a date, whom it went to."""

    seq: int
    at: datetime
    round: int
    action: Action
    label: str
    who: str
    role: str | None
    unit: str | None
    from_: Status | None = Field(alias="from")
    to: Status
    holder: str
    facts: dict[str, Any]
    given: list[GivenOut]
    texts: dict[str, str | None]
    photos: list[CasePhotoOut]


class ClockOut(BaseModel):
    clock: Clock
    label: str
    round: int
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    cleared_at: datetime | None
    step: int


class ContentCheckOut(RulingOut):
    id: Id
    seq: int
    photo_id: str | None


class ChoiceOut(BaseModel):
    value: str
    label: str


class ChoicesOut(BaseModel):
    """By the name of the field."""

    choices: dict[str, list[ChoiceOut]]


class FieldOut(BaseModel):
    name: str
    label: str
    required: bool
    choices: list[ChoiceOut] = []


class ActionFormOut(BaseModel):
    """An action that the caller may take now, with its form. Of the fields that `exactly_one`
    names one is to be given, and the others are not."""

    action: Action
    label: str
    fields: list[FieldOut]
    exactly_one: list[str] = []


class CaseOut(BaseModel):
    """Everything that the caller may see of a case. After an action that took it out of the
    caller's scope only number, version, status and no actions are told."""

    number: str
    version: int
    status: Status
    status_label: str
    actions: list[ActionFormOut]
    round: int = 1
    holder: str = ""
    source: Source = Source.RESIDENT
    source_label: str = ""
    category: str | None = None
    category_name: str = ""
    accept_when: str | None = None
    close_when: str | None = None
    evidence: str | None = None
    emergency: bool = False
    public: bool = False
    location: CaseLocationOut | None = None
    areas: AreasOut | None = None
    grid: str | None = None
    routed_unit: str | None = None
    unit: str | None = None
    unit_name: str = ""
    assignee: Id | None = None
    merged_into: str | None = None
    arbitrated: bool = False
    paraphrase: str | None = None
    flags: Marks = {}
    reports: int = 0
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    assigned_at: datetime | None = None
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    external_due_at: datetime | None = None
    review_at: datetime | None = None
    overdue: bool = False
    revision: int = 0
    reports_received: list[ReceivedReportOut] = []
    timeline: list[EventOut] = []
    clocks: list[ClockOut] = []
    content_checks: list[ContentCheckOut] = []
    on_site_check: str | None = None


class EntryOut(BaseModel):
    """A ledger entry: what is hashed, and its hash."""

    case: str
    seq: int
    round: int
    at: datetime
    actor: dict[str, Any]
    action: Action
    from_: Status | None = Field(alias="from")
    to: Status
    holder: str
    payload: dict[str, Any]
    previous: Sha256
    hash: Sha256


class LedgerOut(BaseModel):
    items: list[EntryOut]
    next_cursor: Cursor


class ReporterOut(BaseModel):
    """Without the last four for who may not see an anonymous reporter."""

    id: Id
    reporter: str
    anonymous: bool
    account: Id | None = None
    name: str | None = None
    phone: str | None = None
    openid: str | None = None


class ReportersOut(BaseModel):
    items: list[ReporterOut]
