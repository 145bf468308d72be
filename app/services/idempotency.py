"""Replays: the same write with the same key answers the same."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select

from models.errors import IdempotencyConflict
from models.outbox import Idempotency

KEPT = timedelta(hours=24)

_CLAIM = """
    INSERT INTO idempotency (account_id, route, key, body_sha256, created_at)
    VALUES (%(account)s, %(route)s, %(key)s, %(digest)s, now()) ON CONFLICT DO NOTHING
    """


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def claim(db: Connection, account: int, route: str, key: str, body: bytes) -> Answer | None:
    """Takes the key for this transaction; a kept answer if it was used before.

    A concurrent twin waits here until the first commits (then it gets its answer) or rolls back
    (then it goes on itself).

    Raises:
        IdempotencyConflict: the key was used with another body.
    """
    digest = hashlib.sha256(body).digest()
    values = {"account": account, "route": route, "key": key, "digest": digest}
    if db.exec_driver_sql(_CLAIM, values).rowcount == 1:
        return None
    own = (
        Idempotency.account_id == account,
        Idempotency.route == route,
        Idempotency.key == key,
    )
    kept = db.execute(select(Idempotency.__table__).where(*own)).one_or_none()
    if kept is None or datetime.now(UTC) - kept.created_at > KEPT:
        db.execute(delete(Idempotency).where(*own))
        return claim(db, account, route, key, body)
    if kept.body_sha256 != digest:
        raise IdempotencyConflict("这个 Idempotency-Key 已用于另一个请求，请换一个新的")
    return Answer(kept.status or 200, kept.answer or b"")


_KEEP = """
    UPDATE idempotency SET status = %(status)s, answer = %(answer)s
    WHERE account_id = %(account)s AND route = %(route)s AND key = %(key)s
    """


def keep(db: Connection, account: int, route: str, key: str, answer: Answer) -> None:
    """Stores the answer beside the write that gave it."""
    values = {"account": account, "route": route, "key": key}
    db.exec_driver_sql(_KEEP, values | {"status": answer.status, "answer": answer.body})


def sweep(db: Connection) -> int:
    """Removes answers past their day."""
    over = Idempotency.created_at < datetime.now(UTC) - KEPT
    return db.execute(delete(Idempotency).where(over)).rowcount
