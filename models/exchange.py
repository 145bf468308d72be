"""What is exchanged with other systems: pictures they name, updates they send, cases they are
sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class MediaLink(Base):
    """A picture of a report that another system names by its address, and what came of it: the
    photo, or the error that stands in the way for good."""

    __tablename__ = "media_link"
    __table_args__ = (Index("ix_media_link_report_id", "report_id"),)

    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    url: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    photo_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("photo.id"))
    error: Mapped[str | None]


class ExternalUpdate(Base):
    """An update of another system, by its account and its own number, and the ledger entry after
    which it was taken: sent twice it counts once."""

    __tablename__ = "external_update"
    __table_args__ = (UniqueConstraint("account_id", "update_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    update_id: Mapped[str]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    seq: Mapped[int] = mapped_column(Integer)
    taken_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Endpoint(Base):
    """A unit's own Open311 system, which is sent the unit's cases. `services` maps our categories
    to its service codes, `*` being any other. Its account is one of the unit's staff that nobody
    signs in to: what it reports, it does."""

    __tablename__ = "endpoint"
    __table_args__ = (
        Index("uq_endpoint_unit", "unit", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    unit: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    url: Mapped[str]
    jurisdiction: Mapped[str | None]
    api_key: Mapped[bytes | None]
    services: Mapped[Json]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    ended_at: Mapped[datetime | None]
    fetched_until: Mapped[datetime | None]
    error: Mapped[str | None]


class Forwarded(Base):
    """A round of a case at an endpoint. `attempted_at` is set before the first try: without a
    `number` nobody knows whether that one arrived."""

    __tablename__ = "forwarded"
    __table_args__ = (Index("ix_forwarded_endpoint_id_number", "endpoint_id", "number"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    round: Mapped[int] = mapped_column(Integer, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    attempted_at: Mapped[datetime]
    token: Mapped[str | None]
    number: Mapped[str | None]
    arrived_at: Mapped[datetime | None]
    status: Mapped[str | None]
