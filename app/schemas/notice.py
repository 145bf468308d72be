"""Shapes of notices, in an inbox and of a case."""

from datetime import datetime

from pydantic import BaseModel

from app.schemas.parts import Cursor, Id
from models.message import MessageState


class MessageOut(BaseModel):
    """What became of a notice on its way to a phone."""

    state: MessageState
    state_label: str
    attempts: int
    errcode: int | None
    reason: str | None
    ended_at: datetime | None


class CaseNoticeOut(BaseModel):
    id: Id
    to: str | None
    title: str
    created_at: datetime
    read_at: datetime | None
    message: MessageOut | None


class CaseNoticesOut(BaseModel):
    items: list[CaseNoticeOut]
    next_cursor: Cursor


class InboxItemOut(BaseModel):
    id: Id
    case_number: str | None
    report_id: Id | None
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None
    message: MessageOut | None


class InboxOut(BaseModel):
    items: list[InboxItemOut]
    next_cursor: Cursor


class ReadOut(BaseModel):
    """How many were marked."""

    read: int
