"""Shapes of a resident's own reports."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.schemas.parts import AttributeOut, Cursor, Id, PairsOut, PhotoRoleOut, Sha256
from models.status import Action, Status


class ReceivedOut(BaseModel):
    """A report that was taken in. `known` is there, and true, where the external number was
    recorded before."""

    id: Id
    case_number: str
    status: Status
    receipt: Sha256
    known: bool = True


class ReportBriefOut(BaseModel):
    id: Id
    case_number: str
    status: Status
    status_label: str
    category: str | None
    category_name: str
    description: str | None
    location: PairsOut
    submitted_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    withdrawn: bool
    receipt: Sha256


class ReportsOut(BaseModel):
    items: list[ReportBriefOut]
    next_cursor: Cursor


class ToldOut(BaseModel):
    """A step as a resident may read it; `when` is the local time in words."""

    at: datetime
    when: str
    action: Action
    status: Status
    status_label: str
    text: str


class OwnFeedbackOut(BaseModel):
    round: int
    solved: bool
    rating: int
    at: datetime


class ReportOut(ReportBriefOut):
    """`can` names the calls that make sense now; `notice` is there where a feedback could not
    reopen the case, and says why."""

    address: str | None
    anonymous: bool
    unit_name: str
    photos: list[PhotoRoleOut]
    timeline: list[ToldOut]
    feedback: list[OwnFeedbackOut]
    can: list[Literal["supplement", "withdraw", "urge", "answer", "feedback", "appeal"]]
    attributes: list[AttributeOut]
    notice: str = ""
