"""Work to be done after a commit, and answers kept for replays."""

from datetime import datetime

from sqlalchemy import Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class Outbox(Base):
    """A job posted in the transaction that wants it done; deleted when it is done.

    The relay hands rows that are due to the broker and moves `due_at` to the end of a lease; a row
    not done by then is handed out again, so the broker may forget everything. `running_until` is
    the lease of the worker that runs it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "due_at", postgresql_where=text("failed_at IS NULL")),
        Index("ix_outbox_failed", "failed_at", postgresql_where=text("failed_at IS NOT NULL")),
    )

    id: Mapped[Id]
    job: Mapped[str]
    args: Mapped[Json]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    running_until: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Idempotency(Base):
    """A write's answer, kept for 24 hours so that its replay answers the same."""

    __tablename__ = "idempotency"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[bytes]


class Installation(Base):
    """Facts about this database as a whole, such as that it is a demo."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
