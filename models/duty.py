"""Who checks the cases of a grid, when, and who steps in."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Duty(Base):
    """A worker's hours in an area, or (without worker) the duty unit outside all hours.

    `weekdays` are ISO numbers, Monday 1. `ends` 00:00 stands for midnight at the day's end.
    """

    __tablename__ = "duty"

    id: Mapped[Id]
    area: Mapped[str]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    starts: Mapped[time]
    ends: Mapped[time]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    duty_unit: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))


class Leave(Base):
    __tablename__ = "leave"

    id: Mapped[Id]
    worker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
