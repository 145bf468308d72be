"""What audits read: rounds as the ledger tells them, cells that sum them up, frozen months.

All of it can be made again from the ledger (`flask audit rebuild`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZMULTIRANGE
from sqlalchemy.orm import Mapped

from models.base import Base, Id
from models.measures import COLUMNS, DAYS, TIMES

PAIRS: dict[str, tuple[str, str]] = {
    "grid_unit": ("grid", "unit"),
    "grid_source": ("grid", "source"),
    "community_category": ("community", "category"),
    "unit_category": ("unit", "category"),
    "unit_source": ("unit", "source"),
    "category_source": ("category", "source"),
    "worker_community": ("worker", "community"),
    "worker_unit": ("worker", "unit"),
}
"""The pairs of dimensions that cells are kept for: with one filter and one grouping each view
finds its cells. A grid or community stands with its ancestors, a unit with its own, as paths."""
HOLDER_PAIR = "holder_community"
"""Cells of times only, by who held the stage."""

_MOMENTS = (
    *("began_at", "accepted_at", "start_due_at", "started_at", "due_at", "resolved_at"),
    *("close_due_at", "closed_at", "transferred_at"),
)
SIZE_E7 = (4500, 8000)
"""Height and width in ten-millionths of a degree of the squares that cases are found by: at least
50 m each way up to 55 degrees of latitude."""
_SQUARE = (
    text(f"(latitude_e7 / {SIZE_E7[0]})"),
    text(f"(longitude_e7 / {SIZE_E7[1]})"),
)


def _round_columns() -> list[Column[Any]]:
    """The columns of a round beside its key. `place` is district/street/community/grid/overlay,
    `unit` the path to the unit, root first; a part that is missing is empty."""
    return [
        Column("status", Text, nullable=False),
        Column("counted", Boolean, nullable=False),
        Column("source", Text, nullable=False),
        Column("category", Text),
        Column("place", Text, nullable=False),
        Column("unit", Text),
        Column("worker", BigInteger),
        Column("longitude_e7", Integer, nullable=False),
        Column("latitude_e7", Integer, nullable=False),
        *(Column(name, Text) for name in ("accept_holder", "unit_holder", "check_holder")),
        *(Column(name, DateTime(timezone=True)) for name in _MOMENTS),
        *(Column(name, Date) for name in DAYS),
        Column("suspended", TSTZMULTIRANGE, nullable=False),
        *(Column(name, SmallInteger, nullable=False) for name in COLUMNS),
        *(Column(name, Integer) for name in TIMES),
        Column("head_seq", Integer, nullable=False),
        Column("head_hash", LargeBinary, nullable=False),
    ]


audit_round = Table(
    "audit_round",
    Base.metadata,
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),
    *_round_columns(),
    *(
        Index(f"ix_audit_round_{name}", name, postgresql_where=text(f"{name} IS NOT NULL"))
        for name in DAYS
    ),
    Index("ix_audit_round_category", "category"),
    Index("ix_audit_round_grid", text("split_part(place, '/', 4)")),
    Index(
        "ix_audit_round_began",
        *("category", *_SQUARE, "began_at"),
        postgresql_where=text("round = 1 AND counted"),
    ),
    Index("ix_audit_round_ended", *("category", *_SQUARE, "closed_at")),
    Index(
        "ix_audit_round_appeal_open",
        "case_id",
        postgresql_where=text("appeal_open > 0"),
    ),
    Index(
        "ix_audit_round_suspended",
        "close_due_day",
        postgresql_where=text("suspended <> '{}'"),
    ),
)

audit_frozen_round = Table(
    "audit_frozen_round",
    Base.metadata,
    Column("month", Date, primary_key=True),
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),
    *_round_columns(),
)
"""The rounds that a frozen month's figures were made of, as they were then."""

audit_frozen_month = Table(
    "audit_frozen_month",
    Base.metadata,
    Column("month", Date, primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("frozen_at", DateTime(timezone=True), nullable=False),
    Column("cases", Integer, nullable=False),
    Column("heads_sha256", LargeBinary, nullable=False),
    Column("counts", JSONB, nullable=False),
)
"""`counts` are the month's sums of every column; `heads_sha256` is over lines `number seq hash`
of its cases, in order of their numbers."""


class AuditQueue(Base):
    """Cases whose ledger grew, one row for each commit that wrote to it: rows can be seen in the
    order of commits, and no writer waits for another."""

    __tablename__ = "audit_queue"

    id: Mapped[Id]
    case_id: Mapped[int]
    at: Mapped[datetime]


def _cells(name: str, *columns: Column[Any]) -> Table:
    """Sums by day, or by month under its first day, for each pair of dimensions."""
    return Table(
        name,
        Base.metadata,
        Column("pair", Text, primary_key=True),
        Column("day", Date, primary_key=True),
        Column("a", Text, primary_key=True),
        Column("b", Text, primary_key=True),
        *columns,
    )


def _sums() -> list[Column[Any]]:
    zero = text("0")
    return [Column(name, Integer, nullable=False, server_default=zero) for name in COLUMNS]


def _histogram() -> list[Column[Any]]:
    """As `models.histogram` has them."""
    return [Column(name, LargeBinary, nullable=False) for name in ("codes", "counts")]


audit_day = _cells("audit_day", *_sums())
audit_month = _cells("audit_month", *_sums())
audit_day_time = _cells("audit_day_time", *_histogram())
audit_month_time = _cells("audit_month_time", *_histogram())

audit_stale = Table("audit_stale", Base.metadata, Column("month", Date, primary_key=True))
"""Months whose days changed since they were summed up; until they are again, days are read."""
