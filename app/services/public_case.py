"""One public case with its timeline and photos, and solved ones with pictures before and after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from app.services import public
from models.errors import NotFound
from models.status import STATUS_LABELS, Status

SCANNED = 5000
"""So many public cases that changed last are looked through for solved ones with pictures."""
Photos = dict[str, list[str]]
"""Ids of released photos, `before` and `after`, in the order in which they came."""
STATUS_WORDS = {
    Status.SUBMITTED: "已经收到，正在看由谁来办",
    Status.VERIFYING: "网格员正在现场核实",
    Status.ASSIGNED: "已派给承办单位，等它接手",
    Status.IN_PROGRESS: "承办单位正在处理",
    Status.SUSPENDED: "一时办不了，已登记，到期接着办",
    Status.RESOLVED: "承办单位说办好了，正在核查",
    Status.CLOSED: "已经办结",
    Status.TRANSFERRED: "不归本区管，已转给主管部门",
    Status.REJECTED: "不属于受理范围，没有立案",
}
"""Statuses that everybody may see, in plain words."""

_TIMELINE = text(
    """
    SELECT at, to_status FROM ledger_entry
    WHERE case_id = :case AND from_status IS DISTINCT FROM to_status ORDER BY seq
    """
)
_PHOTOS = text(
    f"""
    SELECT a.case_id, CAST(a.photo_id AS text) AS photo_id, a.role FROM attachment a
    JOIN content_check k ON k.photo_id = a.photo_id AND {public.RELEASED}
    WHERE a.case_id = ANY(:cases) AND a.role = ANY(:roles)
    ORDER BY a.case_id, a.seq, a.position
    """  # noqa: S608  (constants)
)
_SOLVED = text(
    f"""
    WITH recent AS MATERIALIZED (
        SELECT c.id, c.status, c.closed_at FROM "case" c
        WHERE {public.WHERE} ORDER BY c.changed_at DESC LIMIT :scanned),
    picked AS MATERIALIZED (
        SELECT c.* FROM (
            SELECT r.id FROM recent r CROSS JOIN LATERAL (
                SELECT bool_or(a.role = ANY(:before)) AS before,
                       bool_or(a.role = ANY(:after)) AS after
                FROM attachment a
                JOIN content_check k ON k.photo_id = a.photo_id AND {public.RELEASED}
                WHERE a.case_id = r.id
            ) seen
            WHERE r.status = 'closed' AND seen.before AND seen.after
            ORDER BY r.closed_at DESC, r.id DESC LIMIT :most
        ) best JOIN "case" c ON c.id = best.id)
    {public.COLUMNS}
    """  # noqa: S608  (constants)
)


def one(db: Connection, number: str) -> tuple[Row[Any], Sequence[tuple[Status, datetime]], Photos]:
    """A public case, the statuses it came to with their moments, and its released photos; three
    statements.

    Raises:
        NotFound: no such case, or not a public one.
    """
    found = public.named(db, [number], 1)
    if not found:
        raise NotFound("没有这件案卷，或者它不公开")
    row = found[0]
    steps = [(Status(step.to_status), step.at) for step in db.execute(_TIMELINE, {"case": row.id})]
    return row, steps, _photos(db, [row.id])[row.id]


def solved(db: Connection, most: int) -> Sequence[tuple[Row[Any], Photos]]:
    """Closed public cases with pictures before and after, the last closed first, of the SCANNED
    that changed last; two statements."""
    values = {
        "scanned": SCANNED,
        "most": most,
        "before": list(public.BEFORE),
        "after": list(public.AFTER),
    }
    rows = db.execute(_SOLVED, values).all()
    photos = _photos(db, [row.id for row in rows])
    rows = sorted(rows, key=lambda row: (row.closed_at, row.id), reverse=True)
    return [(row, photos[row.id]) for row in rows]


def _photos(db: Connection, cases: Sequence[int]) -> Mapping[int, Photos]:
    found: dict[int, Photos] = {case: {"before": [], "after": []} for case in cases}
    values = {"cases": list(cases), "roles": [*public.BEFORE, *public.AFTER]}
    for row in db.execute(_PHOTOS, values):
        found[row.case_id]["before" if row.role in public.BEFORE else "after"].append(row.photo_id)
    return found


def step_label(status: Status) -> str:
    return STATUS_LABELS[status]


def words(row: Any) -> str:
    """What a case's status means, for those who do not know the office's terms."""
    return STATUS_WORDS[Status(row.status)]
