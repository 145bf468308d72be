"""The clock: what is due by itself. `python -m workers.clock`; several may run."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from sqlalchemy import Connection

from app.kit import Kit
from app.services import (
    account,
    audit_cells,
    audit_feed,
    audit_freeze,
    binding,
    calendar,
    content,
    forwarded_updates,
    idempotency,
    ledger,
    push,
    sweep,
)
from config import Settings
from models.calendar import LOCAL
from models.db import transaction

log = logging.getLogger(__name__)
SWEEP_BATCH = 2000


def sweep_timers(kit: Kit) -> None:
    atlas = kit.atlas()
    with transaction(kit.engine) as db:
        due = sweep.due_timers(db, SWEEP_BATCH)
    if not due:
        return
    try:
        with transaction(kit.engine) as db:  # together, so that nobody gets a hundred notices
            sweep.fire(db, atlas, due)
    except Exception:
        log.exception("a sweep of %d clocks failed; they are fired one by one", len(due))
        each(kit, due, lambda db, timer_id: sweep.fire(db, atlas, [timer_id]))


def follow_duties(kit: Kit) -> None:
    atlas = kit.atlas()
    with transaction(kit.engine) as db:
        cases = sweep.displaced(db, atlas)
    each(kit, cases, lambda db, case_id: sweep.hand_over(db, atlas, case_id))


def each(kit: Kit, ids: Sequence[int], do: Callable[[Connection, int], object]) -> None:
    """One transaction for each; one that fails is logged and holds up none of the others."""
    for one in ids:
        try:
            with transaction(kit.engine) as db:
                do(db, one)
        except Exception:
            log.exception("%s of the clock failed", one)


def anchor(kit: Kit) -> None:
    with transaction(kit.engine) as db:
        ledger.anchor(db)
    with transaction(kit.engine) as db:
        ledger.write_lines(db, kit.settings.anchor_dir)


def follow_ledger(kit: Kit) -> None:
    """Brings the audit up to the ledger, a batch at a time."""
    atlas = kit.atlas()
    done = audit_feed.BATCH
    while done == audit_feed.BATCH:
        try:
            with transaction(kit.engine) as db:
                done = audit_feed.follow(db, atlas)
        except Exception:
            log.exception("the audit cannot follow a batch; it goes on case by case")
            _follow_one_by_one(kit)


def _follow_one_by_one(kit: Kit) -> None:
    atlas = kit.atlas()
    for _ in range(audit_feed.BATCH):
        try:
            with transaction(kit.engine) as db:
                if not audit_feed.follow(db, atlas, most=1):
                    return
        except Exception:
            with transaction(kit.engine) as db:
                case_id = audit_feed.set_aside(db)
            log.exception("the audit cannot read case %s; it is left out", case_id)


def sum_up_months(kit: Kit) -> None:
    with transaction(kit.engine) as db:
        audit_cells.sum_up_stale(db)


def freeze_months(kit: Kit) -> None:
    atlas = kit.atlas()
    with transaction(kit.engine) as db:
        months = audit_freeze.due(db, atlas)
    for month in months:
        with transaction(kit.engine) as db:
            audit_freeze.freeze(db, atlas, month)


def hold_content(kit: Kit) -> None:
    with transaction(kit.engine) as db:
        content.hold_unanswered(db, datetime.now(LOCAL))


def ask_other_systems(kit: Kit) -> None:
    with transaction(kit.engine) as db:
        forwarded_updates.post_fetching(db)


def clean(kit: Kit) -> None:
    with transaction(kit.engine) as db:
        account.sweep_sessions(db)
        binding.sweep(db)
        idempotency.sweep(db)
        push.sweep(db)


def warn_operator(kit: Kit) -> None:
    for warning in calendar.warnings(kit.atlas(), datetime.now(LOCAL).date()):
        log.warning("%s", warning)


@dataclass
class Chore:
    """Something done every so many seconds; a fault is logged and tried again next time."""

    do: Callable[[Kit], None]
    every_s: float
    next_at: float = 0.0

    def run_if_due(self, kit: Kit, now: float) -> None:
        if now < self.next_at:
            return
        self.next_at = now + self.every_s
        try:
            self.do(kit)
        except Exception:
            log.exception("chore %s failed", self.do.__name__)


def chores() -> list[Chore]:
    return [
        Chore(sweep_timers, 1),
        Chore(follow_duties, 60),
        Chore(anchor, 60),
        Chore(follow_ledger, 1),
        Chore(sum_up_months, 60),
        Chore(hold_content, 10),
        Chore(ask_other_systems, 60),
        Chore(freeze_months, 3600),
        Chore(clean, 600),
        Chore(warn_operator, 86_400),
    ]


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    kit = Kit.from_settings(Settings.from_env())
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    work = chores()
    while not stop.wait(0.5):
        for chore in work:
            chore.run_if_due(kit, time.monotonic())
    kit.close()


if __name__ == "__main__":
    main()
