"""Running one job: what RQ calls in a worker."""

import logging
import time

from app.kit import Kit
from app.services import outbox
from app.services.outbox import PutOff
from config import Settings
from models.db import transaction
from workers.registry import JOBS, TIMEOUT

log = logging.getLogger(__name__)
_kit: Kit | None = None


def kit() -> Kit:
    """The process's own parts, made when first needed."""
    global _kit  # noqa: PLW0603  (RQ calls a plain function)
    if _kit is None:
        _kit = Kit.from_settings(Settings.from_env())
    return _kit


def run(job_id: int) -> None:
    run_with(kit(), job_id)


def run_with(parts: Kit, job_id: int) -> None:
    """Does a job under its database lease; a failure puts it back, or leaves it failed, visibly.

    Whoever does not get the lease leaves: the job is done, or running elsewhere.
    """
    with transaction(parts.engine) as db:
        job = outbox.take(db, job_id, TIMEOUT)
    if job is None:
        return
    began = time.monotonic()
    try:
        JOBS[job.job](parts, job.args)
    except PutOff as wait:
        with transaction(parts.engine) as db:
            due_at = outbox.put_off(db, job_id, job, wait)
        log.info("job %s %s waits until %s: %s", job_id, job.job, due_at, wait)
        return
    except Exception as error:
        with transaction(parts.engine) as db:
            final = outbox.fail(db, job_id, job.attempts, f"{type(error).__name__}: {error}")
        log.warning(
            "job %s %s failed%s", job_id, job.job, " for good" if final else "", exc_info=True
        )
        return
    with transaction(parts.engine) as db:
        outbox.done(db, job_id)
    log.info("job %s %s done in %.0f ms", job_id, job.job, (time.monotonic() - began) * 1000)
