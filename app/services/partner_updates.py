"""What became of reports, as updates for other systems: of a system's own as their reporter reads
it, of public cases as everybody may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from app.services.report_view import TOLD, sentence
from models.case import PUBLIC
from models.routing import Atlas
from models.status import Action, Status

CODES: dict[Status, str] = {
    Status.SUBMITTED: "OPEN",
    Status.VERIFYING: "INVESTIGATING",
    Status.ASSIGNED: "ACTION_SCHEDULED",
    Status.IN_PROGRESS: "IN_PROGRESS",
    Status.SUSPENDED: "ACTION_SCHEDULED",
    Status.RESOLVED: "IN_PROGRESS",
    Status.CLOSED: "CLOSED",
    Status.TRANSFERRED: "INTERNAL_REFERRAL",
    Status.REJECTED: "NO_FURTHER_ACTION",
    Status.WITHDRAWN: "CLOSED",
    Status.MERGED: "DUPLICATE",
}
"""Our statuses in the words of mySociety's updates; a case that is closed as fixed is FIXED."""
_REPORTERS = (Action.SUBMIT, Action.JOIN, Action.ANSWER, Action.SUPPLEMENT, Action.URGE)
_TOLD = sorted({*TOLD, Action.SCREEN, Action.MERGE} - {*_REPORTERS, Action.TAKE_IN})
_UPDATES = """
    SELECT {asked} AS number, own.number AS case_number, own.unit, l.seq, l.at, l.action,
           l.from_status, l.to_status, l.holder, l.payload,
           CASE WHEN {words} THEN
               (SELECT json_object_agg(t.field, t.content) FROM ledger_text t
                WHERE t.case_id = l.case_id AND t.seq = l.seq) END AS texts,
           (SELECT p.payload ->> 'outcome' FROM ledger_entry p
            WHERE p.case_id = l.case_id AND p.seq < l.seq AND p.action = 'resolve'
              AND p.round = l.round AND l.to_status = 'closed'
            ORDER BY p.seq DESC LIMIT 1) AS outcome,
           (SELECT json_agg(a.photo_id ORDER BY a.position) FROM attachment a
            JOIN content_check k ON k.photo_id = a.photo_id AND k.state = 'released'
            WHERE a.case_id = l.case_id AND a.seq = l.seq AND {shown}) AS photos
    FROM {cases} JOIN "case" own ON own.id = {which}
    JOIN ledger_entry l ON l.case_id = own.id
    WHERE own.changed_at >= :since AND l.at >= :since AND l.at < :until AND l.action = ANY(:told)
      AND (CAST(:numbers AS text[]) IS NULL OR {asked} = ANY(:numbers)) {more}
    ORDER BY l.at, l.case_id, l.seq LIMIT :most OFFSET :skip
    """
_OWN = text(
    _UPDATES.format(
        asked="sent.number",
        words="true",
        shown="true",
        cases="""report r JOIN "case" sent ON sent.id = r.entry_case_id""",
        which="r.case_id OR own.id = r.entry_case_id",
        more="AND r.source = 'open311' AND r.recorded_by = :account AND l.at >= r.submitted_at",
    )
)
_PUBLIC = text(
    _UPDATES.format(
        asked="own.number",
        words="false",
        shown="own.public",
        cases=f"""(SELECT id FROM "case"
                   WHERE {PUBLIC.text} AND changed_at >= :since) open_to_all""",  # noqa: S608
        which="open_to_all.id",
        more="AND l.from_status IS DISTINCT FROM l.to_status",
    )
)


@dataclass(frozen=True, slots=True)
class UpdateFilter:
    """Updates of [since, until), of the numbered reports or all, a page of them."""

    since: datetime
    until: datetime
    numbers: Sequence[str] | None = None
    most: int = 1000
    skip: int = 0


def updates(
    db: Connection, atlas: Atlas, account_id: int | None, wanted: UpdateFilter
) -> list[dict[str, Any]]:
    """What became of reports, the oldest first: of the account's own as their reporter reads it,
    of public cases (None) as everybody may."""
    rows = db.execute(
        _PUBLIC if account_id is None else _OWN,
        {
            "account": account_id,
            "since": wanted.since,
            "until": wanted.until,
            "numbers": list(wanted.numbers) if wanted.numbers else None,
            "told": _TOLD,
            "most": wanted.most,
            "skip": wanted.skip,
        },
    )
    told = ((row, _said(atlas, row)) for row in rows)
    return [_shape(row, words) for row, words in told if words]


def _said(atlas: Atlas, row: Any) -> str | None:
    if row.action == Action.MERGE:
        return "与相同问题并案办理"
    return sentence(atlas, row, row.unit, row.texts or {})


def _shape(row: Any, words: str) -> dict[str, Any]:
    status = Status(row.to_status)
    return {
        "update_id": f"{row.case_number}-{row.seq}",
        "number": row.number,
        "status": "FIXED" if row.outcome == "fixed" else CODES[status],
        "code": status.value,
        "words": words,
        "at": row.at,
        "photos": row.photos or [],
    }
