"""The inbox: who hears of a ledger entry, in which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.services import ledger, message
from app.services.people import People, holders, holding_unit, listener
from models.account import Account, Actor, Role
from models.case import Case
from models.content import ContentCheck
from models.facts import unit_path
from models.ledger import LedgerEntry, LedgerText
from models.message import MESSAGE_LABELS, Message, MessageState
from models.notice import Notice
from models.report import Report
from models.routing import Atlas
from models.spot_check import FINDINGS
from models.status import Action, Status

A = Action

TO_REPORTERS: dict[Action, tuple[str, str]] = {
    A.ACCEPT: ("已立案", "您上报的“{category}”已立案，由{unit}处置。"),
    A.REJECT: ("不予立案", "您上报的“{category}”不予立案。{reply}不同意可在十五天内申诉。"),
    A.ASK_REPORTER: ("请补充", "受理人员请您补充：{question}"),
    A.START: ("开始处置", "{unit}已开始处置您上报的“{category}”。"),
    A.RESOLVE: ("处置完成，等待核查", "{unit}已处置您上报的“{category}”，正在核查。"),
    A.REWORK: ("返工", "核查未通过，“{category}”已退回{unit}重新处置。"),
    A.PASS: ("已结案，请评价", "您上报的“{category}”已结案。{reply}请评价办理结果。"),
    A.GRANT_SUSPENSION: ("暂缓处置", "“{category}”暂时无法处置，将定期复查，有进展会通知您。"),
    A.RESUME: ("恢复处置", "“{category}”已恢复处置。"),
    A.GRANT_EXTENSION: ("延期处置", "“{category}”的处置期限已延长。"),
    A.TRANSFER_OUT: ("已转办", "“{category}”已转交区外单位办理。{reply}"),
    A.TRANSFER_BACK: ("转办有答复", "“{category}”的转办已有答复。{reply}"),
    A.REOPEN: ("重新办理", "“{category}”已重新办理。"),
    A.TAKE_IN: ("并案办理", "您上报的“{category}”已与相同问题并案办理，新编号 {number}。"),
    A.REFUSE_CONTENT: ("内容不予公开", "您提交的内容未通过审核，不会公开；“{category}”照常办理。"),
}
"""What reporters read of each action: title and body. A text that was erased reads as nothing."""

TASK = "task"
"""The event of news that asks staff to do something; with an action after a dot where it is more
than the case's arrival."""
ROUTED = ("已受理并派单", "您上报的“{category}”已派给{unit}处置。")
"""What reporters read when screening sent the case straight out."""
LOOKED = ("已到现场，等待核查", "{unit}已到现场办理您上报的“{category}”，正在核查。")
"""What they read when there was nothing to put right, or no way to."""
RETURNED = ("重新派单", "“{category}”转办后被退回，将重新派单。")
"""What they read when the other side sent the case back."""


def spread(db: Connection, atlas: Atlas, case_id: int, seqs: Sequence[int]) -> None:
    """Writes the notices of ledger entries; running it again changes nothing."""
    case = db.execute(select(Case.__table__).where(Case.id == case_id)).one()
    entries = db.execute(
        select(LedgerEntry.__table__)
        .where(LedgerEntry.case_id == case_id, LedgerEntry.seq.in_(seqs))
        .order_by(LedgerEntry.seq)
    ).all()
    staff = People(db)
    for entry in entries:
        words = _words(db, atlas, case, entry)
        told = [
            *_reporter_notices(db, entry, words),
            *_staff_notices(db, staff, atlas, case, entry, words),
        ]
        insert(db, [row(case, str(entry.seq), one, entry.at) for one in told])


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told what: the account, its report where it is a reporter, and the kind of news."""

    account: int
    report: int | None
    event: str
    title: str
    body: str


def row(case: Any, cause: str, told: Told, at: datetime) -> dict[str, Any]:
    """A notice."""
    return {
        "account_id": told.account,
        "case_id": case.id,
        "report_id": told.report,
        "cause": cause,
        "event": told.event,
        "title": told.title,
        "body": told.body,
        "created_at": at,
    }


def insert(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes those that were not written before, and sends to phones what is to be sent."""
    if rows:
        db.execute(upsert(Notice).on_conflict_do_nothing(), rows)
        message.plan(db, rows)


def _words(db: Connection, atlas: Atlas, case: Any, entry: Any) -> dict[str, str]:
    texts = db.execute(
        select(LedgerText.field, LedgerText.content).where(
            LedgerText.case_id == entry.case_id, LedgerText.seq == entry.seq
        )
    )
    return {
        "number": case.number,
        "category": atlas.category_name(case.category),
        "unit": atlas.unit_name(holding_unit(entry.holder) or case.unit) or "责任单位",
        "reply": "",
        "question": "",
        "reason": "",
        "comment": "",
    } | {row.field: row.content or "" for row in texts}


def _reporter_notices(db: Connection, entry: Any, words: dict[str, str]) -> list[Told]:
    action = Action(entry.action)
    event, template = action.value, TO_REPORTERS.get(action)
    if action in (A.SCREEN, A.VERIFY) and entry.to_status == Status.ASSIGNED:
        event, template = "routed", ROUTED
    if action is A.RESOLVE and entry.payload.get("outcome") != "fixed":
        template = LOOKED
    if action is A.TRANSFER_BACK and entry.to_status == Status.SUBMITTED:
        template = RETURNED
    if template is None:
        return []
    statement = select(Report.account_id, func.min(Report.id).label("report_id")).where(
        Report.case_id == entry.case_id,
        Report.account_id.is_not(None),
        Report.withdrawn_at.is_(None),
    )
    if action is A.TAKE_IN:  # those who were here before keep their number
        statement = statement.where(Report.ordinal.in_(entry.payload["reporters"].values()))
    if action is A.REFUSE_CONTENT:  # whose it is, and nobody else
        authors = select(ContentCheck.account_id).where(
            ContentCheck.case_id == entry.case_id,
            ContentCheck.seq.in_([one["seq"] for one in entry.payload["checked"]]),
        )
        statement = statement.where(Report.account_id.in_(authors))
    people = db.execute(statement.group_by(Report.account_id))
    title, body = template
    said = body.format(**words)
    return [Told(row.account_id, row.report_id, event, title, said) for row in people]


_STAFF_TITLES = {
    A.REWORK: "返工",
    A.URGE: "市民催办",
    A.SUPERVISE: "督办，请按期回复",
    A.ANSWER_ORDER: "督办已回复",
    A.SUPPLEMENT: "市民有补充",
    A.ASK_EXTENSION: "延期申请待审批",
    A.ASK_SUSPENSION: "挂账申请待审批",
    A.APPEAL: "申诉待审理",
    A.GRANT_EXTENSION: "延期已同意",
    A.REFUSE_EXTENSION: "延期未同意",
    A.REFUSE_SUSPENSION: "挂账未同意",
    A.UPHOLD: "申诉成立",
    A.DISMISS: "申诉不成立",
    A.INSPECT: "抽查：{finding}",
    A.REOPEN: "案卷重新办理",
    A.GRANT_SUSPENSION: "挂账已同意",
    A.ANSWER: "市民已答复",
    A.STOP_WAITING: "市民未答复，请继续受理",
}
EVENTS = frozenset(
    {"routed", "gone", TASK, f"{TASK}.warning"}
    | {action.value for action in TO_REPORTERS}
    | {f"{TASK}.{action}" for action in _STAFF_TITLES}
)
"""Every kind of news: what the table of messages may name."""
_TO_SUPERVISORS = frozenset({A.ASK_EXTENSION, A.ASK_SUSPENSION, A.APPEAL, A.ANSWER_ORDER})
_BY_STATUS = {
    Status.SUBMITTED: "有案卷待受理",
    Status.VERIFYING: "有案卷待核实",
    Status.ASSIGNED: "有案卷待签收",
    Status.IN_PROGRESS: "案卷处置中",
    Status.RESOLVED: "有案卷待核查",
    Status.MERGED: "案卷已并入其他案卷",
}


def _staff_notices(
    db: Connection, staff: People, atlas: Atlas, case: Any, entry: Any, words: dict[str, str]
) -> list[Told]:
    action, finding = Action(entry.action), entry.payload.get("finding")
    moved = (
        entry.from_status != entry.to_status
        or action in (A.SCREEN, A.REASSIGN, A.DELEGATE, A.HAND_OVER)
        or "from_unit" in entry.payload
    )
    if action is A.SUBMIT or not (moved or action in _STAFF_TITLES):
        return []
    if action is A.INSPECT and finding == "genuine":
        return []
    title = _STAFF_TITLES.get(action) or _BY_STATUS.get(Status(entry.to_status))
    if title is None:
        return []
    event = f"{TASK}.{action}" if action in _STAFF_TITLES else TASK
    if action in _TO_SUPERVISORS:
        people = staff.in_scope(case, Role.SUPERVISOR)
    elif action is A.INSPECT:
        people = _inspected(db, staff, atlas, case, entry)
        title = title.format(finding=FINDINGS[finding])
    else:
        people = holders(staff, atlas, case, listener(case, entry.holder))
    own = entry.actor.get("account")
    # A resident's own words stay in the case, where they can be erased.
    said = "" if "reporter" in entry.actor else words["reason"] or words["comment"]
    body = f"案卷 {case.number}（{words['category']}）{'：' + said if said else ''}"
    found = [Told(person, None, event, title, body) for person in people if person != own]
    former = entry.payload.get("from_unit")
    if former is not None and action is not A.DELEGATE:
        leavers = holders(staff, atlas, case, f"unit:{former}") - people
        found += [Told(person, None, "gone", "案卷已转给其他单位", body) for person in leavers]
    return found


def _inspected(db: Connection, staff: People, atlas: Atlas, case: Any, entry: Any) -> set[int]:
    """Whom a finding concerns: who closed the case last before it, the unit that answered for the
    case then, and the heads of that unit and of those above it."""
    past = [one for one in ledger.entries(db, case.id) if one.seq < entry.seq]
    while past and not past[-1].from_status != past[-1].to_status == Status.CLOSED:
        past.pop()
    if not past:
        return set()
    closer = past[-1].actor.get("account")
    then = SimpleNamespace(**ledger.answering(past)[-1])
    people = staff.heads(unit_path(then)) | ({int(closer)} if closer is not None else set())
    return people | (holders(staff, atlas, case, f"unit:{then.unit}") if then.unit else set())


_ON_PHONE = (Message.state, Message.attempts, Message.errcode, Message.reason, Message.ended_at)
MOST_OF_A_CASE = 500


def of_case(db: Connection, case_id: int) -> Sequence[Row[Any]]:
    """A case's notices, the newest MOST_OF_A_CASE, newest first: to whom (a reporter by the
    number of the report), and what became of each on its way to a phone."""
    return db.execute(
        select(Notice.__table__, Account.display_name, Report.ordinal, *_ON_PHONE)
        .join(Account, Account.id == Notice.account_id)
        .outerjoin(Report, Report.id == Notice.report_id)
        .outerjoin(Message, Message.notice_id == Notice.id)
        .where(Notice.case_id == case_id)
        .order_by(Notice.id.desc())
        .limit(MOST_OF_A_CASE)
    ).all()


def on_phone(row: Any) -> dict[str, Any] | None:
    """What became of a notice on its way to a phone; None: it goes to the inbox only."""
    if row.state is None:
        return None
    label = MESSAGE_LABELS[MessageState(row.state)]
    if row.state == MessageState.WAITING and row.attempts:
        label = f"等待重试（已试 {row.attempts} 次）"
    return {
        "state": row.state,
        "state_label": label,
        "attempts": row.attempts,
        "errcode": row.errcode,
        "reason": row.reason,
        "ended_at": row.ended_at,
    }


def unread(db: Connection, actor: Actor) -> int:
    return db.execute(
        select(func.count()).where(Notice.account_id == actor.id, Notice.read_at.is_(None))
    ).scalar_one()


def inbox(db: Connection, actor: Actor, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first, below the id `before`; one row more than `limit` where there is more."""
    statement = (
        select(Notice.__table__, Case.number.label("case_number"), *_ON_PHONE)
        .join(Case, Case.id == Notice.case_id)
        .outerjoin(Message, Message.notice_id == Notice.id)
        .where(Notice.account_id == actor.id)
        .order_by(Notice.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(Notice.id < before)
    return db.execute(statement).all()


def mark_read(db: Connection, actor: Actor, ids: Sequence[int]) -> int:
    return db.execute(
        update(Notice)
        .where(Notice.account_id == actor.id, Notice.id.in_(ids), Notice.read_at.is_(None))
        .values(read_at=datetime.now(UTC))
    ).rowcount
