"""Supervisors' orders (督办) that wait for their answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from app.services.case_clock import STEP_LABELS
from models.account import Actor
from models.calendar import CALENDAR_LABELS
from models.routing import Atlas
from models.status import STATUS_LABELS, Status
from models.workflow import roles_on

MOST = 1000

_OPEN = text(
    """
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
    ORDER BY t.due_at, t.id LIMIT :most
    """
)


def open_orders(db: Connection, atlas: Atlas, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The open orders on cases in the actor's scope, the most urgent first; at most MOST are
    looked at."""
    rows = db.execute(_OPEN, {"most": MOST})
    return [_shape(atlas, row, now) for row in rows if roles_on(actor, row)]


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
