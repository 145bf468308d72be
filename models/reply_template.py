"""Replies to residents that are written once and used often."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class ReplyTemplate(Base):
    """A text to begin a reply with; `action` is the one whose form offers it."""

    __tablename__ = "reply_template"

    id: Mapped[Id]
    action: Mapped[str]
    name: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    retired_at: Mapped[datetime | None]
