"""The ledger against those who could alter it: the application, the owner, a superuser."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.services import ledger
from models.db import transaction
from tests.conftest import Servers
from tests.island import ROOT, Island
from tests.island import island as make_island
from tests.services.chains import Played, altered, play, played_island

PROTECTED = ("ledger_entry", "anchor", "anchor_head")


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def played(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played_island(servers, tmp_path_factory.mktemp("ledger")) as found:
        yield found


def test_a_played_case_verifies_and_the_receipt_is_its_entry(island: Island) -> None:
    number = play(island)
    code, output = island.flask("ledger", "verify")
    assert (code, output) == (0, "5 rows ok\n0 anchors ok\n")
    lily = island.drive.resident().report()
    items = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger").json["items"]
    mine = island.drive.staff("supervisor").get(f"/api/v1/cases/{lily['case_number']}/ledger")
    hashes = [entry["hash"] for entry in mine.json["items"] if entry["action"] == "submit"]
    assert hashes == [lily["receipt"]]
    assert lily["receipt"] not in {entry["hash"] for entry in items}


@pytest.mark.parametrize("table", PROTECTED)
def test_neither_application_nor_owner_can_alter_the_ledger(played: Played, table: str) -> None:
    column = {"ledger_entry": "holder", "anchor": "line", "anchor_head": "case_number"}[table]
    settings = played.island.kit.settings
    with psycopg.connect(settings.database_url, autocommit=True) as role:
        for statement in (
            f"UPDATE {table} SET {column} = 'x'",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(statement)
    with psycopg.connect(settings.owner_url, autocommit=True) as role:
        for statement in (
            f"UPDATE {table} SET {column} = 'x'",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                role.execute(statement)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
            role.execute('TRUNCATE "case" CASCADE')


@pytest.mark.parametrize(
    "change",
    [
        'payload = payload || \'{"outcome": "cannot"}\'',
        "payload = '{\"weight\": 1.5}'",
        "payload = '[]'",
        "payload = '{\"count\": 9007199254740993}'",
        "payload = '{\"名\": 1}'",
        'actor = \'{"role": "system"}\'',
        "at = at - interval '1 microsecond'",
        "hash = sha256('other')",
        "previous = sha256('other')",
        "action = 'pass'",
        "from_status = 'closed'",
        "to_status = 'closed'",
        "holder = 'none'",
        "round = 2",
        "seq = 9",
    ],
)
def test_an_altered_row_is_named(played: Played, change: str) -> None:
    statement = f"UPDATE ledger_entry SET {change} WHERE seq = 3"
    with altered(played.island, statement):
        code, output = played.island.flask("ledger", "verify")
    assert code == 1, output
    assert output.startswith(f"{played.number} #3："), output


@pytest.mark.parametrize(
    "change",
    [
        "content = content || '。'",
        "salt = 'abc'",
        "salt = NULL",
        "salt = decode(repeat('00', 16), 'hex')",
    ],
)
def test_an_altered_text_is_named(played: Played, change: str) -> None:
    statement = f"UPDATE ledger_text SET {change} WHERE field = 'reply'"
    with altered(played.island, statement):
        code, output = played.island.flask("ledger", "verify")
    assert (code, output) == (1, f"{played.number} #5：文字“reply”与哈希不符\n")


def test_the_first_bad_row_of_the_first_bad_case_is_named(island: Island) -> None:
    first, second = play(island), island.drive.resident("anna").report()["case_number"]
    with island.superuser(triggers=False) as server:
        server.execute("UPDATE ledger_entry SET holder = 'none' WHERE seq IN (2, 4)")
    assert island.flask("ledger", "verify")[1].startswith(f"{first} #2：")
    assert island.flask("ledger", "verify", second)[1].startswith(f"{second} #2：")


def test_a_missing_last_row_is_found(played: Played) -> None:
    with altered(played.island, "DELETE FROM ledger_entry WHERE seq = 5"):
        done = played.island.flask("ledger", "verify")
    assert done == (1, f"{played.number} #5：台账尾部与案卷记录不符\n")


def test_verifying_while_a_case_moves_names_no_bad_row(island: Island) -> None:
    number = play(island)
    desk, stop = island.drive.staff("supervisor"), threading.Event()

    def talk() -> None:
        while not stop.is_set():
            assert desk.act(number, "remark", comment="看过").status_code == 200

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for _ in range(60):
            with transaction(island.kit.engine) as db:
                assert ledger.verify(db)[1] is None
    finally:
        stop.set()
        talker.join()


@pytest.mark.skipif(shutil.which("perl") is None, reason="the page's program needs perl")
def test_the_pages_own_program_agrees(island: Island) -> None:
    number = play(island)
    island.drive.resident().report(description='引号"、反斜线\\、换行\n、é与🚲')
    answer = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger")
    assert perl(answer.data) == (0, "ok 5\n")
    changed = answer.json
    changed["items"][2]["holder"] = "none"
    assert perl(json.dumps(changed).encode()) == (1, "bad 3\n")
    cut = answer.json
    del cut["items"][1]
    assert perl(json.dumps(cut).encode()) == (1, "bad 2\n")


def perl(answer: bytes) -> tuple[int, str]:
    command = ["perl", str(ROOT / "docs" / "ledger-verify.pl")]
    done = subprocess.run(command, input=answer, capture_output=True, check=False)  # noqa: S603
    return done.returncode, done.stdout.decode()
