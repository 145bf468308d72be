"""The ledger against those who could alter it: the application, the owner, a superuser."""

import hashlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import select

from app.services import account, ledger
from models.canonical import GENESIS, entry_hash, head_leaf, merkle_root
from models.case import Case
from models.db import transaction
from models.ledger import LedgerEntry
from tests.conftest import Servers
from tests.island import ROOT, Island
from tests.island import island as make_island
from workers import clock
from workers import photo as photo_jobs

REPLY = "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"
PROTECTED = ("ledger_entry", "anchor", "anchor_head")


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path) as found:
        yield found


@dataclass(frozen=True)
class Played:
    """A closed case of two hours ago, anchored; tests put back what they alter."""

    island: Island
    number: str


@pytest.fixture(scope="module")
def played(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with make_island(servers, tmp_path_factory.mktemp("ledger")) as found:
        number = play(found)
        age(found)
        anchor(found)
        assert found.flask("ledger", "verify") == (0, "5 rows ok\n1 anchors ok\n")
        yield Played(found, number)
        assert found.flask("ledger", "verify") == (0, "5 rows ok\n1 anchors ok\n")


KEPT = ('"case"', "ledger_entry", "ledger_text", "anchor", "anchor_head")


@contextmanager
def altered(island: Island, *statements: str) -> Iterator[None]:
    """The statements as a superuser without triggers; everything is as before afterwards."""
    with island.superuser(triggers=False) as server:
        for table in KEPT:
            copy = f"CREATE TEMP TABLE kept_{table.strip(chr(34))} AS SELECT * FROM {table}"
            server.execute(copy)
        for statement in statements:
            server.execute(statement)
        try:
            yield
        finally:
            for table in KEPT:
                server.execute(f"DELETE FROM {table}")  # noqa: S608
                kept = f"INSERT INTO {table} SELECT * FROM kept_{table.strip(chr(34))}"
                server.execute(kept)


def play(island: Island) -> str:
    """A case from report to closing; its number."""
    lily, unit, worker = (
        island.drive.resident(),
        island.drive.staff("unit1"),
        island.drive.staff("worker1"),
    )
    number: str = lily.report(address="解放路一号")["case_number"]
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment="已清走", photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    return number


def age(island: Island) -> None:
    """Makes every entry old enough to be anchored, with hashes that fit: a past that was."""
    rewrite(island, lambda entry: entry | {"at": entry["at"] - timedelta(hours=2)})


def rewrite(island: Island, change: Any, number: str | None = None) -> None:
    """Rewrites chains consistently, new hashes, head and receipts included."""
    with transaction(island.kit.engine) as db:
        cases = db.execute(select(Case.id, Case.number)).all()
        entries = [dict(row._mapping) for row in db.execute(select(LedgerEntry.__table__))]
    numbers = {case.id: case.number for case in cases}
    with island.superuser(triggers=False) as server:
        for case_id, own in numbers.items():
            if number not in (None, own):
                continue
            previous = GENESIS
            for entry in sorted(
                (e for e in entries if e["case_id"] == case_id), key=lambda e: int(e["seq"])
            ):
                new = change(entry) | {"previous": previous}
                previous = entry_hash(ledger.form(own, type("Row", (), new)))
                server.execute(
                    "UPDATE ledger_entry SET at = %s, payload = %s, previous = %s, hash = %s"
                    " WHERE case_id = %s AND seq = %s",
                    [
                        *(new["at"], json.dumps(new["payload"]), new["previous"], previous),
                        *(case_id, new["seq"]),
                    ],
                )
            server.execute('UPDATE "case" SET head_hash = %s WHERE id = %s', [previous, case_id])


def anchor(island: Island) -> Path:
    clock.anchor(island.kit)
    return island.kit.settings.anchor_dir / "anchors.jsonl"


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
        "payload = payload || '{\"outcome\": \"cannot\"}'",
        "payload = '{\"weight\": 1.5}'",
        "payload = '[]'",
        "payload = '{\"count\": 9007199254740993}'",
        "payload = '{\"名\": 1}'",
        "actor = '{\"role\": \"system\"}'",
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
    statement = f"UPDATE ledger_entry SET {change} WHERE seq = 3"  # noqa: S608
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
    statement = f"UPDATE ledger_text SET {change} WHERE field = 'reply'"  # noqa: S608
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


def forge(entry: dict[str, Any]) -> dict[str, Any]:
    if entry["seq"] == 4:
        return entry | {"payload": entry["payload"] | {"outcome": "cannot"}}
    return entry


def test_an_anchor_finds_a_chain_that_was_written_anew(played: Played) -> None:
    with altered(played.island):
        rewrite(played.island, forge)
        done = played.island.flask("ledger", "verify")
    bad = f"anchors.jsonl 第 1 行，{played.number} #5：台账在锚定之后被改动或截断\n"
    assert done == (1, f"5 rows ok\n{bad}")


def test_a_lost_anchor_file_hides_no_forged_chain(played: Played) -> None:
    (played.island.kit.settings.anchor_dir / "anchors.jsonl").unlink()
    with altered(played.island):
        rewrite(played.island, forge)
        code, output = played.island.flask("ledger", "verify")
    anchor(played.island)
    assert code == 1, output
    assert f"{played.number} #5" in output


def test_an_anchor_finds_a_chain_whose_head_was_taken_back(played: Played) -> None:
    back = (
        'UPDATE "case" c SET head_seq = 4, head_hash = e.hash FROM ledger_entry e'
        " WHERE e.case_id = c.id AND e.seq = 4"
    )
    with altered(played.island, "DELETE FROM ledger_entry WHERE seq = 5", back):
        code, output = played.island.flask("ledger", "verify")
    assert code == 1
    assert output.endswith(f"第 1 行，{played.number} #5：台账在锚定之后被改动或截断\n")


def test_an_anchor_finds_a_case_that_was_removed(played: Played) -> None:
    with altered(played.island, "DELETE FROM ledger_entry", 'DELETE FROM "case"'):
        code, output = played.island.flask("ledger", "verify")
    assert code == 1
    assert f"{played.number} #5" in output


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE anchor_head SET hash = sha256('other')",
        "DELETE FROM anchor_head",
        "DELETE FROM anchor_head; DELETE FROM anchor",
    ],
)
def test_altered_anchors_are_found_by_their_file(played: Played, change: str) -> None:
    with altered(played.island, *change.split(";")):
        code, output = played.island.flask("ledger", "verify")
    assert code == 1
    assert "第 1 行" in output


@pytest.mark.parametrize("line", ["not json", "{}", '{"previous": 1', "[]", ""])
def test_an_unreadable_anchor_line_is_named(played: Played, line: str) -> None:
    path = anchor(played.island)
    good = path.read_text()
    path.write_text(f"{good}{line}\n")
    code, output = played.island.flask("ledger", "verify")
    path.write_text(good)
    assert code == 1, output
    assert "anchors.jsonl 第 2 行" in output


def test_anchors_are_hourly_chained_and_recomputable_by_the_page(island: Island) -> None:
    play(island)
    age(island)
    path = anchor(island)
    island.drive.resident("anna").report()
    assert len(anchor(island).read_text().splitlines()) == 1
    with transaction(island.kit.engine) as db:
        assert ledger.anchor(db) is None
    rewrite(island, lambda e: e | {"at": min(e["at"], datetime.now(UTC) - timedelta(minutes=30))})
    with island.superuser(triggers=False) as server:
        moved = "UPDATE anchor SET at = at - interval '1 hour', since = since"
        server.execute(moved)
        line = server.execute("SELECT line, at FROM anchor").fetchone()
        assert line is not None
        old = orjson.loads(line[0]) | {"at": f"{line[1]:%Y-%m-%dT%H:%M:%S.%fZ}"}
        text = orjson.dumps(old, option=orjson.OPT_SORT_KEYS).decode()
        server.execute("UPDATE anchor SET line = %s", [text])
        path.write_text(f"{text}\n")
    lines = anchor(island).read_bytes().splitlines()
    assert len(lines) == 2
    first, second = (orjson.loads(line) for line in lines)
    assert first["previous"] == "0" * 64
    assert second["previous"] == hashlib.sha256(lines[0]).hexdigest()
    assert second["since"] == first["at"]
    for line in (first, second):
        with island.superuser() as server:
            heads = server.execute(
                'SELECT h.case_number, h.seq, h.hash FROM anchor_head h JOIN anchor a'
                ' ON a.id = h.anchor_id WHERE a.at = %s ORDER BY h.case_number COLLATE "C"',
                [line["at"]],
            ).fetchall()
        assert len(heads) == line["heads"] == 1
        assert merkle_root([head_leaf(*head) for head in heads]).hex() == line["root"]
    assert island.flask("ledger", "verify")[0] == 0


def test_no_anchor_line_is_lost_doubled_or_torn(island: Island) -> None:
    play(island)
    age(island)
    with transaction(island.kit.engine) as db:
        line = ledger.anchor(db)  # and now the process dies
    path = anchor(island)
    assert path.read_text() == f"{line}\n"
    anchor(island)
    assert path.read_text() == f"{line}\n"
    path.write_text(str(line)[:40])  # the disk was full in the middle of the line
    anchor(island)
    assert path.read_text() == f"{line}\n"
    path.unlink()
    together = threading.Barrier(2)

    def write() -> None:
        with transaction(island.kit.engine) as db:
            together.wait(10)
            ledger.write_lines(db, path.parent)

    clocks = [threading.Thread(target=write) for _ in range(2)]
    for each in clocks:
        each.start()
    for each in clocks:
        each.join()
    assert path.read_text() == f"{line}\n"


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


def test_erasing_a_resident_keeps_every_chain_whole(island: Island) -> None:
    lily = island.drive.resident()
    made = lily.report(contact_phone="13800000000")
    number = made["case_number"]
    answer = lily.post(
        f"/api/v1/reports/{made['id']}/supplement",
        {"text": "后院还有一堆"},
        headers={"Idempotency-Key": "words"},
    )
    assert answer.status_code == 200
    island.drive.spread_notices()
    renders = island.db.execute(
        select(LedgerEntry.payload).where(LedgerEntry.action == "submit")
    ).scalars()
    photo_id = next(iter(renders))["photos"][0]["id"]
    photo_jobs.render(island.kit, {"photo_id": photo_id})
    before = [entry["hash"] for entry in chain(island, number)]
    with transaction(island.kit.engine) as db:
        account.erase(db, lily.account_id)
    assert lily.get("/api/v1/me").status_code == 401
    assert [entry["hash"] for entry in chain(island, number)] == before
    assert island.flask("ledger", "verify")[0] == 0
    own = {"who": lily.account_id}
    kept = "SELECT count(*) FROM ledger_text WHERE account_id = :who AND"
    assert island.one(f"{kept} (content IS NOT NULL OR salt IS NOT NULL)", **own) == 0
    assert island.one(f"{kept} true", **own) > 0
    person = "SELECT openid IS NULL AND phone IS NULL AND NOT enabled FROM account WHERE id = :who"
    assert island.one(person, **own) is True
    for table in ("login_session", "notice", "idempotency"):
        left = f"SELECT count(*) FROM {table} WHERE account_id = :who"  # noqa: S608
        assert island.one(left, **own) == 0, table
    words = "SELECT count(*) FROM report WHERE account_id = :who AND grams <> '{}'"
    assert island.one(words, **own) == 0
    found = island.drive.staff("desk").get("/api/v1/cases?q=垃圾没人清理").json["items"]
    assert found == []
    jobs = "SELECT count(*) FROM outbox WHERE job = 'photo.erase' AND args->>'photo_id' = :id"
    assert island.one(jobs, id=photo_id) == 1
    for _ in range(2):
        photo_jobs.erase(island.kit, {"photo_id": photo_id})
    files = {p.parent.parent.parent.name for p in stored(island, photo_id)}
    assert files == {"large", "thumb"}
    assert island.drive.resident("lily2").account_id != lily.account_id


def test_an_erased_residents_words_stay_nowhere(island: Island) -> None:
    lily, desk = island.drive.resident(), island.drive.staff("desk")
    words = "桥洞下面那户人家养的鸽子"
    made = lily.report("illegal-signboard", description=words)
    desk.done(made["case_number"], "reject", reason="out_of_scope", reply=REPLY)
    answer = lily.post(f"/api/v1/reports/{made['id']}/appeal", {"reason": words})
    assert answer.status_code == 200, answer.text
    island.drive.spread_notices()
    with transaction(island.kit.engine) as db:
        until = datetime.now(UTC) + timedelta(days=1)
        by = account.who(db, island.drive.staff("supervisor").token)
        account.limit_reporter(db, by, lily.account_id, "刷屏", until)
    assert lily.post("/api/v1/me/limit-appeal", {"reason": words}).status_code == 204
    with transaction(island.kit.engine) as db:
        account.erase(db, lily.account_id)
    dump = [
        (table, column)
        for table, column in columns(island)
        if island.one(
            f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE :words',  # noqa: S608
            words=f"%{words}%",
        )
    ]
    assert dump == []


def columns(island: Island) -> list[tuple[str, str]]:
    with island.superuser() as server:
        return server.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        ).fetchall()


def chain(island: Island, number: str) -> list[dict[str, Any]]:
    answer = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger")
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def stored(island: Island, photo_id: str) -> list[Path]:
    return list((island.kit.settings.data_dir / "photos").rglob(f"*{photo_id}*"))


@pytest.mark.skipif(shutil.which("perl") is None, reason="the page's program needs perl")
def test_the_pages_own_program_agrees(island: Island) -> None:
    number = play(island)
    island.drive.resident().report(description="引号\"、反斜线\\、换行\n、é与🚲")
    answer = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger")
    assert perl(answer.data) == (0, "ok 5\n")
    changed = answer.json
    changed["items"][2]["holder"] = "none"
    assert perl(json.dumps(changed).encode()) == (1, "bad 3\n")
    cut = answer.json
    del cut["items"][1]
    assert perl(json.dumps(cut).encode()) == (1, "bad 2\n")


def perl(answer: bytes) -> tuple[int, str]:
    command = ["perl", str(ROOT / "docs" / "ledger-verify.pl")]  # noqa: S607
    done = subprocess.run(command, input=answer, capture_output=True, check=False)  # noqa: S603
    return done.returncode, done.stdout.decode()
