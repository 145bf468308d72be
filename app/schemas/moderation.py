"""Shapes of content that waits for a person."""

from datetime import datetime

from pydantic import BaseModel

from app.schemas.parts import Cursor, Id
from models.content import Because, ContentState


class RulingOut(BaseModel):
    """How a check of words or of a photo stands."""

    state: ContentState
    state_label: str
    because: Because | None
    because_label: str | None
    suggest: str | None
    label: int | None
    label_name: str | None


class HeldContentOut(RulingOut):
    id: Id
    case_number: str
    category_name: str
    kind: str
    words: str | None
    photo_id: str | None
    by: str
    created_at: datetime


class ModerationOut(BaseModel):
    items: list[HeldContentOut]
    next_cursor: Cursor


class DecidedOut(BaseModel):
    decided: int
