"""Replays: the same write with the same key answers the same.

The answer is inserted with what it tells of. Of two twins at once the second finds the first's
row in its way, is undone, and gives the first's answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete

from models.db import Rows
from models.errors import IdempotencyConflict
from models.outbox import Idempotency

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write under a key: `METHOD /path`, and the SHA-256 of its body."""

    route: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


KNOWN = """
    LEFT JOIN idempotency kept ON kept.account_id = a.id AND kept.route = %(route)s
                              AND kept.key = %(key)s
    """
"""Joins `account a` to what was answered under the key."""


def answered(db: Connection, attempt: Attempt, row: Any) -> Answer | None:
    """What the account was answered before, if its day is not over; `row` is one with `KNOWN`.

    Raises:
        IdempotencyConflict: the key was used with another body.
    """
    if row.body_sha256 is None:
        return None
    if datetime.now(UTC) - row.created_at > KEPT:
        db.execute(
            delete(Idempotency).where(
                Idempotency.account_id == row.id,
                Idempotency.route == attempt.route,
                Idempotency.key == attempt.key,
            )
        )
        return None
    if row.body_sha256 != attempt.digest:
        raise IdempotencyConflict("这个 Idempotency-Key 已用于另一个请求，请换一个新的")
    return Answer(row.status, row.answer)


def keep(rows: Rows, account: int, attempt: Attempt, answer: Answer) -> None:
    """Adds the answer to the rows of the write that gave it."""
    rows.add(
        Idempotency,
        account_id=account,
        route=attempt.route,
        key=attempt.key,
        body_sha256=attempt.digest,
        created_at=datetime.now(UTC),
        status=answer.status,
        answer=answer.body,
    )


def sweep(db: Connection) -> int:
    """Removes answers past their day."""
    over = Idempotency.created_at < datetime.now(UTC) - KEPT
    return db.execute(delete(Idempotency).where(over)).rowcount
