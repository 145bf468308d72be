"""The clock of one case: who held it how long, and how each limit was kept."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from app.services import ledger
from app.services.case import scoped
from app.services.people import holding_unit
from models.account import Account, Actor
from models.calendar import CALENDAR_LABELS, CALENDARS
from models.routing import Atlas
from models.spans import Span, holder_spans
from models.status import OPEN_STATUSES, STATUS_LABELS, Status
from models.timer import CLOCK_LABELS, Clock, Timer

_SECOND = timedelta(seconds=1)
HOLDER_LABELS = {
    "desk": "受理台",
    "supervisor": "督查员",
    "reporter": "上报人",
    "outside": "区外单位",
    "none": "无（挂账中）",
}
STEP_LABELS = ("正常", "黄色预警", "橙色预警", "红色超时", "超时一个工作日", "超时三个工作日")


def clock(db: Connection, atlas: Atlas, actor: Actor, number: str) -> dict[str, Any]:
    """Rounds with their spans and limits, in whole seconds of clock and working time.

    Seconds are counted between whole seconds since the round began, so that spans add up to their
    round exactly.

    Raises:
        NotFound: no such case in the actor's scope.
    """
    case = scoped(db, actor, number)
    now = max(datetime.now(UTC), case.changed_at)
    spans = holder_spans(ledger.entries(db, case.id), now)
    own = select(Timer.__table__).where(Timer.case_id == case.id).order_by(Timer.id)
    timers = db.execute(own).all()
    names = names_of(db, atlas, {span.holder for span in spans})
    rounds = []
    for number_, held in groupby(spans, key=lambda span: span.round):
        found = _round(atlas, case, list(held), names)
        found["limits"] = [_limit(atlas, t, now) for t in timers if t.round == number_]
        if number_ == case.round and case.status in OPEN_STATUSES:
            found["ended_at"] = None
        rounds.append(found)
    return {
        "number": case.number,
        "status": case.status,
        "status_label": STATUS_LABELS[Status(case.status)],
        "now": now,
        "due_at": case.due_at,
        "rounds": rounds,
    }


def names_of(db: Connection, atlas: Atlas, holders: Collection[str]) -> dict[str, str]:
    ids = [int(holder.removeprefix("worker:")) for holder in holders if holder[:7] == "worker:"]
    people = db.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    units = {h: atlas.unit_name(holding_unit(h)) for h in holders if holding_unit(h)}
    return HOLDER_LABELS | units | {f"worker:{row.id}": row.display_name for row in people}


def _round(atlas: Atlas, case: Any, held: Sequence[Span], names: dict[str, str]) -> dict[str, Any]:
    spans, clock_time, worked = [], timedelta(0), dict.fromkeys(CALENDARS, timedelta(0))
    totals: dict[str, dict[str, Any]] = {}
    for span in held:
        calendar = atlas.calendar_of(case.category, holding_unit(span.holder))
        length = span.ended_at - span.began_at
        at_work = calendar.working_time_between(span.began_at, span.ended_at)
        seconds = _whole(clock_time, length)
        working = _whole(worked[calendar.name], at_work)
        clock_time += length
        worked[calendar.name] += at_work
        who = {"holder": span.holder, "holder_name": names.get(span.holder, span.holder)}
        spans.append(
            who
            | {
                "status": span.status,
                "status_label": STATUS_LABELS[Status(span.status)],
                "began_at": span.began_at,
                "ended_at": span.ended_at,
                "seconds": seconds,
                "working_seconds": working,
                "calendar": calendar.name,
                "calendar_label": CALENDAR_LABELS[calendar.name],
            }
        )
        total = totals.setdefault(span.holder, who | {"seconds": 0, "working_seconds": 0})
        total["seconds"] += seconds
        total["working_seconds"] += working
    return {
        "round": held[0].round,
        "began_at": held[0].began_at,
        "ended_at": held[-1].ended_at,
        "seconds": sum(span["seconds"] for span in spans),
        "working_seconds": sum(span["working_seconds"] for span in spans),
        "spans": spans,
        "holders": list(totals.values()),
    }


def _whole(before: timedelta, length: timedelta) -> int:
    return (before + length) // _SECOND - before // _SECOND


def _limit(atlas: Atlas, timer: Any, now: datetime) -> dict[str, Any]:
    calendar = atlas.calendars[timer.calendar]
    ended_at = timer.met_at or timer.cleared_at
    until = ended_at or now
    left = calendar.working_time_between(until, timer.due_at)
    return {
        "clock": timer.clock,
        "label": CLOCK_LABELS[Clock(timer.clock)],
        "calendar": calendar.name,
        "calendar_label": CALENDAR_LABELS[calendar.name],
        "started_at": timer.started_at,
        "due_at": timer.due_at,
        "met_at": timer.met_at,
        "cleared_at": timer.cleared_at,
        "step": timer.step,
        "step_label": STEP_LABELS[timer.step],
        "late": until > timer.due_at,
        "working_seconds": calendar.working_time_between(timer.started_at, until) // _SECOND,
        "working_seconds_left": left // _SECOND if ended_at is None else None,
    }
