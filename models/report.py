"""Reports: what one resident, patrol or desk clerk submitted. Testimony, never edited."""

from datetime import datetime, timedelta

from sqlalchemy import Double, ForeignKey, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json, Words

URGE_EVERY = timedelta(days=1)


class Report(Base):
    """`ordinal` numbers the reports of a case: `reporter-1` in its ledger is ordinal 1.

    The words (`description`, `address`) are texts of the ledger entry that recorded the report,
    (`entry_case_id`, `entry_seq`), which stay when a merge moves the report to another case.
    `reporter_name`, `contact_phone` (encrypted) and the words are personal data, nulled on erasure.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        UniqueConstraint("source", "external_number"),
        Index("ix_report_account_id_id", "account_id", "id"),
        Index(
            "ix_report_recorded_by",
            *("recorded_by", "case_id"),
            postgresql_where=text("source = 'open311'"),
        ),
        Index(
            "ix_report_ticket",
            *("source", "submitted_at", "id"),
            postgresql_where=text("external_number IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    ordinal: Mapped[int] = mapped_column(Integer)
    entry_case_id: Mapped[int]
    entry_seq: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    external_number: Mapped[str | None]
    external_due_at: Mapped[datetime | None]
    category: Mapped[str | None]
    reporter_name: Mapped[str | None]
    contact_phone: Mapped[bytes | None]
    anonymous: Mapped[bool]
    by_staff: Mapped[bool]
    limited: Mapped[bool]
    flags: Mapped[Json]
    longitude: Mapped[float] = mapped_column(Double)
    latitude: Mapped[float] = mapped_column(Double)
    receipt: Mapped[bytes]
    submitted_at: Mapped[datetime]
    urged_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class ReportWords(Base):
    """Character pairs of a report's words, for search; written by a job, deleted on erasure."""

    __tablename__ = "report_words"
    __table_args__ = (Index("ix_report_words_grams", "grams", postgresql_using="gin"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    grams: Mapped[Words]


class Feedback(Base):
    """A reporter's word on one round's result; the comment is a ledger text."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_bad", "at", postgresql_where=text("NOT solved OR rating <= 2")),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    round: Mapped[int] = mapped_column(Integer, primary_key=True)
    solved: Mapped[bool]
    rating: Mapped[int] = mapped_column(SmallInteger)
    by_staff: Mapped[bool]
    at: Mapped[datetime]
