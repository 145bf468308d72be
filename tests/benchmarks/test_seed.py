"""Made cases are as real ones: whole ledgers, agreeing rows, the same for the same seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from app.services import ledger
from benchmarks.seed import NotADemoError, seed
from config import Settings
from deploy.postgres import APP, OWNER
from models.db import connect, transaction
from models.status import OPEN_STATUSES, Status
from tests.conftest import Servers

CASES = 250
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
TABLES = ("case", "ledger_entry", "ledger_text", "report", "photo", "attachment", "feedback")


def database(servers: Servers, name: str, folder: Path) -> Settings:
    postgres, valkey = servers
    postgres.create_database(name)
    return Settings(
        database_url=postgres.url(APP, name),
        database_owner_url=postgres.url(OWNER, name),
        redis_url=valkey.url,
        photo_store=f"file://{folder}/photos",
        data_dir=folder,
        anchor_dir=folder / "anchors",
    )


def fill(settings: Settings) -> int:
    """Within forty days, so that some of the few cases are still open."""
    return seed(settings, CASES, until=UNTIL, span=timedelta(days=40))


@pytest.fixture(scope="module")
def seeded(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = database(servers, "seeded", tmp_path_factory.mktemp("seeded"))
    fill(settings)
    return settings


@pytest.fixture(scope="module")
def made(seeded: Settings) -> Iterator[Engine]:
    engine = connect(seeded.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def rows(made: Engine) -> Iterator[Connection]:
    with transaction(made) as db:
        yield db


def test_every_ledger_is_unbroken(rows: Connection) -> None:
    checked, bad = ledger.verify(rows)
    assert bad is None
    assert checked > 3 * CASES


def test_most_cases_are_closed_and_some_are_open(rows: Connection) -> None:
    counts: Counter[str] = Counter(rows.execute(text('SELECT status FROM "case"')).scalars())
    assert counts.total() == CASES
    assert counts[Status.CLOSED] > CASES / 2
    assert counts[Status.REJECTED]
    assert {status for status in counts if status in OPEN_STATUSES}


def test_rows_of_a_case_agree(rows: Connection) -> None:
    wrong = rows.execute(
        text(
            """
            SELECT c.number FROM "case" c
            JOIN ledger_entry e ON e.case_id = c.id AND e.seq = c.head_seq
            WHERE e.hash <> c.head_hash OR e.to_status <> c.status OR e.holder <> c.holder
               OR e.at <> c.changed_at OR c.version <> c.head_seq
               OR c.reports <> (SELECT count(*) FROM report r WHERE r.case_id = c.id)
               OR (c.status = 'closed') <> (c.closed_at IS NOT NULL)
               OR (c.status IN ('assigned', 'in_progress'))
                  > (c.unit IS NOT NULL AND c.unit_1 IS NOT NULL AND c.due_at IS NOT NULL)
            """
        )
    ).all()
    assert wrong == []


def test_clocks_run_only_in_open_cases(rows: Connection) -> None:
    running = "t.met_at IS NULL AND t.cleared_at IS NULL"
    statuses = rows.execute(
        text(f'SELECT c.status FROM timer t JOIN "case" c ON c.id = t.case_id WHERE {running}')
    ).scalars()
    assert set(statuses) - OPEN_STATUSES == set()


def test_the_next_case_and_report_find_free_serials(rows: Connection) -> None:
    taken = rows.execute(
        text(
            """
            SELECT nextval('case_number') > (SELECT max(id) FROM "case"),
                   nextval('report_id_seq') > (SELECT max(id) FROM report)
            """
        )
    ).one()
    assert tuple(taken) == (True, True)


def test_the_same_seed_and_moment_make_the_same_rows(
    servers: Servers, rows: Connection, tmp_path: Path
) -> None:
    settings = database(servers, "seeded_again", tmp_path)
    fill(settings)
    engine = connect(settings.database_url)
    with transaction(engine) as again:
        for table in TABLES:
            digest = text(
                f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM \"{table}\" t"
            )
            assert again.execute(digest).scalar() == rows.execute(digest).scalar(), table
    engine.dispose()


def test_indexes_made_after_the_rows_are_those_of_the_migrations(
    servers: Servers, made: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.seed.BULK", 1)
    settings = database(servers, "seeded_bulk", tmp_path)
    fill(settings)
    engine = connect(settings.database_url)
    names = text(
        """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'
        ORDER BY 1
        """
    )
    with transaction(engine) as bulk, transaction(made) as db:
        assert bulk.execute(names).all() == db.execute(names).all()
    engine.dispose()


def test_a_database_with_real_data_is_refused(servers: Servers, tmp_path: Path) -> None:
    settings = database(servers, "seeded_not", tmp_path)
    fill(settings)
    engine = connect(settings.owner_url)
    with transaction(engine) as db:
        db.execute(text("DELETE FROM installation WHERE key = 'mode'"))
    engine.dispose()
    with pytest.raises(NotADemoError):
        seed(replace(settings), 1)
