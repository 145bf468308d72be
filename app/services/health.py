"""How the installation runs: what waits, what is late, what failed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.services import installation, outbox
from models.content import ContentCheck, ContentState
from models.ledger import Anchor
from models.outbox import Outbox
from models.timer import Timer

MOST_FAILED = 50
_QUERY = re.compile(r"\?[^\s'\"]+")
_USER = re.compile(r"//[^/\s@]+@")
_LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed job; `error` is the last line of what went wrong, without the secrets that an
    address may hold."""

    id: int
    job: str
    args: str
    failed_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Health:
    """`job_due` and `timer_due` are the earliest that should have been done by now, `verified`
    what the last whole check of the ledger found."""

    waiting: int
    failed: int
    job_due: datetime | None
    timer_due: datetime | None
    anchored_at: datetime | None
    held: int
    unasked: int
    database_bytes: int
    failed_jobs: Sequence[Failed]
    verified: dict[str, Any] | None


def look(db: Connection) -> Health:
    """In three statements, each on an index."""
    alive, state = Outbox.failed_at.is_(None), ContentCheck.state
    late = Outbox.due_at <= func.now()
    figures = {
        "waiting": select(func.count()).where(alive),
        "failed": select(func.count()).where(Outbox.failed_at.is_not(None)),
        "job_due": select(func.min(Outbox.due_at)).where(alive, late),
        "timer_due": select(func.min(Timer.next_at)).where(Timer.next_at <= func.now()),
        "anchored_at": select(func.max(Anchor.at)),
        "held": select(func.count()).where(state == ContentState.HELD),
        "unasked": select(func.count()).where(state == ContentState.WAITING),
    }
    columns = [query.scalar_subquery().label(name) for name, query in figures.items()]
    size = func.pg_database_size(func.current_database())
    row = db.execute(select(*columns, size.label("database_bytes"))).mappings().one()
    failed = [_failed(job) for job in outbox.failed(db, MOST_FAILED)]
    return Health(**row, failed_jobs=failed, verified=installation.last_verification(db))


def _failed(job: Any) -> Failed:
    last = (job.error or "").strip().rpartition("\n")[2]
    said = _USER.sub("//…@", _QUERY.sub("?…", last))[:_LONGEST_ERROR]
    args = " ".join(f"{name}={value}" for name, value in job.args.items())
    return Failed(job.id, job.job, args, job.failed_at, said)
