"""Frozen months: they stay as they were, and can be proven from the ledger."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from app.services import audit_freeze
from models import moment
from models.db import transaction
from models.errors import Conflict
from tests.conftest import Servers
from tests.histories import History, hours, local
from tests.island import Island
from tests.island import island as make_island
from workers import clock

MARCH = date(2026, 3, 1)
START = local("2026-03-02 09:00")
FIGURES = "/api/v1/audit/figures?period=2026-03"


def play(island: Island, history: History) -> None:
    with transaction(island.kit.engine) as db:
        history.play(db, island.kit.atlas())


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    """March 2026: one case closed in time, one late, one open."""
    with make_island(servers, tmp_path) as found:
        history = History()
        for name, day, late in (("A", 0, 0), ("B", 24, 30), ("C", 72, None)):
            began = START + hours(day)
            history.report(name, began)
            history.start(name, began + hours(0.5))
            if late is not None:
                history.resolve(name, began + hours(1 + late))
                history.close(name, began + hours(2 + late))
        play(found, history)
        yield found


def freeze(island: Island) -> None:
    assert island.flask("audit", "freeze", "2026-03")[0] == 0


def total(island: Island) -> dict[str, Any]:
    answer = island.drive.staff("supervisor").get(FIGURES)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_frozen_month_stays_as_it_was(island: Island) -> None:
    before = total(island)
    assert before["frozen"] is None
    freeze(island)
    number = island.one("SELECT number FROM \"case\" WHERE status = 'in_progress'")
    unit, desk = island.drive.staff("unit1"), island.drive.staff("desk")
    unit.done(number, "resolve", outcome="fixed", comment="已清走", photo_ids=[unit.photo()])
    words = "3月30日环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"
    desk.done(number, "pass", method="on_site", reply=words, photo_ids=[desk.photo()])
    island.flask("audit", "follow")
    after = total(island)
    assert after["total"]["counts"] == before["total"]["counts"]
    assert after["frozen"]["cases"] == 3
    assert len(after["frozen"]["heads_sha256"]) == 64
    year = island.drive.staff("supervisor").get("/api/v1/audit/figures?period=2026").json
    assert year["frozen"] is None
    assert after["total"]["counts"]["closed"] == 2
    behind = island.drive.staff("supervisor").get(after["total"]["cases"] + "closed").json
    assert len(behind["items"]) == 2
    late = island.drive.staff("supervisor").get("/api/v1/audit/late?period=2026-03").json
    assert {item["handled"] for item in late["items"]} == {True, False}


def test_a_frozen_month_is_proven_from_the_ledger(island: Island) -> None:
    freeze(island)
    assert island.flask("audit", "recompute", "2026-03") == (0, "2026-03 的封存指标与台账一致\n")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit_frozen_round SET late = 0 WHERE late = 1", "late 封存为 0，台账为 1"),
        ("UPDATE audit_frozen_month SET counts = counts || '{\"due\": 9}'", "due 为 9，应为 3"),
        ("UPDATE audit_month SET due = 0", "汇总表：due 为 0，应为 3"),
        ("UPDATE ledger_entry SET action = 'remark' WHERE seq = 3", "内容与哈希不符"),
        ("DELETE FROM audit_frozen_round WHERE late = 0", "封存时没有计入"),
        ("UPDATE audit_frozen_round SET head_hash = sha256('x')", "案卷链头的摘要与封存时不符"),
        ("UPDATE audit_frozen_round SET head_seq = 3 WHERE head_seq > 3", "台账尾部"),
    ],
)
def test_what_was_altered_since_is_named(island: Island, statement: str, named: str) -> None:
    freeze(island)
    with island.superuser(triggers=False) as server:
        server.execute(statement)
    code, output = island.flask("audit", "recompute", "2026-03")
    assert code == 1
    assert named in output


def test_the_database_refuses_to_change_what_is_frozen(island: Island) -> None:
    freeze(island)
    for statement in (
        "UPDATE audit_frozen_month SET cases = 0",
        "DELETE FROM audit_frozen_round",
        "TRUNCATE audit_frozen_round",
    ):
        with pytest.raises(ProgrammingError):
            island.run(statement)


def test_a_month_waits_for_its_end_and_its_appeals(island: Island) -> None:
    number = island.one("SELECT number FROM \"case\" WHERE status = 'in_progress'")
    atlas = island.kit.atlas()
    with moment.at(local("2026-04-02 09:00")), transaction(island.kit.engine) as db:
        assert audit_freeze.due(db, atlas) == []
        with pytest.raises(Conflict, match="申诉期"):
            audit_freeze.freeze(db, atlas, MARCH)
    history = History()
    history.report("D", START + hours(96))
    play(island, history)
    assert number
    island.run("UPDATE audit_day SET appeal_open = 1 WHERE due = 1")
    with transaction(island.kit.engine) as db, pytest.raises(Conflict, match="申诉没有审理"):
        audit_freeze.freeze(db, atlas, MARCH)


def test_a_month_is_frozen_once(island: Island) -> None:
    freeze(island)
    code, output = island.flask("audit", "freeze", "2026-03")
    assert (code, output) == (1, "2026-03 已封存\n")


def test_the_list_of_months_says_what_each_waits_for(island: Island) -> None:
    supervisor = island.drive.staff("supervisor")
    items = {i["month"]: i for i in supervisor.get("/api/v1/audit/months").json["items"]}
    assert items["2026-03"] == {"month": "2026-03", "frozen": None, "waits_for": None}
    freeze(island)
    items = {i["month"]: i for i in supervisor.get("/api/v1/audit/months").json["items"]}
    assert items["2026-03"]["frozen"]["cases"] == 3


def test_an_unfrozen_month_cannot_be_proven(island: Island) -> None:
    code, output = island.flask("audit", "recompute", "2026-03")
    assert (code, output) == (1, "2026-03 尚未封存\n")


def test_the_clock_freezes_what_may_be_frozen(island: Island) -> None:
    clock.freeze_months(island.kit)
    assert island.one("SELECT count(*) FROM audit_frozen_month") >= 1
    assert island.one("SELECT frozen_at FROM audit_frozen_month LIMIT 1") > datetime.now(
        UTC
    ) - timedelta(hours=1)
