"""Histories: played whole, at their own times, by the same rules; refusals name the line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, func, select, text

from app.kit import Kit
from app.services import audit_feed, audit_rebuild, history
from config import Mode
from models.case import Case
from models.db import transaction
from models.errors import ImportRefused
from models.ledger import LedgerEntry
from tests.conftest import Servers
from tests.histories import History, hours, local
from tests.island import island as make_island
from workers import clock

START = local("2026-03-02 09:00")


def story(name: str = "A", at: datetime = START) -> History:
    found = History()
    found.report(name, at)
    found.start(name, at + hours(0.5))
    found.resolve(name, at + hours(1))
    found.close(name, at + hours(2))
    return found


def test_entries_stand_at_the_times_given(db: Connection, kit: Kit) -> None:
    numbers = story().play(db, kit.atlas())
    assert numbers["A"].startswith("HY20260302")
    entries = select(LedgerEntry.action, LedgerEntry.at).join(Case, Case.id == LedgerEntry.case_id)
    found = db.execute(entries.where(Case.number == numbers["A"]).order_by(LedgerEntry.seq)).all()
    assert [(row.action, row.at) for row in found] == [
        ("submit", START),
        ("screen", START),
        ("start", START + hours(0.5)),
        ("resolve", START + hours(1)),
        ("pass", START + hours(2)),
    ]


def test_what_falls_due_by_itself_is_done_at_its_own_time(db: Connection, kit: Kit) -> None:
    found = History()
    found.report("A", START)
    found.start("A", START + hours(0.5))
    review = local("2026-03-20 09:00")
    fields = {"reason": "weather", "review_at": review.isoformat()}
    found.add(START + hours(1), "unit1", case="A", action="ask_suspension", photos=1, **fields)
    found.add(START + hours(2), "supervisor", case="A", action="grant_suspension", **fields)
    found.play(db, kit.atlas())
    resumed = select(LedgerEntry.at).where(LedgerEntry.action == "resume")
    assert db.execute(resumed).scalar_one() == review


def _refused(db: Connection, kit: Kit, lines: list[bytes]) -> ImportRefused:
    with pytest.raises(ImportRefused) as caught:
        history.play(db, kit.atlas(), lines, lambda _: None)
    return caught.value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": "2026-03-02T08:00:00+08:00"}, "时间早于上一行"),
        ({"at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}, "时间晚于现在"),
        ({"at": "gestern"}, "第 2 行填写有误"),
        ({"by": "nobody"}, "没有账号 nobody"),
        ({"by": "unit2"}, "没有这个案卷"),
        ({"by": "resident:lily"}, "没有这个案卷"),
        ({"case": "Z"}, "没有上报过案卷 Z"),
        ({"action": "pass", "method": "desk", "reply": "x" * 20}, "角色不能执行"),
        ({"action": "resolve", "outcome": "fixed", "comment": "好"}, "现在不能处置完成"),
        ({"action": "dance"}, "第 2 行填写有误"),
        ({"action": None}, "请给出 report、action 或 call"),
        ({"action": None, "call": "sing"}, "只能是"),
        ({"photos": 10}, "第 2 行填写有误"),
    ],
)
def test_a_line_that_cannot_be_is_named(
    db: Connection, kit: Kit, change: dict[str, Any], words: str
) -> None:
    lines = story().text()
    line = orjson.loads(lines[1]) | change
    error = _refused(db, kit, [lines[0], orjson.dumps(line)])
    assert error.detail.startswith("第 2 行")
    assert words in error.detail


@pytest.mark.parametrize("line", [b"{", b"[]", b'"x"', b"\xff"])
def test_what_is_no_json_object_is_named(db: Connection, kit: Kit, line: bytes) -> None:
    assert _refused(db, kit, [line]).detail.startswith("第 1 行")


def test_a_file_is_played_whole_or_not_at_all(servers: Servers, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with make_island(servers, tmp_path) as island:
        path.write_bytes(b"\n".join([*story().text(), b"{}"]))
        code, output = island.flask("history", "import", str(path))
        assert code == 1
        assert "第 5 行" in output
        assert island.one('SELECT count(*) FROM "case"') == 0
        path.write_bytes(b"\n".join(story().text()))
        code, output = island.flask("history", "import", str(path))
        assert code == 0
        assert output.startswith("A HY20260302")
        counts = island.drive.staff("supervisor").get("/api/v1/audit/figures?period=2026-03")
        assert counts.json["total"]["counts"]["closed_in_time"] == 1
        assert island.flask("ledger", "verify")[0] == 0
        assert island.flask("ledger", "export", str(tmp_path / "ledger.jsonl"))[0] == 0
        lines = (tmp_path / "ledger.jsonl").read_bytes().splitlines()
        assert [orjson.loads(line)["seq"] for line in lines] == [1, 2, 3, 4, 5]
        assert island.flask("audit", "rebuild", "--check")[1].endswith("考核数据与台账一致\n")
        island.run("UPDATE audit_round SET late = 1")
        code, output = island.flask("audit", "rebuild")
        assert code == 1
        assert "第 1 轮与台账不符" in output
        assert island.flask("audit", "rebuild", "--check")[0] == 0


def test_production_plays_no_history(servers: Servers, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\n".join(story().text()))
    with make_island(servers, tmp_path) as island:
        object.__setattr__(island.kit.settings, "app_mode", Mode.PRODUCTION)
        code, output = island.flask("history", "import", str(path))
        assert code == 1
        assert "正式环境不能导入历史" in output
        assert island.one('SELECT count(*) FROM "case"') == 0


def test_a_feeder_that_dies_leaves_the_queue_and_two_do_it_once(
    servers: Servers, tmp_path: Path
) -> None:
    with make_island(servers, tmp_path) as island:
        atlas = island.kit.atlas()
        island.drive.resident().report()
        waiting = island.one("SELECT count(*) FROM audit_queue")
        assert waiting > 0
        with island.kit.engine.connect() as db:  # and closes without a commit, as if killed
            assert audit_feed.follow(db, atlas) == waiting
        assert island.one("SELECT count(*) FROM audit_queue") == waiting
        assert island.one("SELECT count(*) FROM audit_round") == 0
        with transaction(island.kit.engine) as first, transaction(island.kit.engine) as second:
            assert audit_feed.follow(first, atlas) == waiting
            assert audit_feed.follow(second, atlas) == 0
        clock.follow_ledger(island.kit)
        clock.sum_up_months(island.kit)
        assert island.one("SELECT count(*) FROM audit_stale") == 0
        sums = "SELECT sum(found) FROM audit_month WHERE pair = 'unit_source'"
        assert island.one(sums) == 1
        with transaction(island.kit.engine) as db:
            assert audit_rebuild.rebuild(db, atlas, lambda _: None, write=False) == []


def test_a_commit_that_comes_late_is_not_skipped(servers: Servers, tmp_path: Path) -> None:
    """A transaction that wrote before another, and commits after the feeder passed by."""
    with make_island(servers, tmp_path) as island:
        atlas = island.kit.atlas()
        with transaction(island.kit.engine) as slow:
            history.play(slow, atlas, story("slow").text(), lambda _: None)
            island.drive.resident("bob").report()
            clock.follow_ledger(island.kit)
            assert island.one("SELECT count(*) FROM audit_round") == 1
        clock.follow_ledger(island.kit)
        assert island.one("SELECT count(*) FROM audit_round") == 2
        assert island.one("SELECT count(*) FROM audit_queue") == 0


def test_a_case_that_cannot_be_read_holds_up_no_other(servers: Servers, tmp_path: Path) -> None:
    with make_island(servers, tmp_path) as island:
        island.drive.resident().report()
        island.drive.resident("bob").report()
        with island.superuser(triggers=False) as server:
            server.execute("UPDATE ledger_entry SET payload = '{}' WHERE case_id = 1 AND seq = 1")
        clock.follow_ledger(island.kit)
        assert island.one("SELECT count(*) FROM audit_queue") == 0
        assert island.one("SELECT array_agg(case_id) FROM audit_round") == [2]


def test_imports_count_lines(db: Connection, kit: Kit) -> None:
    seen: list[int] = []
    history.play(db, kit.atlas(), [*story().text(), b""], seen.append)
    assert seen == [1, 2, 3, 4]
    assert db.execute(select(func.count()).select_from(text("audit_queue"))).scalar_one() >= 4
