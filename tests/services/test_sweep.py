"""What happens by itself: clocks fire once, waiting ends, duties and maps change."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.services import area, sweep
from app.services.area_import import import_areas
from app.services.duty_import import add_leave
from models.db import transaction
from models.geo import CoordType
from models.notice import Notice
from models.routing import Atlas
from models.timer import Timer
from tests.conftest import Servers
from tests.island import ROOT, Island
from tests.island import island as make_island
from workers import area as area_jobs
from workers import clock

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("sweep")) as found:
        yield found


@pytest.fixture
def island(shared: Island) -> Island:
    """Without cases of another test."""
    shared.clear()
    return shared


@pytest.fixture
def changing(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    """For a test that changes the district's set-up."""
    with make_island(servers, tmp_path) as found:
        yield found


def fresh(island: Island) -> Atlas:
    with transaction(island.kit.engine) as db:
        return area.load(db, island.kit.settings.policy)


def timer(island: Island, number: str, kind: str) -> Any:
    statement = select(Timer.__table__).where(Timer.clock == kind).order_by(Timer.id.desc())
    case_id = island.one('SELECT id FROM "case" WHERE number = :n', n=number)
    with transaction(island.kit.engine) as db:
        return db.execute(statement.where(Timer.case_id == case_id)).first()


def pass_time(island: Island, by: timedelta, only: str = "") -> None:
    """The clocks see time pass: they started, and are due, so much earlier."""
    where = f" WHERE clock = '{only}'" if only else ""
    island.run(
        "UPDATE timer SET started_at = started_at - :by, due_at = due_at - :by,"
        f" next_at = next_at - :by{where}",
        by=by,
    )


def warnings(island: Island) -> list[str]:
    fired = select(Notice.cause, Notice.title).where(Notice.cause.startswith("timer:"))
    with transaction(island.kit.engine) as db:
        return [row.title for row in db.execute(fired.distinct().order_by(Notice.cause))]


def start_only(island: Island, number: str) -> None:
    """Leaves only the start clock of a case running, an hour's limit that begins now."""
    island.run("UPDATE timer SET next_at = NULL WHERE clock <> 'start'")
    moved = (
        "UPDATE timer SET started_at = now(), due_at = now() + interval '1 hour',"
        " next_at = now() + interval '42 minutes', calendar = 'always' WHERE clock = 'start'"
    )
    assert island.run(moved) == 1, number


def test_a_clock_climbs_step_by_step_and_fires_each_once(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    start_only(island, number)
    titles = []
    for minutes in (41, 2, 10, 0, 2, 6, 24 * 60, 48 * 60):
        pass_time(island, timedelta(minutes=minutes))
        for _ in range(2):
            clock.sweep_timers(island.kit)
        titles.append(len(warnings(island)))
    assert titles == [0, 1, 1, 1, 2, 3, 4, 5]
    assert warnings(island) == [
        "签收时限已过七成", "签收即将超时", "签收已超时", "签收已超时", "签收已超时",
    ]  # fmt: skip
    fired = timer(island, number, "start")
    assert (fired.step, fired.next_at) == (5, None)


def test_a_night_without_sweeps_is_one_step(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    start_only(island, number)
    pass_time(island, timedelta(hours=9))
    clock.sweep_timers(island.kit)
    clock.sweep_timers(island.kit)
    assert warnings(island) == ["签收已超时"]
    fired = timer(island, number, "start")
    assert fired.step == 3
    assert fired.next_at == fired.due_at + DAY


def test_two_sweepers_at_once_fire_every_clock_once(island: Island) -> None:
    lily = island.drive.resident()
    for category in ("exposed-garbage", "dead-animal", "dirty-road", "stickers", "open-burning"):
        lily.report(category)
    island.run("UPDATE timer SET next_at = NULL WHERE clock <> 'start'")
    island.run(
        "UPDATE timer SET started_at = now() - interval '2 hours',"
        " due_at = now() - interval '1 hour', next_at = now() - interval '90 minutes'"
        " WHERE clock = 'start'"
    )
    with transaction(island.kit.engine) as db:
        due = sweep.due_timers(db, 100)
    assert len(due) == 5
    atlas = fresh(island)

    def fire(timer_id: int) -> int:
        with transaction(island.kit.engine) as db:
            return sweep.fire(db, atlas, [timer_id])

    with ThreadPoolExecutor(4) as sweepers:
        fired = list(sweepers.map(fire, due * 4))
    assert sum(fired) == 5
    assert island.one("SELECT count(*) FROM timer WHERE step = 3") == 5
    doubled = "SELECT count(*) - count(DISTINCT (account_id, cause)) FROM notice"
    assert island.one(doubled) == 0


def waiting_at_the_desk(island: Island, count: int) -> list[str]:
    """Cases without a category, of which only the acceptance clock runs."""
    people = [island.drive.resident(name) for name in ("lily", "tom")]
    made = [people[i % 2].report(None, photo_ids=[])["case_number"] for i in range(count)]
    island.run("UPDATE timer SET next_at = NULL, calendar = 'always' WHERE clock <> 'accept'")
    return made


def test_a_backlog_is_one_digest_for_each_person(island: Island) -> None:
    numbers = waiting_at_the_desk(island, 12)
    island.run(
        "UPDATE timer SET started_at = now() - interval '9 hours', calendar = 'always',"
        " due_at = now() - id * interval '1 minute', next_at = now() - interval '1 hour'"
    )
    clock.sweep_timers(island.kit)
    clock.sweep_timers(island.kit)
    assert island.one("SELECT count(*) FROM timer WHERE step = 3") == 12
    with transaction(island.kit.engine) as db:
        fired = select(Notice.account_id, Notice.title, Notice.body)
        found = db.execute(fired.where(Notice.cause.startswith("timer:"))).all()
    assert len(found) > 1  # the desk and supervisors
    assert len({row.account_id for row in found}) == len(found)
    assert {row.title for row in found} == {"12 个案卷有时限预警"}
    urgent = "、".join(numbers[:-6:-1])
    assert {row.body for row in found} == {
        f"受理已超时 12 个。最急：{urgent}等。请在案卷列表中按时限办理。"
    }


def test_one_clock_that_cannot_fire_holds_up_none(
    island: Island, caplog: pytest.LogCaptureFixture
) -> None:
    waiting_at_the_desk(island, 3)
    island.run(
        "UPDATE timer SET started_at = now() - interval '45 minutes', calendar = 'always',"
        " due_at = now() + interval '15 minutes', next_at = now() - interval '3 minutes'"
    )
    island.run("UPDATE timer SET calendar = 'lunar' WHERE id = (SELECT max(id) FROM timer)")
    clock.sweep_timers(island.kit)
    assert "one by one" in caplog.text
    assert island.one("SELECT count(*) FROM timer WHERE step = 1") == 2


def test_a_sweeper_killed_in_the_middle_leaves_the_step_to_the_next(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    start_only(island, number)
    pass_time(island, timedelta(minutes=43))
    atlas = fresh(island)
    with transaction(island.kit.engine) as db:
        (due,) = sweep.due_timers(db, 100)
    with pytest.raises(KeyboardInterrupt), transaction(island.kit.engine) as db:  # noqa: PT012
        assert sweep.fire(db, atlas, [due]) == 1
        raise KeyboardInterrupt
    assert warnings(island) == []
    clock.sweep_timers(island.kit)
    assert warnings(island) == ["签收时限已过七成"]


def test_a_busy_case_is_left_for_the_next_sweep(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    start_only(island, number)
    pass_time(island, timedelta(minutes=43))
    with transaction(island.kit.engine) as db:
        db.exec_driver_sql('SELECT FROM "case" FOR UPDATE')
        clock.sweep_timers(island.kit)
        assert warnings(island) == []
    clock.sweep_timers(island.kit)
    assert warnings(island) == ["签收时限已过七成"]


def test_a_clock_set_back_fires_nothing_again(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    start_only(island, number)
    pass_time(island, timedelta(minutes=43))
    clock.sweep_timers(island.kit)
    pass_time(island, -timedelta(hours=3))
    clock.sweep_timers(island.kit)
    assert warnings(island) == ["签收时限已过七成"]
    pass_time(island, timedelta(hours=3, minutes=12))
    clock.sweep_timers(island.kit)
    assert warnings(island) == ["签收时限已过七成", "签收即将超时"]


def test_entries_never_lie_before_the_previous_one(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    island.run("""UPDATE "case" SET changed_at = now() + interval '1 hour'""")
    island.drive.staff("supervisor").done(number, "remark", comment="钟慢了")
    supervisor = island.drive.staff("supervisor")
    entries = supervisor.get(f"/api/v1/cases/{number}/ledger").json["items"]
    times = [entry["at"] for entry in entries]
    assert times == sorted(times)
    assert times[-1] > datetime.now(UTC).isoformat()


def test_an_answer_that_does_not_come_brings_the_case_back_to_the_desk(island: Island) -> None:
    desk = island.drive.staff("desk")
    number = island.drive.resident().report("illegal-signboard")["case_number"]
    assert desk.done(number, "ask_reporter", question="在几楼？")["holder"] == "reporter"
    pass_time(island, timedelta(days=20), only="answer")
    for _ in range(2):
        clock.sweep_timers(island.kit)
    case = desk.case(number)
    assert (case["status"], case["holder"]) == ("submitted", "desk")
    assert actions(island, number)[-1] == ("stop_waiting", {"role": "system"})
    assert actions(island, number).count(("stop_waiting", {"role": "system"})) == 1
    assert timer(island, number, "accept").next_at is not None


def actions(island: Island, number: str) -> list[tuple[str, Any]]:
    answer = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger")
    return [(entry["action"], entry["actor"]) for entry in answer.json["items"]]


def test_a_suspension_ends_on_its_review_date_and_moves_the_due_time(island: Island) -> None:
    unit, supervisor = island.drive.staff("unit1"), island.drive.staff("supervisor")
    number = island.drive.resident().report()["case_number"]
    unit.done(number, "start")
    due = datetime.fromisoformat(unit.case(number)["due_at"])
    review = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    fields = {"reason": "weather", "review_at": review}
    unit.done(number, "ask_suspension", photo_ids=[unit.photo()], **fields)
    supervisor.done(number, "grant_suspension", photo_ids=[], **fields)
    clock.sweep_timers(island.kit)
    assert unit.case(number)["status"] == "suspended"
    pass_time(island, timedelta(days=10), only="suspension")
    island.run("""UPDATE "case" SET suspended_at = suspended_at - interval '10 days'""")
    for _ in range(2):
        clock.sweep_timers(island.kit)
    case = unit.case(number)
    assert case["status"] == "in_progress"
    moved = datetime.fromisoformat(case["due_at"]) - due
    assert timedelta(days=10) <= moved < timedelta(days=10, minutes=5)
    assert timer(island, number, "handle").due_at == datetime.fromisoformat(case["due_at"])
    assert actions(island, number)[-1] == ("resume", {"role": "system"})
    assert timer(island, number, "suspension").met_at is not None


def test_leave_hands_a_case_over_and_the_ledger_says_so(changing: Island) -> None:
    island = changing
    desk, worker = island.drive.staff("desk"), island.drive.staff("worker1")
    number = island.drive.resident().report("illegal-signboard")["case_number"]
    asked = desk.done(number, "ask_verification")
    assert asked["holder"] == f"worker:{worker.account_id}"
    clock.follow_duties(island.kit)
    assert desk.case(number)["holder"] == asked["holder"]
    now = datetime.now(UTC)
    with transaction(island.kit.engine) as db:
        add_leave(db, "worker1", now - timedelta(minutes=1), now + DAY)
    atlas = fresh(island)
    for _ in range(2):
        with transaction(island.kit.engine) as db:
            for case_id in sweep.displaced(db, atlas):
                sweep.hand_over(db, atlas, case_id)
    case = desk.case(number)
    assert case["status"] == "verifying"
    assert case["holder"] != asked["holder"]
    assert [name for name, _ in actions(island, number)].count("hand_over") == 1
    assert worker.act(number, "verify", version=1).status_code in (403, 404, 409)


def test_a_duty_that_ends_passes_its_case_to_the_next(island: Island) -> None:
    desk = island.drive.staff("desk")
    number = island.drive.resident().report("illegal-signboard")["case_number"]
    asked = desk.done(number, "ask_verification")["holder"]
    atlas = fresh(island)
    grid = island.one('SELECT grid FROM "case"')
    first = next(d for d in atlas.duties if d.area == grid and d.worker is not None)
    other = island.drive.staff("worker2").account_id
    yesterday = (datetime.now(UTC) - DAY).date() - DAY
    ended, begun = replace(first, valid_to=yesterday), replace(first, worker=other)
    rest = [d for d in atlas.duties if d != first]
    later = replace(atlas, duties=[ended, begun, *rest])
    with transaction(island.kit.engine) as db:
        assert sweep.displaced(db, atlas) == []
        (case_id,) = sweep.displaced(db, later)
        assert sweep.hand_over(db, later, case_id)
        assert not sweep.hand_over(db, later, case_id)
    assert f"worker:{other}" == desk.case(number)["holder"] != asked


def test_open_cases_of_a_vanished_grid_go_to_the_desk(changing: Island) -> None:
    island = changing
    number = island.drive.resident().report()["case_number"]
    closed_grid = island.one('SELECT grid FROM "case"')
    data = (ROOT / "data" / "demo" / "areas.geojson").read_text()
    renamed = data.replace(f'"{closed_grid}"', '"43990000109999"').encode()
    with transaction(island.kit.engine) as db:
        version = import_areas(db, renamed, CoordType.WGS84, "areas.geojson").revision
    posted = "SELECT max(args->>'version') FROM outbox WHERE job = 'area.unplace'"
    assert island.one(posted) == str(version)
    for _ in range(2):
        area_jobs.unplace(island.kit, {"version": version})
    case = island.drive.staff("desk").case(number)
    assert (case["status"], case["holder"], case["unit"]) == ("submitted", "desk", None)
    assert island.one('SELECT grid FROM "case"') == "43990000109999"
    assert [name for name, _ in actions(island, number)].count("unplace") == 1
    assert island.flask("ledger", "verify")[0] == 0
