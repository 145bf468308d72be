"""The cases behind every number of an audit, and the late ones with who held them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, text

from app.services import audit_figures
from app.services.audit_groups import categories_of, named
from app.services.audit_selection import ROUNDS, Selection, State
from app.services.case_clock import names_of
from app.services.people import holding_unit
from models.ledger import LedgerEntry
from models.measures import COUNTS, Count
from models.routing import Atlas
from models.spans import Span, holder_spans
from models.status import STATUS_LABELS, Status

_SECOND = timedelta(seconds=1)
After = tuple[date, int, int]
LateState = Literal["all", "open", "closed"]


def behind(
    db: Connection,
    wanted: Selection,
    here: State,
    count: str,
    atlas: Atlas,
    *,
    before_appeals: bool = False,
    also: str = "true",
    after: After | None = None,
    limit: int | None = None,
) -> Sequence[Row[Any]]:
    """The rounds that a count is made of, in the order of the days they count on, with the
    `number` of their cases and the `amount` each adds; one more than `limit`."""
    one = COUNTS[count]
    day = f"{one.basis}_day"
    terms, values = _conditions(wanted, here, atlas, one, count, before_appeals=before_appeals)
    if after is not None:
        terms.append(f"({day}, case_id, round) > (:after_day, :after_case, :after_round)")
        values |= dict(zip(("after_day", "after_case", "after_round"), after, strict=True))
    limited = "" if limit is None else " LIMIT :rows"
    statement = f"""
        SELECT found.*, c.number FROM (
            SELECT *, {day} AS day, {_amount(one, before_appeals)} AS amount FROM {here.rounds}
            WHERE {" AND ".join([*terms, also])}
            ORDER BY {day}, case_id, round{limited}) AS found
        JOIN "case" c ON c.id = found.case_id ORDER BY found.day, found.case_id, found.round
        """  # noqa: S608
    return db.execute(text(statement), values | {"rows": (limit or 0) + 1}).all()


def _amount(one: Count, before_appeals: bool) -> str:
    if before_appeals and one.before:
        return " + ".join(one.before)
    return " + ".join(one.plus) + "".join(f" - {column}" for column in one.minus)


def _conditions(
    wanted: Selection, here: State, atlas: Atlas, one: Count, count: str, *, before_appeals: bool
) -> tuple[list[str], dict[str, Any]]:
    day = f"{one.basis}_day"
    condition, values = ROUNDS.matches(wanted)
    values |= {"first": wanted.period.first, "end": wanted.period.end}
    values |= {"now": here.now, "ends": wanted.period.ends}
    terms = [
        condition,
        "counted",
        f"{day} >= :first AND {day} < :end",
        f"{_amount(one, before_appeals)} > 0",
    ]
    if count == "suspended":
        terms.append(f"({audit_figures.suspended(wanted.group_by)})")
    elif one.without == "suspended":
        terms.append(f"NOT ({audit_figures.suspended(wanted.group_by)})")
    elif one.without == "pending":
        terms.append(f"NOT ({audit_figures.pending()})")
    if wanted.key is not None and wanted.group_by in ("group", "kind"):
        terms.append("coalesce(category, '') = ANY(:categories)")
        values["categories"] = categories_of(atlas, wanted.group_by, wanted.key)
    elif wanted.key is not None and wanted.group_by is not None:
        terms.append(f"{replace(ROUNDS, day=day).of(wanted.group_by)} = :key")
        values["key"] = wanted.key
    return terms, values


def told(db: Connection, atlas: Atlas, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Rounds as people read them."""
    workers = sorted({str(row.worker) for row in rows if row.worker is not None})
    people = named(db, atlas, "worker", workers)
    return [_told(atlas, people, row) for row in rows]


def _told(atlas: Atlas, people: Mapping[str, str], row: Any) -> dict[str, Any]:
    grid, unit = row.place.split("/")[3], (row.unit or "").rpartition("/")[2]
    return {
        "case_number": row.number,
        "round": row.round,
        "day": row.day,
        "amount": row.amount,
        "status": row.status,
        "status_label": STATUS_LABELS[Status(row.status)],
        "source": row.source,
        "category": row.category,
        "category_name": atlas.category_name(row.category),
        "grid": grid or None,
        "grid_name": atlas.area_name(grid),
        "unit": unit or None,
        "unit_name": atlas.unit_name(unit),
        "worker": None if row.worker is None else str(row.worker),
        "worker_name": people.get(str(row.worker)),
        "began_at": row.began_at,
        "accepted_at": row.accepted_at,
        "start_due_at": row.start_due_at,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "resolved_at": row.resolved_at,
        "close_due_at": row.close_due_at,
        "closed_at": row.closed_at,
        "ledger": f"/api/v1/cases/{row.number}/ledger",
    }


LATE_STATES: dict[LateState, str] = {
    "all": "true",
    "open": "resolved_at IS NULL",
    "closed": "resolved_at IS NOT NULL",
}


def late(
    db: Connection,
    wanted: Selection,
    here: State,
    atlas: Atlas,
    state: LateState,
    *,
    after: After | None = None,
    limit: int | None = None,
) -> Sequence[Row[Any]]:
    """Rounds handled late, or late and not handled yet, in order of their due days."""
    also = LATE_STATES[state]
    return behind(db, wanted, here, "late", atlas, also=also, after=after, limit=limit)


def lateness(
    db: Connection, atlas: Atlas, here: State, rows: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    """Late rounds as people read them, with by how much, and who held each since it was due and
    in all, in clock and working seconds."""
    chains: dict[int, list[Any]] = {}
    wanted = select(
        LedgerEntry.case_id,
        LedgerEntry.round,
        LedgerEntry.at,
        LedgerEntry.to_status,
        LedgerEntry.holder,
    ).where(LedgerEntry.case_id.in_({row.case_id for row in rows}))
    for entry in db.execute(wanted.order_by(LedgerEntry.case_id, LedgerEntry.seq)):
        chains.setdefault(entry.case_id, []).append(entry)
    held = {
        key: [s for s in holder_spans(chains[key[0]], here.now) if s.round == key[1]]
        for key in ((row.case_id, row.round) for row in rows)
    }
    names = names_of(db, atlas, {span.holder for spans in held.values() for span in spans})
    found = []
    for row, plain in zip(rows, told(db, atlas, rows), strict=True):
        until = row.resolved_at or here.now
        unit = (row.unit or "").rpartition("/")[2] or None
        calendar = atlas.calendar_of(row.category, unit)
        worked = calendar.working_time_between(row.due_at, until)
        spans = held[row.case_id, row.round]
        found.append(
            plain
            | {
                "late_seconds": (until - row.due_at) // _SECOND,
                "late_working_seconds": worked // _SECOND,
                "handled": row.resolved_at is not None,
                "held_since_due": _held(atlas, row, spans, names, row.due_at, until),
                "held": _held(atlas, row, spans, names, row.began_at, until),
            }
        )
    return found


def _held(
    atlas: Atlas,
    row: Any,
    spans: Sequence[Span],
    names: Mapping[str, str],
    since: datetime,
    until: datetime,
) -> list[dict[str, Any]]:
    """Who held the round how long between two moments, the longest first."""
    totals: dict[str, list[timedelta]] = {}
    for span in spans:
        began, ended = max(span.began_at, since), min(span.ended_at, until)
        if began >= ended:
            continue
        calendar = atlas.calendar_of(row.category, holding_unit(span.holder))
        own = totals.setdefault(span.holder, [timedelta(0), timedelta(0)])
        own[0] += ended - began
        own[1] += calendar.working_time_between(began, ended)
    return [
        {
            "holder": holder,
            "holder_name": names.get(holder, holder),
            "seconds": clock // _SECOND,
            "working_seconds": worked // _SECOND,
        }
        for holder, (clock, worked) in sorted(totals.items(), key=lambda item: -item[1][0])
    ]
