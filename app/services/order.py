"""Supervisors' orders (督办) that wait for their answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from app.services import scope
from app.services.case_clock import STEP_LABELS
from models import moment
from models.account import Actor
from models.calendar import CALENDAR_LABELS
from models.routing import Atlas
from models.status import STATUS_LABELS, Status
from models.workflow import roles_on

MOST = 1000

_OPEN = text(
    f"""
    SELECT t.started_at, t.due_at, t.step, t.calendar, c.number, c.status, c.holder, c.category,
           c.district, c.street, c.community, c.grid, c.overlay,
           c.unit, c.unit_1, c.unit_2, c.unit_3,
           a.display_name AS ordered_by, words.content AS demand
    FROM timer t
    JOIN "case" c ON c.id = t.case_id
    JOIN LATERAL (SELECT e.seq, e.actor FROM ledger_entry e
                  WHERE e.case_id = c.id AND e.action = 'supervise'
                  ORDER BY e.seq DESC LIMIT 1) given ON true
    LEFT JOIN account a ON a.id = CAST(given.actor ->> 'account' AS bigint)
    LEFT JOIN ledger_text words
           ON words.case_id = c.id AND words.seq = given.seq AND words.field = 'comment'
    WHERE t.clock = 'supervise' AND t.met_at IS NULL AND t.cleared_at IS NULL
      AND (:unit = '' OR :unit IN (c.unit_1, c.unit_2, c.unit_3))
      AND (c.holder = :worker OR {scope.WITHIN})
    ORDER BY t.due_at, t.id LIMIT :most
    """  # noqa: S608
)


def open_orders(
    db: Connection, atlas: Atlas, actor: Actor, now: datetime, unit: str | None = None
) -> list[dict[str, Any]]:
    """The open orders on cases in the actor's scope, and of a unit's subtree where one is given,
    the most urgent first, at most MOST."""
    values = {"unit": unit or "", "worker": f"worker:{actor.id}", "most": MOST}
    rows = db.execute(_OPEN, values | scope.values(actor.grants))
    return [_shape(atlas, row, now) for row in rows if roles_on(actor, row)]


_ANSWERED = text(
    f"""
    SELECT t.id, t.started_at, t.due_at, t.met_at, c.number, c.status, c.category, c.grid, c.unit,
           by.display_name AS ordered_by, words.content AS demand, answer.content AS answer
    FROM timer t
    JOIN "case" c ON c.id = t.case_id
    LEFT JOIN LATERAL (SELECT e.seq, e.actor FROM ledger_entry e
                       WHERE e.case_id = c.id AND e.action = 'supervise' AND e.at <= t.started_at
                       ORDER BY e.seq DESC LIMIT 1) given ON true
    LEFT JOIN LATERAL (SELECT e.seq FROM ledger_entry e
                       WHERE e.case_id = c.id AND e.action = 'answer_order' AND e.at >= t.met_at
                       ORDER BY e.seq LIMIT 1) told ON true
    LEFT JOIN account by ON by.id = CAST(given.actor ->> 'account' AS bigint)
    LEFT JOIN ledger_text words
           ON words.case_id = c.id AND words.seq = given.seq AND words.field = 'comment'
    LEFT JOIN ledger_text answer
           ON answer.case_id = c.id AND answer.seq = told.seq AND answer.field = 'comment'
    WHERE t.clock = 'supervise' AND t.met_at IS NOT NULL
      AND (:unit = '' OR :unit IN (c.unit_1, c.unit_2, c.unit_3)) AND {scope.WITHIN}
      AND (t.met_at, t.id) < (:at, :last)
    ORDER BY t.met_at DESC, t.id DESC LIMIT :most
    """  # noqa: S608
)
After = tuple[datetime, int]


def answered_orders(
    db: Connection, atlas: Atlas, actor: Actor, unit: str | None, after: After | None, limit: int
) -> list[dict[str, Any]]:
    """Orders on cases in the actor's scope that were answered, the last answer first; one more
    than `limit` where there are more. `after` is the moment and id of the last one seen."""
    at, last = after or (moment.now(), 2**63 - 1)
    values = {"unit": unit or "", "at": at, "last": last, "most": limit + 1}
    rows = db.execute(_ANSWERED, values | scope.values(actor.grants))
    return [
        row._asdict()
        | {
            "status_label": STATUS_LABELS[Status(row.status)],
            "category_name": atlas.category_name(row.category),
            "grid_name": atlas.area_name(row.grid),
            "unit_name": atlas.unit_name(row.unit),
            "in_time": row.met_at <= row.due_at,
        }
        for row in rows
    ]


def _shape(atlas: Atlas, row: Any, now: datetime) -> dict[str, Any]:
    calendar = atlas.calendars[row.calendar]
    left = calendar.working_time_between(now, row.due_at)
    return {
        "case_number": row.number,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "grid": row.grid,
        "grid_name": atlas.area_name(row.grid),
        "unit": row.unit,
        "unit_name": atlas.unit_name(row.unit),
        "holder": row.holder,
        "ordered_by": row.ordered_by,
        "ordered_at": row.started_at,
        "demand": row.demand,
        "due_at": row.due_at,
        "late": now > row.due_at,
        "step": row.step,
        "step_label": STEP_LABELS[row.step],
        "working_seconds_left": int(left.total_seconds()),
        "calendar": calendar.name,
        "calendar_label": CALENDAR_LABELS[calendar.name],
    }
