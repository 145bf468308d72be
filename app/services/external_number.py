"""A number that another system gave a report: recorded once, its case told to whom may see it."""

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, func, select, update

from app.services.case import Turn, lock, perform
from app.services.draft import Draft
from app.services.timer import HANDLING, start_handling
from models.account import Account, Actor, Role
from models.case import Case
from models.errors import Conflict, FieldFault
from models.facts import Facts
from models.moment import rfc3339
from models.report import Report
from models.routing import Atlas
from models.status import OPEN_STATUSES, Action
from models.submission import Source, Submission
from models.workflow import MOVES, roles_on


def known(
    db: Connection, atlas: Atlas, actor: Actor, role: Role, source: Source, given: Submission
) -> dict[str, Any] | None:
    """The report already recorded under the external number; the earlier due time counts.

    A twin that is just being recorded is waited for.

    Raises:
        Conflict: another person recorded it, and the actor may not see the case.
    """
    key = func.hashtextextended(f"{source} {given.external_number}", 0)
    db.execute(select(func.pg_advisory_xact_lock(key)))
    found = db.execute(
        select(
            Report.id, Report.case_id, Report.receipt, Report.external_due_at, Report.recorded_by
        )
        .where(Report.source == source, Report.external_number == given.external_number)
        .with_for_update()
    ).one_or_none()
    if found is None:
        return None
    case = db.execute(select(Case.__table__).where(Case.id == found.case_id)).one()
    if found.recorded_by != actor.id and not roles_on(actor, case):
        _refuse_known(db, atlas, found.recorded_by)
    due = given.external_due_at
    if due is not None and (found.external_due_at is None or due < found.external_due_at):
        db.execute(update(Report).where(Report.id == found.id).values(external_due_at=due))
        _hurry(db, atlas, actor, role, found.case_id, due)
    return {
        "id": str(found.id),
        "case_number": case.number,
        "status": case.status,
        "receipt": found.receipt.hex(),
        "known": True,
    }


def _refuse_known(db: Connection, atlas: Atlas, recorded_by: int | None) -> NoReturn:
    """Says whom to ask about a number that is known, and nothing of its case."""
    columns = select(Account.display_name, Account.unit).where(Account.id == recorded_by)
    who = db.execute(columns).one()
    unit = atlas.unit_name(who.unit)
    name = f"{who.display_name}（{unit}）" if unit else who.display_name
    message = f"这个编号已由{name}登记，案卷不在您的范围内，请向其询问"
    raise Conflict(message, [FieldFault("/external_number", message)])


def _hurry(
    db: Connection, atlas: Atlas, actor: Actor, role: Role, case_id: int, due: datetime
) -> None:
    """The earlier due time set from outside counts for an open case, on its record."""
    row = lock(db, case_id)
    if row.status not in OPEN_STATUSES or (row.external_due_at and row.external_due_at <= due):
        return
    draft = Draft.of(atlas, row)
    draft.case.external_due_at = due
    if row.due_at is not None and due < row.due_at:
        draft.case.due_at = due
        if row.status in HANDLING:
            start_handling(draft)
    turn = Turn(db, draft, actor, role, Facts(), None)
    turn.payload["external_due_at"] = rfc3339(due)
    perform(turn, MOVES[Action.REMARK], lambda _: None)
    draft.save(db)
