"""The append-only, hash-chained history of a case, and the texts it only knows by digest."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class LedgerEntry(Base):
    """One event. The database refuses UPDATE, DELETE and TRUNCATE (triggers)."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_at", "at", postgresql_using="brin"),
        Index(
            "ix_ledger_entry_call_back",
            *("at", "case_id"),
            postgresql_where=text("action = 'call_back'"),
        ),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    round: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    actor: Mapped[Json]
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    holder: Mapped[str]
    payload: Mapped[Json]
    previous: Mapped[bytes]
    hash: Mapped[bytes]


class LedgerText(Base):
    """Free text of an entry. Erasing it nulls `salt` and `content`; the chain stays whole."""

    __tablename__ = "ledger_text"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes | None]
    content: Mapped[str | None]
    account_id: Mapped[int | None] = mapped_column(index=True)


class Anchor(Base):
    """One line of the anchor file: the Merkle root over the heads of the chains that moved."""

    __tablename__ = "anchor"

    id: Mapped[Id]
    since: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(unique=True)
    root: Mapped[bytes]
    line: Mapped[str]


class AnchorHead(Base):
    __tablename__ = "anchor_head"

    anchor_id: Mapped[int] = mapped_column(ForeignKey("anchor.id"), primary_key=True)
    case_number: Mapped[str] = mapped_column(primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(Integer)
    hash: Mapped[bytes]
