"""Anchors: what a chain alone cannot show, and a file that loses nothing."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from app.services import installation, ledger
from models.canonical import head_leaf, merkle_root
from models.db import transaction
from tests.conftest import Servers
from tests.island import Island, eventually
from tests.island import island as make_island
from tests.services.chains import (
    Played,
    age,
    altered,
    anchor,
    forge,
    play,
    played_island,
    rewrite,
)


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def played(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played_island(servers, tmp_path_factory.mktemp("ledger")) as found:
        yield found


def test_an_anchor_finds_a_chain_that_was_written_anew(played: Played) -> None:
    with altered(played.island):
        rewrite(played.island, forge)
        done = played.island.flask("ledger", "verify")
    bad = f"anchors.jsonl 第 1 行，{played.number} #5：台账在锚定之后被改动或截断\n"
    assert done == (1, f"5 rows ok\n{bad}")
    kept = installation.last_verification(played.island.db)
    assert kept is not None
    assert (kept["rows"], kept["bad"]) == (5, bad.strip())
    assert played.island.flask("ledger", "verify")[0] == 0
    kept = installation.last_verification(played.island.db)
    assert kept is not None
    assert (kept["rows"], kept["bad"]) == (5, None)


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
                "SELECT h.case_number, h.seq, h.hash FROM anchor_head h JOIN anchor a"
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
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    other = threading.Thread(target=anchor, args=[island])
    with transaction(island.kit.engine) as db:
        ledger.write_lines(db, path.parent)
        other.start()
        assert eventually(lambda: island.one(waiting) == 1)  # so that no two write at once
    other.join()
    assert path.read_text() == f"{line}\n"
