"""Frozen months: figures of a closed month as they stood when its appeals were decided, with the
hash of the ledger heads that they came from; and the proof of them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, insert, select, text

from app.services import audit_cells, audit_feed
from app.services.audit_figures import summed
from app.services.audit_selection import Selection, State
from app.services.ledger import check_chain
from models import moment
from models.audit import audit_frozen_month, audit_frozen_round
from models.calendar import OFFICE
from models.case import Case
from models.errors import Conflict
from models.facts import APPEAL_WINDOW
from models.ledger import LedgerEntry
from models.measures import BASES, COLUMNS, DAYS, TIMES
from models.period import Period, next_month
from models.rounds import rounds
from models.routing import Atlas

_COMPARED = (*COLUMNS, *TIMES, *DAYS, "source", "category", "place", "unit", "worker")
_FROM_OTHERS = {"recurred_7", "recurred_30"}
"""Columns that depend on other cases' reports."""


def told(frozen: Any) -> dict[str, Any] | None:
    """What is said of a frozen month."""
    return frozen and {
        "month": f"{frozen.month:%Y-%m}",
        "as_of": frozen.as_of,
        "frozen_at": frozen.frozen_at,
        "cases": frozen.cases,
        "heads_sha256": frozen.heads_sha256.hex(),
    }


def months(db: Connection, atlas: Atlas) -> list[dict[str, Any]]:
    """Every month with data that has ended, the newest first: frozen, or what it waits for."""
    rows = {row.month: row for row in db.execute(select(audit_frozen_month))}
    found = []
    for month, appeals in _with_data(db).items():
        frozen = rows.get(month)
        waits = None if frozen is not None else _obstacle(atlas, month, appeals)
        found.append({"month": f"{month:%Y-%m}", "frozen": told(frozen), "waits_for": waits})
    return found


def _with_data(db: Connection) -> dict[date, int]:
    """Open appeals of the months that cells know of, up to the present, the newest first."""
    statement = text(
        "SELECT CAST(date_trunc('month', day) AS date) AS month, sum(appeal_open) AS appeals"
        " FROM audit_day WHERE pair = 'unit_source' AND day <= :today GROUP BY 1 ORDER BY 1 DESC"
    )
    found = db.execute(statement, {"today": moment.now().date()})
    return {row.month: row.appeals for row in found}


def obstacle(db: Connection, atlas: Atlas, month: date) -> str | None:
    """Why a month cannot be frozen yet, or None."""
    appeals = db.execute(
        text(
            "SELECT coalesce(sum(appeal_open), 0) FROM audit_day"
            " WHERE pair = 'unit_source' AND day >= :first AND day < :end"
        ),
        {"first": month, "end": next_month(month)},
    ).scalar_one()
    return _obstacle(atlas, month, appeals)


def _obstacle(atlas: Atlas, month: date, appeals: int) -> str | None:
    calendar = atlas.calendars[OFFICE]
    until = calendar.add_working_time(Period(month, next_month(month)).ends, APPEAL_WINDOW)
    if moment.now() < until:
        return f"{month.year}年{month.month}月的申诉期到 {moment.local(until)} 才结束"
    return f"还有 {appeals} 件申诉没有审理" if appeals else None


def due(db: Connection, atlas: Atlas) -> list[date]:
    """Months that can be frozen now, the oldest first."""
    frozen = set(db.execute(select(audit_frozen_month.c.month)).scalars())
    open_ = {month: n for month, n in _with_data(db).items() if month not in frozen}
    return [month for month, n in sorted(open_.items()) if _obstacle(atlas, month, n) is None]


def freeze(db: Connection, atlas: Atlas, month: date) -> dict[str, Any]:
    """Freezes a month's rounds, cells and sums.

    Raises:
        Conflict: it is frozen already, not over, or has appeals to be decided.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": audit_feed.ONE_AT_A_TIME})
    known = select(audit_frozen_month).where(audit_frozen_month.c.month == month)
    if db.execute(known).one_or_none() is not None:
        raise Conflict(f"{month:%Y-%m} 已封存")
    now = moment.now()
    while audit_feed.follow(db, atlas):
        pass
    reason = obstacle(db, atlas, month)
    if reason is not None:
        raise Conflict(reason)
    audit_cells.sum_up(db, month)
    db.execute(text("DELETE FROM audit_stale WHERE month = :month"), {"month": month})
    names = ", ".join(audit_feed.COLUMNS)
    within = " OR ".join(f"({day} >= :month AND {day} < :end)" for day in DAYS)
    db.execute(
        text(
            f"INSERT INTO audit_frozen_round (month, {names}) SELECT :month, {names}"  # noqa: S608
            f" FROM audit_round WHERE {within}"
        ),
        {"month": month, "end": next_month(month)},
    )
    heads = _heads(db, month)
    row = {
        "month": month,
        "as_of": now,
        "frozen_at": now,
        "cases": len(heads),
        "heads_sha256": heads_hash(heads),
        "counts": _sums(db, month, now),
    }
    db.execute(insert(audit_frozen_month).values(**row))
    return told(SimpleNamespace(**row)) or {}


def _sums(db: Connection, month: date, now: datetime) -> dict[str, int]:
    """Every column's sum in the month, from its cells."""
    wanted = Selection(Period(month, next_month(month)))
    return summed(db, wanted, State(now, frozenset())).get("", dict.fromkeys(COLUMNS, 0))


def _heads(db: Connection, month: date) -> list[tuple[str, int, bytes]]:
    rows = db.execute(
        text(
            "SELECT DISTINCT c.number, f.head_seq, f.head_hash FROM audit_frozen_round f"
            ' JOIN "case" c ON c.id = f.case_id WHERE f.month = :month'
        ),
        {"month": month},
    )
    return sorted((row.number, row.head_seq, row.head_hash) for row in rows)


def heads_hash(heads: Iterable[tuple[str, int, bytes]]) -> bytes:
    """SHA-256 over a line `number seq hash` for each head, in order of the numbers' bytes."""
    lines = (f"{number} {seq} {own.hex()}\n" for number, seq, own in heads)
    return hashlib.sha256("".join(lines).encode()).digest()


def recompute(db: Connection, atlas: Atlas, month: date) -> Iterator[str]:
    """Proves a frozen month from the ledger: each difference, in words; nothing if all holds.

    Chains are recomputed up to the heads that were frozen, rounds are read off them again, and
    sums and cells compared.

    Raises:
        Conflict: the month is not frozen.
    """
    known = select(audit_frozen_month).where(audit_frozen_month.c.month == month)
    frozen = db.execute(known).one_or_none()
    if frozen is None:
        raise Conflict(f"{month:%Y-%m} 尚未封存")
    heads = _heads(db, month)
    if heads_hash(heads) != frozen.heads_sha256:
        yield "案卷链头的摘要与封存时不符"
    kept: dict[int, list[Any]] = {}
    for row in db.execute(
        select(audit_frozen_round)
        .where(audit_frozen_round.c.month == month)
        .order_by(audit_frozen_round.c.case_id, audit_frozen_round.c.round)
    ):
        kept.setdefault(row.case_id, []).append(row)
    made: list[dict[str, Any]] = []
    ids = list(kept)
    for start in range(0, len(ids), audit_feed.BATCH):
        batch = ids[start : start + audit_feed.BATCH]
        for case_id, case, chain in _chains(db, batch):
            yield from _differences(case, chain, kept[case_id], atlas, made)
    yield from _missing(db, atlas, frozen, set(ids))
    yield from _compared("封存的指标", frozen.counts, _month_sums(made, month))
    yield from _compared("汇总表", _sums(db, month, frozen.as_of), frozen.counts)


def _chains(db: Connection, ids: Sequence[int]) -> Iterator[tuple[int, Any, list[Any]]]:
    numbers = {
        row.id: row for row in db.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))
    }
    chains: dict[int, list[Any]] = {case_id: [] for case_id in ids}
    entries = select(LedgerEntry.__table__).where(LedgerEntry.case_id.in_(ids))
    for entry in db.execute(entries.order_by(LedgerEntry.case_id, LedgerEntry.seq)):
        chains[entry.case_id].append(entry)
    for case_id in ids:
        yield case_id, numbers[case_id], chains[case_id]


def _differences(
    case: Any,
    chain: Sequence[Any],
    kept: Sequence[Any],
    atlas: Atlas,
    made: list[dict[str, Any]],
) -> Iterator[str]:
    head = SimpleNamespace(
        number=case.number, head_seq=kept[0].head_seq, head_hash=kept[0].head_hash
    )
    known = [entry for entry in chain if entry.seq <= head.head_seq]
    bad = check_chain(head, known, {})
    if bad is not None:
        yield f"{bad.where}：{bad.why}"
        return
    fresh = {row["round"]: row for row in rounds(kept[0].case_id, known, atlas.calendar_of)}
    for row in kept:
        own = fresh[row.round]
        own |= {name: getattr(row, name) for name in _FROM_OTHERS}
        made.append(own)
        for name in _COMPARED:
            if getattr(row, name) != own[name]:
                where = f"{case.number} 第 {row.round} 轮"
                yield f"{where}：{name} 封存为 {getattr(row, name)}，台账为 {own[name]}"


def _missing(db: Connection, atlas: Atlas, frozen: Any, kept: set[int]) -> Iterator[str]:
    """Cases that belong to the month by their ledger of then, but were not frozen with it."""
    within = " OR ".join(f"({day} >= :first AND {day} < :end)" for day in DAYS)
    values = {"first": frozen.month, "end": next_month(frozen.month)}
    statement = text(f"SELECT DISTINCT case_id FROM audit_round WHERE {within}")  # noqa: S608
    others = [i for i in db.execute(statement, values).scalars() if i not in kept]
    for start in range(0, len(others), audit_feed.BATCH):
        for case_id, case, chain in _chains(db, others[start : start + audit_feed.BATCH]):
            then = [entry for entry in chain if entry.at < frozen.as_of]
            rows = rounds(case_id, then, atlas.calendar_of) if then else []
            if any(_month_sums(rows, frozen.month).values()):
                yield f"{case.number}：按台账属于本月，封存时没有计入"


def _month_sums(rows: Iterable[Mapping[str, Any]], month: date) -> dict[str, int]:
    end = next_month(month)
    sums = dict.fromkeys(COLUMNS, 0)
    for row in rows:
        for basis, columns in BASES.items():
            day = row[f"{basis}_day"]
            if day is not None and month <= day < end:
                for column in columns:
                    sums[column] += row[column]
    return sums


def _compared(what: str, kept: Mapping[str, int], made: Mapping[str, int]) -> Iterator[str]:
    for name in COLUMNS:
        if kept[name] != made[name]:
            yield f"{what}：{name} 为 {kept[name]}，应为 {made[name]}"
