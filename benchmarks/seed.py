"""Fill a demo database with lifelike cases: `python -m benchmarks.seed [--cases N]`.

DATABASE_URL and its kin name the database, as for every command. It must be empty or a demo. The
cases lie in the demo district, over the two years before now, and have whole ledgers. The same
seed, moment and database give the same rows. An interrupted run leaves cases behind that no
sequence knows of: throw the database away.
"""

import argparse
import gc
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from random import Random
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import text

from app.cli import db as schema
from app.cli import setup
from app.kit import Kit
from app.services import area, audit_cells, audit_recurrence, installation
from benchmarks import people, places
from benchmarks.life import REPORTS_PER_CASE, World
from benchmarks.sheet import ORDER, Sheet
from benchmarks.stories import Story
from config import Mode, Settings
from models.db import connect, transaction

SPAN = timedelta(days=730)
CHUNK = 4000
CELLS = ("audit_day", "audit_month", "audit_day_time", "audit_month_time")
BULK = 50_000
"""From so many cases on, indexes and foreign keys are made after the rows."""


class NotADemoError(Exception):
    """The database holds real data."""


@dataclass(frozen=True)
class Plan:
    """What to make: `cases` from serial `first`, submitted in `span` before `until`."""

    url: str
    first: int
    cases: int
    until: datetime
    seed: int = 1
    span: timedelta = SPAN
    settings: Settings | None = None

    @property
    def prefix(self) -> str:
        return f"made-{self.seed}-"

    def submitted_at(self, serial: int) -> datetime:
        share = (serial - self.first + Random(f"{self.seed}-{serial}").random()) / self.cases
        return self.until - self.span * (1 - share)


def seed(
    settings: Settings,
    cases: int,
    *,
    until: datetime | None = None,
    number: int = 1,
    span: timedelta = SPAN,
    processes: int = 1,
) -> int:
    """Adds cases to an empty or demo database; returns how many rows were written.

    Raises:
        NotADemoError: the database is neither.
    """
    kit = Kit.from_settings(replace(settings, app_mode=Mode.DEMO))
    try:
        _require_demo(kit)
        plan = Plan(
            url=settings.owner_url,
            first=0,
            cases=cases,
            until=until or datetime.now(UTC),
            seed=number,
            span=span,
            settings=settings,
        )
        with transaction(kit.engine) as db:
            people.add_residents(db, plan.prefix, max(20, cases // 40))
    finally:
        kit.close()
    with psycopg.connect(plan.url, autocommit=True) as owner:
        row = owner.execute('SELECT coalesce(max(id), 0) + 1 FROM "case"').fetchone()
        assert row is not None  # noqa: S101  (an aggregate has a row)
        plan = replace(plan, first=row[0])
        with _bare(owner, bulk=cases >= BULK):
            rows = _write(plan, processes)
        last = plan.first + cases
        owner.execute("SELECT setval('case_number', %s)", [last])
        owner.execute("SELECT setval('report_id_seq', %s)", [(last + 1) * REPORTS_PER_CASE])
        _sum_up(plan)
        for table in (*ORDER, *CELLS):
            owner.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    return rows


def _sum_up(plan: Plan) -> None:
    """Puts the new rounds into the audit's cells."""
    engine = connect(plan.url, pool_size=1, statement_timeout_ms=0)
    new = f"(SELECT 1 AS sign, * FROM audit_round WHERE case_id >= {plan.first}) AS rounds"  # noqa: S608
    began = time.monotonic()
    with transaction(engine) as db:
        audit_recurrence.settle_all(db, "audit_round")
        print(f"  recurrences: {time.monotonic() - began:.1f} s", flush=True)
        audit_cells.add(db, new)
        months = "SELECT DISTINCT CAST(date_trunc('month', day) AS date) FROM audit_day"
        audit_cells.mark_stale(db, db.execute(text(months)).scalars().all())
        print(f"  cells: {time.monotonic() - began:.1f} s", flush=True)
    with transaction(engine) as db:
        while audit_cells.sum_up_stale(db):
            pass
    print(f"  months: {time.monotonic() - began:.1f} s", flush=True)
    engine.dispose()


def _require_demo(kit: Kit) -> None:
    schema.upgrade(kit.settings)
    with transaction(kit.engine) as db:
        if not installation.is_demo(db) and not installation.is_empty(db):
            raise NotADemoError("DATABASE_URL is not empty and not a demo")
    setup.seed_demo(kit)


@contextmanager
def _bare(owner: psycopg.Connection[Any], *, bulk: bool) -> Iterator[None]:
    """Without secondary indexes and foreign keys inside, which afterwards are as before."""
    if not bulk:
        yield
        return
    indexes = owner.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = ANY(%s::regclass[])
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [[f'"{table}"' for table in ORDER]],
    ).fetchall()
    keys = owner.execute(
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
        """,
        [[f'"{table}"' for table in ORDER]],
    ).fetchall()
    for name, _ in indexes:
        owner.execute(f"DROP INDEX {name}")
    for table, name, _ in keys:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        owner.execute("SET maintenance_work_mem = '512MB'")
        for name, definition in indexes:
            _timed(f"index {name}", owner, definition)
        for table, name, definition in keys:
            statement = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            _timed(f"foreign key {name}", owner, statement)


def _timed(what: str, owner: psycopg.Connection[Any], statement: str) -> None:
    began = time.monotonic()
    owner.execute(statement)
    print(f"  {what}: {time.monotonic() - began:.1f} s", flush=True)


def _write(plan: Plan, processes: int) -> int:
    starts = range(plan.first, plan.first + plan.cases, CHUNK)
    if processes == 1:
        return sum(_chunk(plan, start) for start in starts)
    began, rows = time.monotonic(), 0
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_chunk, plan, start) for start in starts]
        for done, job in enumerate(as_completed(jobs), start=1):
            rows += job.result()
            if done % 10 == 0 or done == len(jobs):
                cases, seconds = min(done * CHUNK, plan.cases), time.monotonic() - began
                print(f"  {cases:,} cases, {rows:,} rows, {seconds:.0f} s", flush=True)
    return rows


_worlds: dict[Plan, World] = {}


def _chunk(plan: Plan, start: int) -> int:
    """Tells the stories from `start` on and writes them in one transaction."""
    if plan not in _worlds:
        _worlds[plan] = _world(plan)
    world = _worlds[plan]
    gc.disable()  # nothing here is cyclic, and looking for it costs a third of the time
    for serial in range(start, min(start + CHUNK, plan.first + plan.cases)):
        Story(world, serial, plan.submitted_at(serial)).live()
    gc.enable()
    with psycopg.connect(plan.url) as connection:
        connection.execute("SET synchronous_commit = off")
        return world.sheet.copy(connection)


def _world(plan: Plan) -> World:
    engine = connect(plan.url, pool_size=1)
    db = engine.connect()
    policy = (plan.settings or Settings("", "", "")).policy
    atlas = area.load(db, policy)
    crowd = people.load(db, plan.prefix)
    db.rollback()
    spots = places.sites(atlas, Random(plan.seed))
    return World(atlas, crowd, spots, Sheet(plan.until, atlas.calendars), db, plan.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a demo database with lifelike cases.")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=datetime.fromisoformat, help="the present, with offset")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    began = time.monotonic()
    rows = seed(
        Settings.from_env(),
        given.cases,
        until=given.until,
        number=given.seed,
        processes=given.processes,
    )
    print(f"{given.cases:,} cases, {rows:,} rows in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
