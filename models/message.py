"""Subscribe messages: which event sends which template, what was consented to, what was sent."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json
from models.calendar import LOCAL

QUIET_FROM, QUIET_UNTIL = time(22), time(7)
NEWS_FOR = timedelta(hours=24)
"""A message that could not be sent by then is no news any more; the inbox has it."""


def after_quiet(at: datetime) -> datetime | None:
    """When the quiet hours end that `at` lies in (22:00 to 07:00 in the district), else None."""
    here = at.astimezone(LOCAL)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return None
    day = here.date() + timedelta(days=1 if here.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, LOCAL)


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"


MESSAGE_LABELS = {
    MessageState.WAITING: "等待发送",
    MessageState.SENDING: "正在发送",
    MessageState.SENT: "已发送",
    MessageState.REFUSED: "用户没有订阅",
    MessageState.FAILED: "发送失败",
}
_STATES = ", ".join(f"'{state}'" for state in MessageState)


class MessageTemplate(Base):
    """A row of the table of messages: an event, its template at WeChat, and what fills it.

    `fields` maps the template's keys to words with placeholders: {"thing1": "{category}"}.
    """

    __tablename__ = "message_template"

    event: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str]
    page: Mapped[str]
    urgent: Mapped[bool]
    fields: Mapped[Json]


class Message(Base):
    """A notice on its way to a phone. `errcode` is WeChat's number of the last attempt."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_message_account_id_template_id_id", "account_id", "template_id", "id"),
    )

    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    template_id: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    errcode: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str | None]


class Consent(Base):
    """How many messages of a template an account still agreed to."""

    __tablename__ = "consent"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    template_id: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int] = mapped_column(Integer)


class ConsentEntry(Base):
    """One change of a consent, as it was told: by WeChat (`push`), by the mini program (`phone`),
    or by sending (`send`). Append-only but for erasure."""

    __tablename__ = "consent_entry"
    __table_args__ = (
        Index("ix_consent_entry_account_id_template_id_id", "account_id", "template_id", "id"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    template_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    source: Mapped[str]
    said: Mapped[str]
    change: Mapped[int] = mapped_column(Integer)
    remaining: Mapped[int] = mapped_column(Integer)
