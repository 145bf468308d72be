"""并案: one open case's reports move to another."""

from typing import Any

from sqlalchemy import select, update

from app.services import timer
from app.services.case import Turn, perform
from app.services.draft import Draft, staff
from app.services.report import staff_mark
from models.case import Case
from models.errors import InvalidInput
from models.report import Report
from models.status import OPEN_STATUSES, Action, Status
from models.timer import Clock
from models.workflow import MOVES, roles_on


def _target(turn: Turn) -> Any:
    """The target's row, locked with the source when the action began."""
    fault = InvalidInput.at("/target", "请填写另一个案卷的编号")
    statement = select(Case.__table__).where(Case.number == turn.fields.target).with_for_update()
    target = turn.db.execute(statement).one_or_none()
    if target is None or target.id == turn.case.id or not roles_on(turn.actor, target):
        raise fault
    if target.status not in OPEN_STATUSES:
        raise InvalidInput.at("/target", "目标案卷已办结，不能并入")
    return target


def merge(turn: Turn) -> Status:
    """The target takes the reports in, keeps the earlier due time, and names them in its
    ledger; the source shows where it went."""
    case = turn.case
    target = _target(turn)
    taker = Draft.of(turn.atlas, target)
    moved = turn.db.execute(
        select(Report.id, Report.ordinal, Report.by_staff)
        .where(Report.case_id == case.id)
        .order_by(Report.ordinal)
    ).all()
    names = {}
    for offset, report in enumerate(moved, start=1):
        ordinal = target.reports + offset
        names[f"reporter-{report.ordinal}"] = ordinal
        turn.db.execute(
            update(Report).where(Report.id == report.id).values(case_id=target.id, ordinal=ordinal)
        )
    taker.case.reports = target.reports + len(moved)
    taking = Turn(
        turn.db, taker, turn.actor, turn.role, turn.facts, None, by=staff(turn.actor, turn.role)
    )
    taking.payload = {
        "source": case.number,
        "reporters": names,
        **staff_mark(all(report.by_staff for report in moved)),
    }
    if case.external_due_at:
        theirs = taker.case.external_due_at or case.external_due_at
        taker.case.external_due_at = min(case.external_due_at, theirs)
    due = taker.case.due_at
    if case.due_at and (due is None or case.due_at < due):
        taker.case.due_at = case.due_at
        taker.case.accepted_at = taker.case.accepted_at or case.accepted_at
        if Clock.HANDLE in timer.running(taker.case):
            timer.start_handling(taker)
    perform(taking, MOVES[Action.TAKE_IN], lambda _: None)
    taker.save(turn.db)
    case.merged_into = target.id
    turn.payload["target"] = target.number
    return Status.MERGED
