"""Spot checks: random draws of closed cases, and what was found at each."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class SpotCheck(Base):
    """One draw. Its rule, its seed and the hash of the numbers that it drew from are kept, so that
    anybody can draw it again; `first` and `last` are days of closing, both inclusive."""

    __tablename__ = "spot_check"

    id: Mapped[Id]
    drawn_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    drawn_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    first: Mapped[date]
    last: Mapped[date]
    area: Mapped[str | None]
    unit: Mapped[str | None]
    category: Mapped[str | None]
    size: Mapped[int] = mapped_column(Integer)
    self_handled_weight: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str]
    population: Mapped[int] = mapped_column(Integer)
    population_sha256: Mapped[bytes]


class SpotCheckItem(Base):
    """A case that was drawn; `finding` is null until somebody looked."""

    __tablename__ = "spot_check_item"

    spot_check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    finding: Mapped[str | None]
    comment: Mapped[str | None]
    found_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    found_at: Mapped[datetime | None]
