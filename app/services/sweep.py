"""What is due by itself: clocks that reached a step, duties that changed, redrawn maps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from app.services import intake, warning
from app.services.case import Turn, act_as_system, checker, gather, placement
from app.services.handling import resume
from models import moment
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
            .where(Timer.next_at <= moment.now())
            .order_by(Timer.next_at)
            .limit(most)
        ).scalars()
    )


_ADVANCE = text(
    """
    UPDATE timer SET step = reached.step, next_at = reached.next_at, fired_at = :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS reached(id bigint, step smallint, next_at timestamptz)
    WHERE timer.id = reached.id
    """
)


def fire(db: Connection, atlas: Atlas, timer_ids: Sequence[int]) -> int:
    """Fires the newest step that each timer reached: steps missed while nobody swept are one.

    Cases are locked with their timers, as an action would; what another sweeper or action holds
    is left to it, or to the next sweep. Returns how many fired.
    """
    now = moment.now()
    found = db.execute(
        select(Timer.__table__)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.id.in_(timer_ids), Timer.next_at <= now)
        .order_by(Timer.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not found:
        return 0
    # A step that is due this very microsecond has been reached.
    after = now + timedelta(microseconds=1)
    reached: dict[int, int] = {}
    rows = []
    for timer in found:
        calendar = atlas.calendars[timer.calendar]
        step, next_at = upcoming(calendar, timer.started_at, timer.due_at, after)
        reached[timer.id] = min(step - 1, FINAL_STEP)
        rows.append({"id": timer.id, "step": reached[timer.id], "next_at": next_at})
    db.execute(_ADVANCE, {"now": now, "rows": orjson.dumps(rows).decode()})
    waiting = [
        timer
        for timer in found
        if reached[timer.id] < DUE_STEP or not _acts_by_itself(db, atlas, timer)
    ]
    of_cases = select(Case.__table__).where(Case.id.in_({timer.case_id for timer in waiting}))
    cases = {case.id: case for case in db.execute(of_cases)}
    warning.warn(
        db, atlas, [(cases[timer.case_id], timer, reached[timer.id]) for timer in waiting], now
    )
    return len(found)


def _acts_by_itself(db: Connection, atlas: Atlas, timer: Any) -> bool:
    if timer.clock == Clock.ANSWER:
        return act_as_system(db, atlas, timer.case_id, Action.STOP_WAITING, intake.stop_waiting)
    if timer.clock == Clock.SUSPENSION:
        return act_as_system(db, atlas, timer.case_id, Action.RESUME, resume)
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
    now = moment.now()
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
    now = moment.now()
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
