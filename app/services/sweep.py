"""What is due by itself: clocks that reached a step, duties that changed, redrawn maps."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from app.services import intake, notice
from app.services.case import Turn, act_as_system, checker, gather, placement
from app.services.handling import resume
from models.area import Area
from models.case import OPEN, Case
from models.routing import Atlas
from models.status import Action, Status
from models.timer import FINAL_STEP, Clock, Timer, upcoming
from models.workflow import MOVES

DUE_STEP = 3


def due_timers(db: Connection, most: int) -> list[int]:
    """Ids of timers with a step that is due, the longest due first."""
    return list(
        db.execute(
            select(Timer.id)
            .where(Timer.next_at <= datetime.now(UTC))
            .order_by(Timer.next_at)
            .limit(most)
        ).scalars()
    )


def fire(db: Connection, atlas: Atlas, timer_id: int) -> bool:
    """Fires the newest step that a timer reached: steps missed while nobody swept are one.

    The case is locked first, as an action would; another sweeper or action that holds it gets
    it, and this one leaves the timer for the next sweep. Returns whether it fired.
    """
    case_id = db.execute(select(Timer.case_id).where(Timer.id == timer_id)).scalar_one()
    case = db.execute(
        select(Case.__table__).where(Case.id == case_id).with_for_update(skip_locked=True)
    ).one_or_none()
    if case is None:
        return False
    timer = db.execute(select(Timer.__table__).where(Timer.id == timer_id)).one()
    now = datetime.now(UTC)
    if timer.next_at is None or timer.next_at > now:
        return False
    # A step that is due this very microsecond has been reached.
    after = now + timedelta(microseconds=1)
    step, next_at = upcoming(timer.started_at, timer.due_at, after)
    reached = min(step - 1, FINAL_STEP)
    db.execute(
        update(Timer)
        .where(Timer.id == timer_id)
        .values(step=reached, next_at=next_at, fired_at=now)
    )
    if reached >= DUE_STEP and _acts_by_itself(db, atlas, case, timer):
        return True
    notice.warn(db, atlas, case, timer, reached, now)
    return True


def _acts_by_itself(db: Connection, atlas: Atlas, case: Any, timer: Any) -> bool:
    if timer.clock == Clock.ANSWER:
        return act_as_system(db, atlas, case.id, Action.STOP_WAITING, intake.stop_waiting)
    if timer.clock == Clock.SUSPENSION:
        return act_as_system(db, atlas, case.id, Action.RESUME, resume)
    return False


def displaced(db: Connection, atlas: Atlas) -> list[int]:
    """Ids of cases that wait for somebody to verify or check who is no longer on duty."""
    rows = db.execute(
        select(
            Case.id,
            Case.status,
            Case.holder,
            Case.district,
            Case.street,
            Case.community,
            Case.grid,
            Case.overlay,
            Case.placed,
            Case.unit_1,
            Case.unit_2,
            Case.unit_3,
        ).where(Case.status.in_([Status.VERIFYING, Status.RESOLVED]))
    )
    now = datetime.now(UTC)
    return [row.id for row in rows if _should_move(atlas, row, now)]


def _should_move(atlas: Atlas, case: Any, now: datetime) -> bool:
    """Who was asked by name stays asked, unless on leave; whoever holds it by duty goes with
    the duty."""
    kind, _, name = case.holder.partition(":")
    expected = atlas.on_duty(placement(case), now)
    if case.holder == expected.holder:
        return False
    if kind == "worker":
        return atlas.is_absent(int(name), now) or atlas.has_duty(int(name), placement(case))
    return kind == "unit" and expected.worker is not None


def hand_over(db: Connection, atlas: Atlas, case_id: int) -> bool:
    """Passes a case to whoever is on duty now; returns whether it moved."""
    row = db.execute(select(Case.__table__).where(Case.id == case_id).with_for_update()).one()
    if row.status not in MOVES[Action.HAND_OVER].sources:
        return False
    facts = gather(db, row)
    now = datetime.now(UTC)
    holder = checker(atlas, row, facts.handlers | facts.reporters, now).holder
    if holder == row.holder or not _should_move(atlas, row, now):
        return False

    def pass_on(turn: Turn) -> None:
        turn.payload["from_holder"] = row.holder
        turn.holder = holder

    return act_as_system(db, atlas, case_id, Action.HAND_OVER, pass_on)


def vanished(db: Connection, atlas: Atlas) -> list[int]:
    """Ids of open cases whose grid is not on the present map."""
    on_map = select(Area.code).where(Area.version == atlas.area_version, Area.level == "grid")
    return list(
        db.execute(
            select(Case.id).where(
                OPEN, Case.grid.not_in(on_map), Case.status.in_(MOVES[Action.UNPLACE].sources)
            )
        ).scalars()
    )


def unplace(db: Connection, atlas: Atlas, case_id: int) -> bool:
    """Sends an open case of a vanished grid to the desk, placed anew by its coordinates."""
    return act_as_system(db, atlas, case_id, Action.UNPLACE, intake.unplace)
