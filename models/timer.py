"""Clocks of a case: one row per clock, which climbs from warning to lateness."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id
from models.calendar import WorkingCalendar


class Clock(StrEnum):
    ACCEPT = "accept"
    VERIFY = "verify"
    ANSWER = "answer"
    START = "start"
    CONTROL = "control"
    HANDLE = "handle"
    CHECK = "check"
    SUSPENSION = "suspension"
    TRANSFER = "transfer"
    SUPERVISE = "supervise"


CLOCK_LABELS = {
    Clock.ACCEPT: "受理",
    Clock.VERIFY: "核实",
    Clock.ANSWER: "市民补充",
    Clock.START: "签收",
    Clock.CONTROL: "先期处置",
    Clock.HANDLE: "处置",
    Clock.CHECK: "核查",
    Clock.SUSPENSION: "挂账复查",
    Clock.TRANSFER: "转办复查",
    Clock.SUPERVISE: "督办",
}

FINAL_STEP = 5


def step_at(
    calendar: WorkingCalendar, started_at: datetime, due_at: datetime, step: int
) -> datetime | None:
    """When a clock reaches a step: 1 at 70 %, 2 at 90 %, 3 at 100 % of its working time, 4 and 5
    one and three working days late; None past the last step. Where nothing is worked in
    between, shares are of clock time."""
    limit = calendar.working_time_between(started_at, due_at)
    if step in (1, 2):
        share = 0.7 if step == 1 else 0.9
        if limit <= timedelta(0):
            return started_at + max(timedelta(0), due_at - started_at) * share
        return min(due_at, calendar.add(started_at, limit * share))
    late = {3: 0, 4: 1, 5: 3}.get(step)
    return None if late is None else calendar.add(due_at, calendar.day_length * late)


def upcoming(
    calendar: WorkingCalendar, started_at: datetime, due_at: datetime, now: datetime
) -> tuple[int, datetime | None]:
    """The first step that is not past at `now`, and its moment; (6, None) when all are."""
    for step in range(1, FINAL_STEP + 1):
        moment = step_at(calendar, started_at, due_at, step)
        if moment is not None and moment >= now:
            return step, moment
    return FINAL_STEP + 1, None


class Timer(Base):
    """A running, met or cleared clock of one round.

    `calendar` names the calendar that its time is counted in: `always` for a limit in clock
    hours. `step` is the last step that fired (0: none); `next_at` when the next one is due, null
    once the clock was met, cleared or fired its last step.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_case_id", "case_id"),
        Index(
            "ix_timer_order",
            "due_at",
            postgresql_where=text("clock = 'supervise' AND met_at IS NULL AND cleared_at IS NULL"),
        ),
        Index(
            "ix_timer_order_answered",
            *("met_at", "id"),
            postgresql_where=text("clock = 'supervise' AND met_at IS NOT NULL"),
        ),
        Index("ix_timer_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    round: Mapped[int] = mapped_column(Integer)
    clock: Mapped[str]
    calendar: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    step: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
