"""Units' appeals that wait for a supervisor."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, text

from app.services import scope
from models import facts as rules
from models.account import Actor, Role
from models.calendar import OFFICE
from models.ledger import LedgerEntry
from models.routing import Atlas
from models.status import ACTION_LABELS, STATUS_LABELS, Action, Status
from models.workflow import MOVES, acting_role, grants_on, roles_on

READERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
MOST = 200

# The audit knows which rounds have an open appeal; its queue, where it has yet to look.
_OPEN = text(
    f"""
    SELECT c.*, appeal.seq AS appeal_seq, appeal.at AS appealed_at, words.content AS reason,
           who.display_name AS appealed_by, appeal.actor ->> 'unit' AS by_unit
    FROM (SELECT case_id FROM audit_round WHERE appeal_open > 0
          UNION SELECT case_id FROM audit_queue) waiting
    JOIN "case" c ON c.id = waiting.case_id
    JOIN LATERAL (SELECT e.seq, e.at, e.action, e.actor FROM ledger_entry e
                  WHERE e.case_id = c.id AND e.action IN ('appeal', 'uphold', 'dismiss')
                  ORDER BY e.seq DESC LIMIT 1) appeal ON appeal.action = 'appeal'
    LEFT JOIN account who ON who.id = CAST(appeal.actor ->> 'account' AS bigint)
    LEFT JOIN ledger_text words
           ON words.case_id = c.id AND words.seq = appeal.seq AND words.field = 'reason'
    WHERE {scope.WITHIN}
    ORDER BY appeal.at, c.id LIMIT :most
    """  # noqa: S608
)


def open_appeals(db: Connection, atlas: Atlas, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The appeals in the person's scope that nobody decided, the oldest first, at most MOST.

    `against` is what the unit appeals against, `barred` why this person may not decide, or None,
    `waited` the office time since.

    Raises:
        Forbidden: neither supervisor nor administrator.
    """
    grants = scope.held(actor, READERS, "只有督查员和管理员可以查看申诉")
    rows = db.execute(_OPEN, scope.values(grants) | {"most": MOST}).all()
    entries = _entries(db, [row.id for row in rows])
    return [_shape(atlas, actor, row, entries[row.id], now) for row in rows]


def _entries(db: Connection, case_ids: Sequence[int]) -> dict[int, list[Any]]:
    table = LedgerEntry.__table__.c
    columns = (table.case_id, table.action, table.actor, table.round, table.at, table.payload)
    found: dict[int, list[Any]] = {case_id: [] for case_id in case_ids}
    rows = db.execute(
        LedgerEntry.__table__.select()
        .with_only_columns(*columns, table.hash, table.seq)
        .where(table.case_id.in_(case_ids))
        .order_by(table.case_id, table.seq)
    )
    for row in rows:
        found[row.case_id].append(row)
    return found


def _shape(
    atlas: Atlas, actor: Actor, row: Any, entries: Sequence[Any], now: datetime
) -> dict[str, Any]:
    marks = [e for e in entries if rules.is_mark(e) and e.seq < row.appeal_seq]
    return {
        "number": row.number,
        "version": row.version,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "category_name": atlas.category_name(row.category),
        "grid_name": atlas.area_name(row.grid),
        "unit_name": atlas.unit_name(row.unit),
        "reason": row.reason,
        "appealed_by": row.appealed_by,
        "by_unit": atlas.unit_name(row.by_unit),
        "appealed_at": row.appealed_at,
        "against": _against(marks[-1]) if marks else None,
        "against_at": marks[-1].at if marks else None,
        "waited": atlas.calendars[OFFICE].working_time_between(row.appealed_at, now),
        "barred": _barred(actor, row, entries, now),
    }


def _against(entry: Any) -> str:
    if entry.action == Action.FEEDBACK:
        return f"市民评价 {entry.payload['rating']} 分"
    late = "超期" if entry.action != Action.REWORK else ""
    return f"{ACTION_LABELS[Action(entry.action)]}{late}"


def _barred(actor: Actor, row: Any, entries: Sequence[Any], now: datetime) -> str | None:
    if acting_role(MOVES[Action.UPHOLD], roles_on(actor, row)) is None:
        return "由督查员审理"
    facts = rules.gather(entries, row.round)
    here = replace(actor, grants=grants_on(actor, row))
    return rules.judges_appeal(SimpleNamespace(**row._asdict()), facts, here, now)
