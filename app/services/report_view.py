"""A resident's own reports, and their timeline as a resident may read it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from app.services.case_view import attributes_of, place_of
from app.services.people import holding_unit
from app.services.photo import SHOWN_TO_REPORTERS
from models import facts
from models.account import Actor
from models.case import Case
from models.content import ContentCheck, ContentState
from models.ledger import LedgerEntry, LedgerText
from models.moment import local
from models.photo import Attachment
from models.report import URGE_EVERY, Feedback, Report
from models.routing import Atlas
from models.status import OPEN_STATUSES, STATUS_LABELS, Action, Status

A = Action

TOLD: dict[Action, str] = {
    A.SUBMIT: "已收到您的上报",
    A.JOIN: "又有市民上报了同一问题",
    A.ACCEPT: "已立案，由{unit}处置",
    A.REJECT: "不予立案：{reply}",
    A.ASK_REPORTER: "请您补充：{question}",
    A.ANSWER: "已收到补充答复",
    A.ASK_VERIFICATION: "网格员正在现场核实",
    A.VERIFY: "网格员已到现场核实",
    A.START: "{unit}开始处置",
    A.CONTROL: "已采取先期处置措施",
    A.GRANT_EXTENSION: "处置期限已延长",
    A.GRANT_SUSPENSION: "暂时无法处置，将定期复查",
    A.RESUME: "恢复处置",
    A.TRANSFER_OUT: "已转办：{reply}",
    A.TRANSFER_BACK: "转办已有答复：{reply}",
    A.RESOLVE: "处置完成，等待核查",
    A.REWORK: "核查未通过，重新处置",
    A.PASS: "已结案：{reply}",
    A.SELF_HANDLE: "网格员已当场处置",
    A.REOPEN: "重新办理",
    A.TAKE_IN: "与相同问题并案办理",
    A.WITHDRAW: "有上报人撤回了上报",
    A.URGE: "已催办",
    A.SUPPLEMENT: "已收到补充",
}
"""What a reporter reads of each action; what is not named here is not told."""
OWN_WORDS = frozenset({A.SUBMIT, A.JOIN, A.ANSWER, A.SUPPLEMENT, A.FEEDBACK})


def mine(db: Connection, actor: Actor, before: int | None, limit: int) -> Sequence[Any]:
    """The actor's reports, newest first; one more than `limit` where there is more."""
    words = aliased(LedgerText)
    statement = (
        select(
            Report.id,
            Report.submitted_at,
            Report.withdrawn_at,
            Report.receipt,
            Case.number.label("case_number"),
            Case.status,
            Case.category,
            Case.longitude,
            Case.latitude,
            Case.due_at,
            Case.closed_at,
            words.content.label("description"),
        )
        .join(Case, Case.id == Report.case_id)
        .outerjoin(
            words,
            (words.case_id == Report.entry_case_id)
            & (words.seq == Report.entry_seq)
            & (words.field == "description"),
        )
        .where(Report.account_id == actor.id)
        .order_by(Report.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(Report.id < before)
    return db.execute(statement).all()


def brief(atlas: Atlas, row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "case_number": row.case_number,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "description": row.description,
        "location": place_of(row),
        "submitted_at": row.submitted_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "withdrawn": row.withdrawn_at is not None,
        "receipt": row.receipt.hex(),
    }


def detail(db: Connection, atlas: Atlas, report: Any) -> dict[str, Any]:
    """One's own report with its case's timeline: no staff names, no other reporter's words."""
    case = db.execute(select(Case.__table__).where(Case.id == report.case_id)).one()
    texts = (
        select(func.json_object_agg(LedgerText.field, LedgerText.content))
        .where(LedgerText.case_id == LedgerEntry.case_id, LedgerText.seq == LedgerEntry.seq)
        .correlate(LedgerEntry)
        .scalar_subquery()
    )
    entries = db.execute(
        select(LedgerEntry.__table__, texts.label("texts"))
        .where(
            (LedgerEntry.case_id == case.id)
            | (
                (LedgerEntry.case_id == report.entry_case_id)
                & (LedgerEntry.seq == report.entry_seq)
            )
        )
        .order_by(LedgerEntry.at, LedgerEntry.case_id, LedgerEntry.seq)
    ).all()
    words = db.execute(
        select(LedgerText.field, LedgerText.content).where(
            LedgerText.case_id == report.entry_case_id, LedgerText.seq == report.entry_seq
        )
    ).all()
    photos = db.execute(
        select(Attachment.photo_id, Attachment.seq, Attachment.role, Attachment.report_id)
        .outerjoin(ContentCheck, ContentCheck.photo_id == Attachment.photo_id)
        .where(
            (Attachment.report_id == report.id)
            | (
                (Attachment.case_id == case.id)
                & Attachment.role.in_(sorted(SHOWN_TO_REPORTERS))
                & (func.coalesce(ContentCheck.state, "") != ContentState.REFUSED)
            )
        )
        .order_by(Attachment.seq, Attachment.position)
    ).all()
    rated = db.execute(
        select(Feedback.__table__).where(Feedback.report_id == report.id).order_by(Feedback.round)
    ).all()
    said = {row.field: row.content for row in words}
    head = {
        "id": report.id,
        "case_number": case.number,
        "status": case.status,
        "category": case.category,
        "description": said.get("description"),
        "longitude": report.longitude,
        "latitude": report.latitude,
        "submitted_at": report.submitted_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "withdrawn_at": report.withdrawn_at,
        "receipt": report.receipt,
    }
    return brief(atlas, _Bag(head)) | {
        "address": said.get("address"),
        "attributes": attributes_of(atlas, report.category or case.category, said),
        "anonymous": report.anonymous,
        "unit_name": atlas.unit_name(case.unit),
        "photos": [
            {"id": p.photo_id, "role": p.role} for p in photos if p.report_id in (report.id, None)
        ],
        "timeline": _timeline(atlas, case, report, entries),
        "feedback": [
            {"round": row.round, "solved": row.solved, "rating": row.rating, "at": row.at}
            for row in rated
        ],
        "can": _can(case, report, rated, may_reopen=_may_reopen(case, entries)),
    }


class _Bag:
    """Attributes from a mapping, so that a report reads like a row of the list."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def sentence(atlas: Atlas, entry: Any, unit: str | None, texts: Mapping[str, Any]) -> str | None:
    """What a reporter reads of a ledger entry, None: it is not told. `unit` answers for the case
    now, `texts` are the entry's words as far as the reader may see them."""
    action = Action(entry.action)
    template = TOLD.get(action)
    if action in (A.SCREEN, A.VERIFY) and entry.to_status == Status.ASSIGNED:
        template = "已派单，由{unit}处置"
    if action is A.TRANSFER_BACK and entry.to_status == Status.SUBMITTED:
        template = "转办被退回，将重新派单"
    if template is None:
        return None
    name = atlas.unit_name(holding_unit(entry.holder) or unit) or "责任单位"
    words = {"reply": "", "question": "", "unit": name} | {k: v or "" for k, v in texts.items()}
    return template.format(**words).rstrip("：")


def _timeline(atlas: Atlas, case: Any, report: Any, entries: Sequence[Any]) -> list[dict[str, Any]]:
    told = []
    for entry in entries:
        action = Action(entry.action)
        here = entry.case_id == case.id
        sent = (entry.case_id, entry.seq) == (report.entry_case_id, report.entry_seq)
        own = sent or (here and entry.actor.get("reporter") == report.ordinal)
        if action in (A.URGE, A.SUPPLEMENT, A.ANSWER) and not own:
            continue
        hidden = action in OWN_WORDS and not own
        text = sentence(atlas, entry, case.unit, {} if hidden else entry.texts or {})
        if action is A.SUBMIT and not own:
            text = "已有市民上报"
        if sent:
            text = TOLD[A.SUBMIT]
        if action is A.WITHDRAW and own:
            text = "您已撤回上报"
        if action is A.REOPEN and own:
            appealed = entry.from_status == Status.REJECTED
            text = "您已申诉，由督查人员重新看" if appealed else "您反映没解决，重新办理"
        if text is None:
            continue
        told.append(
            {
                "at": entry.at,
                "when": local(entry.at),
                "action": entry.action,
                "status": entry.to_status,
                "status_label": STATUS_LABELS[Status(entry.to_status)],
                "text": text,
            }
        )
    return told


def _may_reopen(case: Any, entries: Sequence[Any]) -> bool:
    own = [entry for entry in entries if entry.case_id == case.id]
    found = facts.gather(own, case.round)
    return facts.reopenable(case, found, Actor(None, ""), datetime.now(UTC)) is None


def _can(case: Any, report: Any, rated: Sequence[Any], *, may_reopen: bool) -> list[str]:
    """Which of the reporter's own calls make sense now."""
    if report.withdrawn_at is not None:
        return []
    status = Status(case.status)
    can = []
    if status in OPEN_STATUSES:
        can += ["supplement", "withdraw"]
        if report.urged_at is None or datetime.now(UTC) - report.urged_at >= URGE_EVERY:
            can.append("urge")
    if case.holder == "reporter":
        can.append("answer")
    if status is Status.CLOSED and all(row.round != case.round for row in rated):
        can.append("feedback")
    if status is Status.REJECTED and may_reopen:
        can.append("appeal")
    return can
