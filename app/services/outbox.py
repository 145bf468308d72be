"""Jobs as rows: handing out, running under a lease, failing visibly."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from models import moment
from models.errors import NotFound
from models.outbox import Outbox

LEASE = timedelta(seconds=60)
"""A row handed to the broker and not done by then is handed out again."""
MAX_ATTEMPTS = 8
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)


class PutOff(Exception):
    """Raised by a job that must wait for others: it is tried again and has not failed.

    `until` is when; None: the longer the job has waited, the later, at most LONGEST_WAIT.
    """

    def __init__(self, reason: str, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.until = until


def post(db: Connection, job: str, args: dict[str, Any], due_at: datetime | None = None) -> None:
    now = moment.now()
    db.execute(insert(Outbox).values(job=job, args=args, created_at=now, due_at=due_at or now))


_HAND_OUT = text(
    """
    WITH due AS MATERIALIZED (  -- a subquery may be run once for each row, and take more each time
        SELECT id FROM outbox WHERE failed_at IS NULL AND due_at <= now()
        ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    UPDATE outbox
    SET due_at = now() + :lease,
        failed_at = CASE WHEN attempts >= :limit THEN now() END,
        error = CASE WHEN attempts >= :limit THEN 'every worker that tried it died' ELSE error END
    FROM due WHERE outbox.id = due.id
    RETURNING outbox.id, job, attempts
    """
)


def hand_out(db: Connection, most: int) -> Sequence[Row[Any]]:
    """Rows that are due, oldest first, each not due again until its lease is over.

    One whose every attempt ended with its worker is left failed, visibly; nobody can take it.
    """
    rows = db.execute(_HAND_OUT, {"lease": LEASE, "most": most, "limit": MAX_ATTEMPTS})
    return sorted(rows, key=lambda row: row.id)


_TAKE = text(
    """
    UPDATE outbox SET running_until = now() + :lease, due_at = now() + :lease,
                      attempts = attempts + 1
    WHERE id = :id AND failed_at IS NULL AND (running_until IS NULL OR running_until < now())
    RETURNING job, args, attempts, created_at
    """
)


def take(db: Connection, job_id: int, timeout: timedelta) -> Row[Any] | None:
    """Takes the job for its timeout; None if it is done, failed, or being run elsewhere."""
    return db.execute(_TAKE, {"id": job_id, "lease": timeout}).one_or_none()


def done(db: Connection, job_id: int) -> None:
    db.execute(delete(Outbox).where(Outbox.id == job_id))


def fail(db: Connection, job_id: int, attempts: int, error: str) -> bool:
    """Puts the job back with a growing delay; after MAX_ATTEMPTS it stays failed, visibly.
    Returns whether it failed for good. A later attempt under its own lease is left alone."""
    now = datetime.now(UTC)
    storable = error[-2000:].replace("\0", "�").encode(errors="replace").decode()
    final = attempts >= MAX_ATTEMPTS
    db.execute(
        update(Outbox)
        .where(Outbox.id == job_id, Outbox.attempts == attempts)
        .values(
            running_until=None,
            due_at=now + timedelta(seconds=min(2**attempts, 600)),
            failed_at=now if final else None,
            error=storable,
        )
    )
    return final


def put_off(db: Connection, job_id: int, job: Row[Any], wait: PutOff) -> datetime:
    """The job is due later, as often as need be; returns when."""
    now = datetime.now(UTC)
    growing = max(SHORTEST_WAIT, min((now - job.created_at) / 2, LONGEST_WAIT))
    due_at = wait.until or now + growing
    db.execute(
        update(Outbox)
        .where(Outbox.id == job_id, Outbox.attempts == job.attempts)
        .values(running_until=None, due_at=due_at, attempts=0, error=str(wait))
    )
    return due_at


def failed(db: Connection, limit: int = 100) -> Sequence[Row[Any]]:
    return db.execute(
        select(Outbox.__table__)
        .where(Outbox.failed_at.is_not(None))
        .order_by(Outbox.failed_at.desc())
        .limit(limit)
    ).all()


def retry(db: Connection, job_ids: Sequence[int] | None) -> int:
    """Sends failed jobs again: those named, or all; returns how many."""
    statement = update(Outbox).where(Outbox.failed_at.is_not(None))
    if job_ids is not None:
        statement = statement.where(Outbox.id.in_(job_ids))
    sent = db.execute(
        statement.values(failed_at=None, attempts=0, due_at=datetime.now(UTC), running_until=None)
    ).rowcount
    if job_ids is not None and sent != len(set(job_ids)):
        raise NotFound(f"{len(set(job_ids))} 个任务中只有 {sent} 个是失败任务")
    return sent


def backlog(db: Connection) -> tuple[int, int]:
    """How many jobs wait, and how many failed."""
    waiting, lost = db.execute(
        select(
            func.count().filter(Outbox.failed_at.is_(None)),
            func.count().filter(Outbox.failed_at.is_not(None)),
        ).select_from(Outbox)
    ).one()
    return waiting, lost


def give_back(db: Connection, job_ids: Sequence[int]) -> None:
    """Rows that could not be handed out are due at once again."""
    db.execute(update(Outbox).where(Outbox.id.in_(job_ids)).values(due_at=datetime.now(UTC)))
