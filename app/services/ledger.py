"""Reading, verifying and anchoring the ledger."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, insert, select

from models.canonical import (
    GENESIS,
    SALT_BYTES,
    canonical,
    entry_hash,
    head_leaf,
    merkle_root,
    text_digest,
)
from models.case import Case
from models.ledger import Anchor, AnchorHead, LedgerEntry, LedgerText
from models.moment import rfc3339

SETTLED = timedelta(minutes=2)
"""An anchor covers entries older than this: longer than any transaction may last, so that none
of them commits behind it."""
ANCHOR_EVERY = timedelta(hours=1)
_ONE_AT_A_TIME = 0x616E6368
"""Key of the advisory lock on anchors and their file: several clocks may run."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row of a chain, or the anchor, that does not hold."""

    where: str
    why: str


def form(number: str, entry: Any) -> dict[str, Any]:
    """The object that is hashed for an entry."""
    return {
        "case": number,
        "seq": entry.seq,
        "round": entry.round,
        "at": rfc3339(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "from": entry.from_status,
        "to": entry.to_status,
        "holder": entry.holder,
        "payload": entry.payload,
        "previous": entry.previous.hex(),
    }


def entries(db: Connection, case_id: int) -> Sequence[Row[Any]]:
    statement = select(LedgerEntry.__table__).where(LedgerEntry.case_id == case_id)
    return db.execute(statement.order_by(LedgerEntry.seq)).all()


def answering(entries: Sequence[Any]) -> list[dict[str, Any]]:
    """Who answered for a case, read off its entries (rows with round and payload, oldest first):
    the columns round, unit, unit_1, unit_2 and unit_3 of the case as they stood when a round began
    and after each change."""
    path: dict[str, str | None] = dict.fromkeys(("unit_1", "unit_2", "unit_3"))
    found: list[dict[str, Any]] = []
    for entry in entries:
        told = entry.payload.get("set", {})
        path |= {name: told[name] for name in path if name in told}
        unit = next((code for code in reversed(path.values()) if code), None)
        stands = path | {"round": entry.round, "unit": unit}
        if not found or found[-1] != stands:
            found.append(stands)
    return found


def anchored(db: Connection, number: str) -> Row[int, datetime] | None:
    """Up to which row (`seq`) and when (`at`) a case's chain was anchored last; None: not yet."""
    heads = select(AnchorHead.seq, Anchor.at).join(Anchor, Anchor.id == AnchorHead.anchor_id)
    own = heads.where(AnchorHead.case_number == number)
    return db.execute(own.order_by(Anchor.id.desc()).limit(1)).one_or_none()


def verify(db: Connection, number: str | None = None) -> tuple[int, BadRow | None]:
    """Recomputes chains and the texts they digest, oldest case first, one case or all; returns
    how many rows were checked, and the first that does not hold."""
    count = 0
    for case, chain, texts in _chains(db, number):
        bad = check_chain(case, chain, texts)
        count += len(chain)
        if bad is not None and _still_bad(db, case):
            return count, bad
    return count, None


def exported(db: Connection) -> Iterator[bytes]:
    """Every entry as a line of JSON, its hash among its members, oldest case first."""
    for case, chain, _ in _chains(db, None):
        for entry in chain:
            yield orjson.dumps(form(case.number, entry) | {"hash": entry.hash.hex()})


def _still_bad(db: Connection, case: Any) -> bool:
    """Reads the case again under a lock: it may have moved between two statements."""
    db.execute(select(Case.id).where(Case.id == case.id).with_for_update(read=True))
    return any(check_chain(*found) is not None for found in _chains(db, case.number))


def _chains(
    db: Connection, number: str | None
) -> Iterator[tuple[Any, list[Any], dict[tuple[int, str], Any]]]:
    cases = select(Case.id, Case.number, Case.head_seq, Case.head_hash).order_by(Case.id)
    if number is not None:
        cases = cases.where(Case.number == number)
    last = -1
    while batch := db.execute(cases.where(Case.id > last).limit(500)).all():
        ids = [case.id for case in batch]
        chains: dict[int, list[Any]] = {i: [] for i in ids}
        texts: dict[int, dict[tuple[int, str], Any]] = {i: {} for i in ids}
        rows = select(LedgerEntry.__table__).where(LedgerEntry.case_id.in_(ids))
        for entry in db.execute(rows.order_by(LedgerEntry.case_id, LedgerEntry.seq)):
            chains[entry.case_id].append(entry)
        for row in db.execute(select(LedgerText.__table__).where(LedgerText.case_id.in_(ids))):
            texts[row.case_id][row.seq, row.field] = row
        for case in batch:
            yield case, chains[case.id], texts[case.id]
        last = ids[-1]


def check_chain(
    case: Any, chain: Sequence[Any], texts: dict[tuple[int, str], Any]
) -> BadRow | None:
    previous = GENESIS
    for position, entry in enumerate(chain, start=1):
        where = f"{case.number} #{entry.seq}"
        if entry.seq != position:
            return BadRow(f"{case.number} #{position}", "缺少这一行")
        if entry.previous != previous:
            return BadRow(where, "前一行的哈希不符")
        if _own_hash(case.number, entry) != entry.hash:
            return BadRow(where, "内容与哈希不符")
        for field, value in entry.payload.items():
            if _text_altered(texts.get((entry.seq, field)), value):
                return BadRow(where, f"文字“{field}”与哈希不符")
        previous = entry.hash
    if (case.head_seq, case.head_hash) != (len(chain), previous):
        return BadRow(f"{case.number} #{len(chain) + 1}", "台账尾部与案卷记录不符")
    return None


def _own_hash(number: str, entry: Any) -> bytes | None:
    """None where an altered row has no canonical form at all."""
    try:
        return entry_hash(form(number, entry))
    except (TypeError, ValueError):
        return None


def _text_altered(row: Any, value: Any) -> bool:
    if row is None or (row.salt is None and row.content is None) or not isinstance(value, dict):
        return False
    if row.content is None or len(row.salt or b"") != SALT_BYTES:
        return True
    return text_digest(row.salt, row.content) != value.get("sha256")


def anchor(db: Connection, *, every: timedelta = ANCHOR_EVERY) -> str | None:
    """Anchors the heads of all chains that moved since the last anchor; returns the line for
    the anchor file, or None when nothing moved or the last anchor is younger than `every`.

    `write_lines` brings committed lines to the file, in a transaction of its own: a crash
    between the two leaves nothing out.
    """
    db.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    now = datetime.now(UTC) - SETTLED
    last = db.execute(
        select(Anchor.at, Anchor.line).order_by(Anchor.at.desc()).limit(1)
    ).one_or_none()
    since = last.at if last is not None else datetime.fromtimestamp(0, UTC)
    if now - since < every:
        return None
    heads = _heads(db, since, now)
    if not heads:
        return None
    root = _root(heads)
    line = canonical(
        {
            "at": rfc3339(now),
            "since": rfc3339(since),
            "heads": len(heads),
            "root": root.hex(),
            "previous": (hashlib.sha256(last.line.encode()).hexdigest() if last else "0" * 64),
        }
    ).decode()
    anchor_id = db.execute(
        insert(Anchor).values(since=since, at=now, root=root, line=line).returning(Anchor.id)
    ).scalar_one()
    db.execute(
        insert(AnchorHead),
        [
            {"anchor_id": anchor_id, "case_number": h.case_number, "seq": h.seq, "hash": h.hash}
            for h in heads
        ],
    )
    return line


def write_lines(db: Connection, directory: Path) -> int:
    """Appends to the anchor file the committed anchors that it lacks; returns how many.

    A last line without its newline, as a full disk leaves it, is written again.
    """
    db.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "anchors.jsonl").open("a+b") as file:
        file.seek(0)
        whole = file.read().rpartition(b"\n")
        have = whole[0].count(b"\n") + 1 if whole[1] else 0
        kept = select(Anchor.line).order_by(Anchor.at)
        lines = list(db.execute(kept.offset(have)).scalars())
        if lines:
            file.truncate(len(whole[0]) + len(whole[1]))
            file.writelines(f"{line}\n".encode() for line in lines)
    return len(lines)


def _heads(db: Connection, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    moved = (
        select(LedgerEntry.case_id, func.max(LedgerEntry.seq).label("seq"))
        .where(LedgerEntry.at > since, LedgerEntry.at <= until)
        .group_by(LedgerEntry.case_id)
        .subquery()
    )
    return db.execute(
        select(Case.number.label("case_number"), moved.c.seq, LedgerEntry.hash)
        .join(Case, Case.id == moved.c.case_id)
        .join(
            LedgerEntry,
            (LedgerEntry.case_id == moved.c.case_id) & (LedgerEntry.seq == moved.c.seq),
        )
        .order_by(Case.number.collate("C"))
    ).all()


def _root(heads: Sequence[Any]) -> bytes:
    return merkle_root([head_leaf(h.case_number, h.seq, h.hash) for h in heads])


def verify_anchors(db: Connection, directory: Path) -> tuple[int, BadRow | None]:
    """Checks the file's lines against their chain, the kept heads against the roots, and the
    ledger against the heads; returns how many anchors were checked, and the first fault.

    Anchors whose lines the file lacks are checked as the database has them.
    """
    path = directory / "anchors.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    lines += db.execute(select(Anchor.line).order_by(Anchor.at).offset(len(lines))).scalars()
    previous = "0" * 64
    for position, line in enumerate(lines, start=1):
        bad = _check_anchor(db, line, previous)
        if bad is not None:
            return position, BadRow(f"anchors.jsonl 第 {position} 行{bad.where}", bad.why)
        previous = hashlib.sha256(line.encode()).hexdigest()
    return len(lines), None


def _check_anchor(db: Connection, text: str, previous: str) -> BadRow | None:
    try:
        line = orjson.loads(text)
        root, at = line["root"], datetime.fromisoformat(line["at"])
        connected = line["previous"] == previous
    except (ValueError, TypeError, KeyError):
        return BadRow("", "无法读取")
    if not connected:
        return BadRow("", "与上一行不相连")
    heads = db.execute(
        select(
            AnchorHead.case_number, AnchorHead.seq, AnchorHead.hash, LedgerEntry.hash.label("now")
        )
        .join(Anchor, Anchor.id == AnchorHead.anchor_id)
        .outerjoin(Case, Case.number == AnchorHead.case_number)
        .outerjoin(
            LedgerEntry,
            (LedgerEntry.case_id == Case.id) & (LedgerEntry.seq == AnchorHead.seq),
        )
        .where(Anchor.at == at)
        .order_by(AnchorHead.case_number.collate("C"))
    ).all()
    if not heads or _root(heads).hex() != root:
        return BadRow("", "案卷链头与锚定值不符")
    for head in heads:
        if head.now != head.hash:
            return BadRow(f"，{head.case_number} #{head.seq}", "台账在锚定之后被改动或截断")
    return None
