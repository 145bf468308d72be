"""Closed cases whose reporter nobody has called yet."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, text

from app.services import scope
from models import moment
from models.account import Actor, Role
from models.calendar import LOCAL
from models.routing import Atlas

CALLERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
DAYS, TRIES = 15, 3
"""A case is called about for so many days from its closing, as long as it can be reopened, and so
many times where nobody answers."""
After = tuple[int, datetime, int]

_MAY_CALL = """
    c.status = 'closed' AND c.closed_at >= :since
    AND (c.id, c.round) NOT IN (SELECT case_id, round FROM settled)
    AND EXISTS (SELECT FROM report r LEFT JOIN account a ON a.id = r.account_id
                WHERE r.case_id = c.id AND r.withdrawn_at IS NULL AND NOT r.by_staff
                  AND r.source <> 'patrol' AND (NOT r.anonymous OR :unveils)
                  AND coalesce(r.contact_phone, a.phone) IS NOT NULL)
    """
_UNHAPPY = """
    SELECT r.case_id, f.round FROM feedback f JOIN report r ON r.id = f.report_id
    WHERE (NOT f.solved OR f.rating <= 2) AND f.at >= :since
    """
_WAITING = f"""
    WITH tried AS (
        SELECT case_id, round, count(*) AS times, max(at) AS last,
               bool_or(payload ->> 'outcome' <> 'unreachable') AS reached
        FROM ledger_entry WHERE action = 'call_back' AND at >= :since GROUP BY case_id, round),
    settled AS MATERIALIZED (SELECT case_id, round FROM tried
                             WHERE reached OR times >= :tries OR last >= :today),
    unhappy AS MATERIALIZED ({_UNHAPPY}),
    waiting AS (
        (SELECT 0 AS turn, c.closed_at, c.id FROM "case" c
         WHERE (c.id, c.round) IN (SELECT case_id, round FROM unhappy) AND {_MAY_CALL}
           AND (0, c.closed_at, c.id) > (:turn, :at, :last) AND {scope.WITHIN}
         ORDER BY c.closed_at, c.id LIMIT :most)
        UNION ALL
        (SELECT 1 AS turn, c.closed_at, c.id FROM "case" c
         WHERE {_MAY_CALL} AND (c.id, c.round) NOT IN (SELECT case_id, round FROM unhappy)
           AND (1, c.closed_at, c.id) > (:turn, :at, :last) AND {scope.WITHIN}
         ORDER BY c.closed_at, c.id LIMIT :most)
        ORDER BY turn, closed_at, id LIMIT :most)
    """  # noqa: S608
_COUNT = text(f"{_WAITING} SELECT count(*) FROM waiting")  # noqa: S608
_LIST = text(
    f"""{_WAITING}
    SELECT w.turn, c.id, c.number, c.version, c.category, c.grid, c.unit, c.closed_at,
           c.paraphrase, words.content AS description, reply.content AS reply,
           rated.rating, rated.solved, rated.comment AS rated_comment,
           t.times, t.last AS tried_at,
           (SELECT bool_or(r.anonymous) FROM report r WHERE r.case_id = c.id) AS anonymous
    FROM waiting w JOIN "case" c ON c.id = w.id
    LEFT JOIN tried t ON t.case_id = c.id AND t.round = c.round
    LEFT JOIN ledger_text words
           ON words.case_id = c.id AND words.seq = 1 AND words.field = 'description'
    LEFT JOIN LATERAL (
        SELECT x.content FROM ledger_entry e JOIN ledger_text x
               ON x.case_id = e.case_id AND x.seq = e.seq AND x.field = 'reply'
        WHERE e.case_id = c.id AND e.to_status = 'closed' ORDER BY e.seq DESC LIMIT 1) reply ON true
    LEFT JOIN LATERAL (
        SELECT f.rating, f.solved, f.at,
               (SELECT x.content FROM ledger_entry e JOIN ledger_text x
                       ON x.case_id = e.case_id AND x.seq = e.seq AND x.field = 'comment'
                WHERE e.case_id = c.id AND e.action = 'feedback' AND e.round = f.round
                ORDER BY e.seq DESC LIMIT 1) AS comment
        FROM feedback f JOIN report r ON r.id = f.report_id
        WHERE r.case_id = c.id AND f.round = c.round
        ORDER BY f.solved, f.at DESC LIMIT 1) rated ON true
    ORDER BY w.turn, w.closed_at, w.id
    """  # noqa: S608
)


def waiting(
    db: Connection, atlas: Atlas, actor: Actor, after: After | None, limit: int
) -> list[dict[str, Any]]:
    """Cases closed in the last DAYS days whose reporters have a number and were not reached: first
    those that a reporter calls unsolved or rates 1 or 2, then the others, the oldest closing first;
    one more than `limit` where there are more. Who was not reached comes again the next day, TRIES
    times in all.
    Numbers of anonymous reporters are for supervisors, and so are their cases here.

    Raises:
        Forbidden: neither dispatcher nor supervisor.
    """
    rows = db.execute(_LIST, _values(actor, after, limit + 1))
    return [_shape(atlas, row) for row in rows]


def count(db: Connection, actor: Actor, most: int) -> int:
    """How many wait, counted up to `most`."""
    return int(db.execute(_COUNT, _values(actor, None, most)).scalar_one())


def _values(actor: Actor, after: After | None, most: int) -> dict[str, Any]:
    grants = scope.held(actor, CALLERS, "只有受理派遣员和督查员可以回访")
    now = moment.now()
    since = now - timedelta(days=DAYS)
    turn, at, last = after or (0, since, 0)
    return scope.values(grants) | {
        "since": since,
        "today": datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL),
        "tries": TRIES,
        "unveils": actor.holds(Role.SUPERVISOR),
        "turn": turn,
        "at": at,
        "last": last,
        "most": most,
    }


def _shape(atlas: Atlas, row: Any) -> dict[str, Any]:
    found: dict[str, Any] = row._asdict()
    return found | {
        "description": row.paraphrase or row.description,
        "category_name": atlas.category_name(row.category),
        "grid_name": atlas.area_name(row.grid),
        "unit_name": atlas.unit_name(row.unit),
    }
