"""What another system adds to the reports that it sent: pictures by their address, and updates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from app.services import outbox
from app.services.case import lock
from app.services.reporter import add_words, finish, reopen, turn_of
from models.account import Actor
from models.case import Case
from models.errors import IllegalMove, InvalidInput, NotFound
from models.exchange import ExternalUpdate, MediaLink
from models.fields import Reason, Supplement
from models.report import Report
from models.routing import Atlas
from models.status import FINAL, OPEN_STATUSES, Action, Status
from models.submission import Source

UNSOLVED = "外部系统反馈未解决"
REOPENING = frozenset({"open", "reopen"})
"""What an update says, in lower case, when a closed case is not solved."""


def link(db: Connection, report_id: int, urls: Sequence[str]) -> None:
    """Posts pictures to be fetched for a report."""
    if urls:
        db.execute(insert(MediaLink), [{"report_id": report_id, "url": url} for url in urls])
        outbox.post(db, "media.fetch", {"report_id": report_id})


def unfetched(db: Connection, report_id: int) -> Sequence[Row[Any]]:
    """Pictures of a report that are still to be fetched, with the account that named them."""
    return db.execute(
        select(MediaLink.__table__, Report.recorded_by)
        .join(Report, Report.id == MediaLink.report_id)
        .where(
            MediaLink.report_id == report_id,
            MediaLink.photo_id.is_(None),
            MediaLink.error.is_(None),
        )
        .order_by(MediaLink.id)
    ).all()


def attach(db: Connection, atlas: Atlas, actor: Actor, link_id: int, photo_id: str) -> None:
    """Adds a fetched picture to its report; one that a twin added first is left alone."""
    report_id = select(MediaLink.report_id).where(MediaLink.id == link_id)
    report = db.execute(
        select(Report.__table__).where(Report.id == report_id.scalar_subquery()).with_for_update()
    ).one()
    alone = (MediaLink.id == link_id) & MediaLink.photo_id.is_(None)
    if db.execute(update(MediaLink).where(alone).values(photo_id=photo_id)).rowcount:
        _add(db, atlas, actor, report, Supplement(photo_ids=[photo_id]))


def give_up(db: Connection, link_id: int, error: str) -> None:
    """The picture will never come; staff read why."""
    db.execute(update(MediaLink).where(MediaLink.id == link_id).values(error=error))


def sent(db: Connection, actor: Actor, number: str) -> Row[Any]:
    """The system's own report, by the number that it was given. Raises NotFound."""
    row = db.execute(
        select(Report.__table__)
        .join(Case, Case.id == Report.entry_case_id)
        .where(
            Case.number == number,
            Report.recorded_by == actor.id,
            Report.source == Source.OPEN311.value,
        )
        .order_by(Report.ordinal)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个 service_request_id，或不是这个 api_key 上报的")
    return row


@dataclass(frozen=True, slots=True)
class Update:
    """What another system says of a report; `status` in its own words."""

    update_id: str
    status: str
    fields: Supplement


def take(db: Connection, atlas: Atlas, actor: Actor, report: Any, said: Update) -> tuple[str, bool]:
    """Takes an update once: words go to the case, and "open" on a closed one reopens it. Returns
    our number of the update, and whether it was known.

    Raises:
        IllegalMove: it may not be reopened any more. InvalidInput: it says nothing.
    """
    case = lock(db, report.case_id)
    known = db.execute(
        select(ExternalUpdate.seq, Case.number)
        .join(Case, Case.id == ExternalUpdate.case_id)
        .where(
            ExternalUpdate.account_id == actor.id,
            ExternalUpdate.update_id == said.update_id,
        )
    ).one_or_none()
    if known is not None:
        return f"{known.number}-{known.seq}", True
    words = said.fields.text
    if case.status in FINAL and said.status in REOPENING:
        if case.status not in (Status.CLOSED, Status.REJECTED):
            message = "案卷已撤回或并入其他案卷，不能重新办理"
            raise IllegalMove(message, case_status=case.status, allowed=[])
        reopen(db, atlas, actor, report, Reason(reason=words or UNSOLVED))
        words = None
    elif not (words or said.fields.photo_ids or said.status):
        raise InvalidInput.at("/description", "请给出 description、status 或图片")
    if words or said.fields.photo_ids:
        _add(db, atlas, actor, report, said.fields.model_copy(update={"text": words}))
    seq = db.execute(select(Case.head_seq).where(Case.id == report.case_id)).scalar_one()
    db.execute(
        insert(ExternalUpdate).values(
            account_id=actor.id, update_id=said.update_id, case_id=case.id, seq=seq
        )
    )
    return f"{case.number}-{seq}", False


def _add(db: Connection, atlas: Atlas, actor: Actor, report: Any, fields: Supplement) -> None:
    """As a supplement while the case is open, later as a remark: nothing is lost."""
    status = db.execute(select(Case.status).where(Case.id == report.case_id)).scalar_one()
    action = Action.SUPPLEMENT if status in OPEN_STATUSES else Action.REMARK
    turn = turn_of(db, atlas, actor, report, action, fields)
    add_words(turn, report, "supplement")
    finish(turn, action, lambda _: None)
