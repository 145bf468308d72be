"""How long audits and a sweep take the server, at many cases."""

import resource
import statistics as stats
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select, text

from app.factory import create_app
from app.kit import Kit
from app.services import account, audit_figures, sweep
from app.services.audit_selection import Selection, state
from benchmarks.figures import Figure
from config import Settings
from models.account import Account
from models.db import transaction
from models.period import parse

LIMIT_MS = 50
TIMES = 9
OPEN, DUE = 1_000_000, 100
STREET = "area=439900001"


def pages(now: datetime) -> dict[str, str]:
    """What people ask for, by name: paths below /api/v1/audit."""
    year, month = f"{now:%Y}", f"{now.year - (now.month == 1)}-{(now.month - 2) % 12 + 1:02d}"
    partly = f"since={now.year - 1}-03-05&until={now.year}-02-20"
    return {
        "figures, year": f"figures?period={year}",
        "figures, month": f"figures?period={month}",
        "figures, year by unit": f"figures?period={year}&group_by=unit",
        "figures, year by grid": f"figures?period={year}&group_by=grid",
        "figures, year by category": f"figures?period={year}&group_by=category",
        "figures, year by worker": f"figures?period={year}&group_by=worker",
        "figures, year by month": f"figures?period={year}&group_by=month",
        "figures, month by day": f"figures?period={month}&group_by=day",
        "figures, a street's year by unit": f"figures?period={year}&group_by=unit&{STREET}",
        "figures, a street's year by category": f"figures?period={year}&group_by=category&{STREET}",
        "figures, broken year by unit": f"figures?{partly}&group_by=unit",
        "response times, year": f"response-times?period={year}",
        "response times, year by unit": f"response-times?period={year}&group_by=unit",
        "response times, month by community": f"response-times?period={month}&group_by=community",
        "response times, year by holder": f"response-times?period={year}&group_by=holder",
        "response times, a street's year by unit": f"response-times?period={year}"
        f"&group_by=unit&{STREET}",
        "late, month, a page of 50": f"late?period={month}",
        "cases behind a month's closings": f"cases?period={month}&count=closed",
        "cases behind a year's late ones": f"cases?period={year}&count=late",
        "figures, a street's category by unit": f"figures?period={year}&group_by=unit"
        f"&category=exposed-garbage&{STREET}",
    }


def measure_pages(settings: Settings) -> Iterator[Figure]:
    """Milliseconds of each page in this process, database included: median of TIMES, the slowest
    behind it; and a plain GROUP BY over the rounds beside two of them."""
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    with transaction(kit.engine) as db:
        token = _supervisor(db)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    medians = {}
    for name, path in pages(datetime.now(UTC)).items():
        taken = []
        for _ in range(TIMES + 1):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/audit/{path}", headers=headers)
            taken.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        medians[name] = stats.median(taken[1:])
        yield Figure(
            name,
            f"{medians[name]:.0f} ms (slowest {max(taken[1:]):.0f})",
            f"< {LIMIT_MS} ms",
            ok=medians[name] < LIMIT_MS,
        )
    for name, group_by in (("figures, year", None), ("figures, year by unit", "unit")):
        wanted = Selection(parse(f"{datetime.now(UTC):%Y}"), group_by)
        with transaction(kit.engine) as db:
            began = time.perf_counter()
            audit_figures.summed_rounds(db, wanted, state(db, wanted.period))
            plain = (time.perf_counter() - began) * 1000
        yield Figure(
            f"{name}, by GROUP BY over the rounds",
            f"{plain:.0f} ms, {plain / medians[name]:.0f} times as long",
        )
    kit.close()


def measure_sweep(settings: Settings) -> Iterator[Figure]:
    """Sweeps of DUE clocks among OPEN that run, in transactions that are undone."""
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    taken = []
    with kit.engine.connect() as db:
        db.execute(text("SET LOCAL statement_timeout = 0"))
        _run_clocks(db)
        for _ in range(TIMES + 1):
            _make_due(db)
            began = time.perf_counter()
            fired = sweep.fire(db, kit.atlas(), sweep.due_timers(db, 2000))
            taken.append((time.perf_counter() - began) * 1000)
            if fired != DUE:
                raise RuntimeError(f"{fired} clocks fired instead of {DUE}")
        db.rollback()
    kit.close()
    median = stats.median(taken[1:])
    yield Figure(
        f"{DUE} due among {OPEN:,} that run",
        f"{median:.0f} ms (slowest {max(taken[1:]):.0f})",
        f"< {LIMIT_MS} ms",
        ok=median < LIMIT_MS,
    )


def _run_clocks(db: Connection) -> None:
    """All clocks that there are stand still; as many others run, due from tomorrow on."""
    db.execute(text("UPDATE timer SET next_at = NULL WHERE next_at IS NOT NULL"))
    db.execute(
        text(
            """
            INSERT INTO timer (case_id, round, clock, calendar, started_at, due_at, next_at)
            SELECT id, 1, 'check', 'always', now(), now() + interval '2 days',
                   now() + interval '1 day' + id % 100000 * interval '1 second'
            FROM "case" ORDER BY id LIMIT :open
            """
        ),
        {"open": OPEN},
    )


def _make_due(db: Connection) -> None:
    db.execute(
        text(
            """
            UPDATE timer SET next_at = now() - interval '1 second',
                             started_at = now() - interval '10 hours',
                             due_at = now() - interval '1 minute'
            WHERE id IN (SELECT t.id FROM timer t JOIN "case" c ON c.id = t.case_id
                         WHERE t.next_at > now() AND t.step = 0 AND t.fired_at IS NULL
                         ORDER BY t.id DESC LIMIT :due)
            """
        ),
        {"due": DUE},
    )


def measure_exports(settings: Settings) -> Iterator[Figure]:
    """Files of the cases behind seventy days' submissions, read to their end in this process, and
    by how much that raised its greatest resident memory."""
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    with transaction(kit.engine) as db:
        token = _supervisor(db)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    asked = "/api/v1/audit/cases?since=2026-05-01&until=2026-07-11&count=found"
    for kind in ("csv", "xlsx"):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        answer = client.get(f"{asked}&format={kind}", headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        size = lines = 0
        for chunk in answer.iter_encoded():
            size += len(chunk)
            lines += chunk.count(b"\n")
        seconds = time.perf_counter() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        rows = f"{lines - 1:,} rows, " if kind == "csv" else "the same, "
        yield Figure(
            f"{kind}", f"{rows}{size / 1e6:.1f} MB, {seconds:.1f} s, {grown:.0f} MB memory"
        )
    kit.close()


def _supervisor(db: Connection) -> str:
    who = select(Account.id).where(Account.username == "supervisor")
    return account.open_session(db, db.execute(who).scalar_one()).token
