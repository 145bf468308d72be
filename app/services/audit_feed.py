"""Feeding the audit from the ledger: cases whose ledger grew are read again, in the order in which
their changes were committed, and the difference goes into the cells.

A case's rounds are made of its whole ledger, so that a row of the queue may be worked off twice or
late; what counts is that it is after the last commit. One feeder works at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from app.services import audit_cells, audit_recurrence
from models.audit import audit_round
from models.ledger import LedgerEntry
from models.measures import DAYS
from models.rounds import rounds
from models.routing import Atlas

BATCH = 500
ONE_AT_A_TIME = 0x61756469
"""Key of the advisory lock on feeding: several clocks may run."""
COLUMNS = tuple(column.name for column in audit_round.columns)
ENTRY = tuple(
    getattr(LedgerEntry, name)
    for name in (
        *("case_id", "seq", "round", "at", "actor", "action"),
        *("from_status", "to_status", "holder", "payload", "hash"),
    )
)
"""Columns of the ledger that rounds are made of."""
Row = dict[str, Any]
_SIGNED = """
    (SELECT -1 AS sign, gone.*
     FROM jsonb_populate_recordset(NULL::audit_round, CAST(:gone AS jsonb)) AS gone
     UNION ALL
     SELECT 1, come.*
     FROM jsonb_populate_recordset(NULL::audit_round, CAST(:come AS jsonb)) AS come) AS moved
    """
_TAKE = text(
    """
    DELETE FROM audit_queue WHERE id IN (SELECT id FROM audit_queue ORDER BY id LIMIT :most)
    RETURNING case_id
    """
)


def follow(db: Connection, atlas: Atlas, most: int = BATCH) -> int:
    """Brings the audit up to the next cases whose ledger grew; returns how many rows of the queue
    were worked off, 0 also where another feeder is at work."""
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    if not db.execute(lock, {"key": ONE_AT_A_TIME}).scalar_one():
        return 0
    taken = db.execute(_TAKE, {"most": most}).scalars().all()
    if taken:
        refresh(db, atlas, sorted(set(taken)))
    return len(taken)


def set_aside(db: Connection) -> int | None:
    """Takes the first case out of the queue unread, so that it holds up none of the others;
    returns its id. `flask audit rebuild` finds it again."""
    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    return db.execute(_TAKE, {"most": 1}).scalar_one_or_none()


def refresh(db: Connection, atlas: Atlas, case_ids: Sequence[int]) -> None:
    """Makes the rounds of these cases anew, and puts what differs into the cells."""
    cases = list(case_ids)
    gone = _by_key(_stored(db, "case_id = ANY(:cases)", cases=cases))
    made = _by_key(read(db, atlas, cases))
    db.execute(text("DELETE FROM audit_round WHERE case_id = ANY(:cases)"), {"cases": cases})
    insert(db, made.values())
    others = audit_recurrence.ended_before(db, _reported_elsewhere(gone, made)) - set(made)
    gone |= _by_key(_these(db, others))
    audit_recurrence.settle(db, {*made, *others})
    come = _by_key(_these(db, {*made, *others}))
    moved = [key for key in {*gone, *come} if _summed(gone.get(key)) != _summed(come.get(key))]
    before, after = ([rows[key] for key in moved if key in rows] for rows in (gone, come))
    audit_cells.add(db, _SIGNED, gone=_json(before), come=_json(after))
    audit_cells.mark_stale(db, list(_months([*before, *after])))


def read(db: Connection, atlas: Atlas, case_ids: Sequence[int]) -> list[Row]:
    """The rounds of cases as their ledgers tell them now."""
    entries = select(*ENTRY).where(LedgerEntry.case_id.in_(case_ids))
    chains: dict[int, list[Any]] = {}
    for entry in db.execute(entries.order_by(LedgerEntry.case_id, LedgerEntry.seq)):
        chains.setdefault(entry.case_id, []).append(entry)
    return [row for case, chain in chains.items() for row in rounds(case, chain, atlas.calendar_of)]


def insert(db: Connection, rows: Iterable[Row], table: str = "audit_round") -> None:
    names = ", ".join(COLUMNS)
    db.execute(
        text(
            f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608  (names of columns)
            " FROM jsonb_populate_recordset(NULL::audit_round, CAST(:rows AS jsonb))"
        ),
        {"rows": _json(rows)},
    )


def _reported_elsewhere(gone: Mapping[Any, Row], made: Mapping[Any, Row]) -> list[Row]:
    """First rounds that are new, or were moved: what they were, and what they are."""
    found = []
    for key in {*gone, *made}:
        old, new = gone.get(key), made.get(key)
        if key[1] == 1 and (old is None or new is None or _report(old) != _report(new)):
            found += [row for row in (old, new) if row is not None]
    return found


def _report(row: Row) -> tuple[Any, ...]:
    return tuple(row[n] for n in ("category", "latitude_e7", "longitude_e7", "counted"))


def _by_key(rows: Iterable[Row]) -> dict[tuple[int, int], Row]:
    return {(row["case_id"], row["round"]): row for row in rows}


def _these(db: Connection, keys: Iterable[tuple[int, int]]) -> list[Row]:
    pairs = sorted(keys)
    return _stored(
        db,
        "(case_id, round) IN"
        " (SELECT * FROM unnest(CAST(:cases AS bigint[]), CAST(:rounds AS integer[])))",
        cases=[case for case, _ in pairs],
        rounds=[number for _, number in pairs],
    )


def _stored(db: Connection, where: str, **values: Any) -> list[Row]:
    names = ", ".join(f"CAST({n} AS text)" if n == "suspended" else n for n in COLUMNS)
    rows = db.execute(text(f"SELECT {names} FROM audit_round WHERE {where}"), values)  # noqa: S608
    return [dict(row) for row in rows.mappings()]


_UNSUMMED = {"suspended", "head_seq", "head_hash", "status"}


def _summed(row: Row | None) -> Row | None:
    """What the cells know of a round."""
    return row and {name: value for name, value in row.items() if name not in _UNSUMMED}


def _json(rows: Iterable[Row]) -> str:
    return orjson.dumps(list(rows), default=lambda value: f"\\x{value.hex()}").decode()


def _months(rows: Iterable[Row]) -> set[date]:
    return {row[day].replace(day=1) for row in rows for day in DAYS if row[day] is not None}
