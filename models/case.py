"""Cases: what the administration works on."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Integer, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json
from models.status import FINAL, Status

NUMBERS = Sequence("case_number", metadata=Base.metadata)
"""Serials of case ids and numbers, from one sequence; gaps are allowed."""

_FINAL_LIST = ", ".join(f"'{status}'" for status in sorted(FINAL))
PUBLIC = text("public AND status NOT IN ('merged', 'withdrawn')")
OPEN = text(f"status NOT IN ({_FINAL_LIST})")
_STATUS_LIST = ", ".join(f"'{status}'" for status in Status)


def _by_status(name: str, *columns: str) -> Index:
    newest = (text("submitted_at DESC"), text("id DESC"))
    return Index(f"ix_case_{name}", *columns, "status", *newest)


class Case(Base):
    """The case as it stands; every change to it has its ledger entry.

    `district` to `grid` and `unit_1` to `unit_3` are the codes of the ancestors it was routed
    by, so that a subtree is an equality. `unit` is null until a unit answers for the case;
    `routed_unit` is what the rules proposed. `holder` is `desk`, `supervisor`, `reporter`,
    `worker:ID`, `unit:CODE`, `outside` or `none`. Limits of the handling clock are those of the
    category when `handling_since` was set.

    Codes of categories, areas and units come from the atlas, whose rows are never deleted; foreign
    keys on them would make every report lock the same few rows.
    """

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUS_LIST})", name="status"),
        _by_status("status"),
        _by_status("street", "street"),
        _by_status("community", "community"),
        _by_status("grid", "grid"),
        _by_status("unit_1", "unit_1"),
        _by_status("unit_2", "unit_2"),
        _by_status("unit_3", "unit_3"),
        _by_status("category", "category"),
        Index(
            "ix_case_public", text("submitted_at DESC"), text("id DESC"), postgresql_where=PUBLIC
        ),
        Index("ix_case_public_changed", "changed_at", postgresql_where=PUBLIC),
        Index("ix_case_due_at", "due_at", "id", postgresql_where=OPEN),
        Index(
            "ix_case_closed_at",
            *("closed_at", "id"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index("ix_case_holder", "holder", "due_at", "id", postgresql_where=OPEN),
        Index("ix_case_place", text("box(point(longitude, latitude))"), postgresql_using="gist"),
        Index(
            "ix_case_open_place",
            text("box(point(longitude, latitude))"),
            postgresql_using="gist",
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    holder: Mapped[str]
    source: Mapped[str]
    category: Mapped[str | None]
    emergency: Mapped[bool]
    public: Mapped[bool]
    longitude: Mapped[float] = mapped_column(Double)
    latitude: Mapped[float] = mapped_column(Double)
    raw_longitude: Mapped[float] = mapped_column(Double)
    raw_latitude: Mapped[float] = mapped_column(Double)
    coord_type: Mapped[str]
    accuracy_m: Mapped[float | None] = mapped_column(Double)
    district: Mapped[str | None]
    street: Mapped[str | None]
    community: Mapped[str | None]
    grid: Mapped[str | None]
    overlay: Mapped[str | None]
    placed: Mapped[str]
    routed_unit: Mapped[str | None]
    unit: Mapped[str | None]
    unit_1: Mapped[str | None]
    unit_2: Mapped[str | None]
    unit_3: Mapped[str | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revision: Mapped[int]
    arbitrated: Mapped[bool] = mapped_column(server_default="false")
    paraphrase: Mapped[str | None]
    flags: Mapped[Json]
    reports: Mapped[int] = mapped_column(Integer, server_default="1")
    head_seq: Mapped[int] = mapped_column(Integer)
    head_hash: Mapped[bytes]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    evidence_since: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    external_due_at: Mapped[datetime | None]
    review_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
