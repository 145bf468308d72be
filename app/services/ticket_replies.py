"""What was answered to each 12345 ticket, as a table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.services.sheet import Sheet, cell
from models import moment
from models.account import Actor, Role
from models.case import Case
from models.ledger import LedgerEntry, LedgerText
from models.report import Feedback, Report
from models.routing import Atlas
from models.status import STATUS_LABELS, Action, Status
from models.submission import Source
from models.workflow import SCOPE_COLUMNS, roles_on

REPLIES = (
    ("external_number", "工单编号"),
    ("number", "案卷编号"),
    ("status_label", "状态"),
    ("category_name", "类别"),
    ("unit_name", "责任单位"),
    ("submitted_at", "登记时间"),
    ("external_due_at", "办结时限"),
    ("closed_at", "办结时间"),
    ("in_time", "按时办结"),
    ("reply", "答复"),
    ("solved", "反映人评价"),
)
ANSWERS = (Action.PASS, Action.REJECT, Action.TRANSFER_OUT, Action.TRANSFER_BACK)
_SEES = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})


def sheet(db: Connection, atlas: Atlas, actor: Actor, since: datetime, until: datetime) -> Sheet:
    """What was answered to each ticket recorded in the time, for the desk's scope."""
    reply = (
        select(LedgerText.content)
        .join(
            LedgerEntry,
            (LedgerEntry.case_id == LedgerText.case_id) & (LedgerEntry.seq == LedgerText.seq),
        )
        .where(
            LedgerText.case_id == Case.id,
            LedgerText.field == "reply",
            LedgerEntry.action.in_(ANSWERS),
        )
        .order_by(LedgerText.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    solved = (
        select(Feedback.solved)
        .where(Feedback.report_id == Report.id)
        .order_by(Feedback.round.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = select(
        Report.external_number,
        Report.external_due_at,
        Report.submitted_at,
        Case.number,
        Case.status,
        Case.category,
        Case.unit,
        Case.closed_at,
        *(getattr(Case, name) for name in SCOPE_COLUMNS),
        reply.label("reply"),
        solved.label("solved"),
    ).join(Case, Case.id == Report.case_id)
    recorded = columns.where(
        Report.external_number.is_not(None),
        Report.source == Source.HOTLINE,
        Report.submitted_at >= since,
        Report.submitted_at < until,
    ).order_by(Report.submitted_at, Report.id)

    def rows() -> Iterator[dict[str, Any]]:
        for row in db.execute(recorded):
            if roles_on(actor, row) & _SEES:
                yield _answered(atlas, row)

    last = cell(until)
    notes = [("登记从", str(cell(since))), ("到", str(last)), ("制表时间", str(cell(moment.now())))]
    return Sheet("12345 工单答复", notes, REPLIES, rows())


_SOLVED = {True: "已解决", False: "未解决", None: ""}


def _answered(atlas: Atlas, row: Any) -> dict[str, Any]:
    in_time = ""
    if row.external_due_at is not None and row.closed_at is not None:
        in_time = "是" if row.closed_at <= row.external_due_at else "否"
    return {
        "external_number": row.external_number,
        "number": row.number,
        "status_label": STATUS_LABELS[Status(row.status)],
        "category_name": atlas.category_name(row.category),
        "unit_name": atlas.unit_name(row.unit),
        "submitted_at": row.submitted_at,
        "external_due_at": row.external_due_at,
        "closed_at": row.closed_at,
        "in_time": in_time,
        "reply": row.reply,
        "solved": _SOLVED[row.solved],
    }
