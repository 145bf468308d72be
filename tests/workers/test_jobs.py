"""Jobs: done once or again with the same result, failed visibly, taken over from the dead."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
import pytest

from app.clients.photo_store import rendition_key
from app.clients.wechat import WeChat
from app.kit import Kit
from app.services import outbox
from app.services.outbox import PutOff
from models.db import transaction
from models.errors import NotReady
from tests.conftest import Servers
from tests.fake_wechat import FakeWeChat
from tests.island import Island, eventually
from tests.island import island as make_island
from workers import area as area_jobs
from workers import notice as notice_jobs
from workers import photo as photo_jobs
from workers.queue import open_queue
from workers.registry import JOBS
from workers.relay import relay_once
from workers.run import run_with


@pytest.fixture(scope="module")
def shared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("jobs")) as found:
        yield found


@pytest.fixture
def island(shared: Island) -> Island:
    shared.run("DELETE FROM outbox")
    return shared


def post(island: Island, job: str, **args: Any) -> int:
    with transaction(island.kit.engine) as db:
        outbox.post(db, job, args)
    found: int = island.one("SELECT max(id) FROM outbox")
    return found


def waiting(island: Island) -> list[tuple[int, str, dict[str, Any]]]:
    with transaction(island.kit.engine) as db:
        rows = db.exec_driver_sql("SELECT id, job, args FROM outbox ORDER BY id").all()
    return [(row.id, row.job, row.args) for row in rows]


def renditions(island: Island, photo_id: str) -> list[bytes]:
    return [island.kit.store.get(rendition_key(photo_id, size)) for size in ("large", "thumb")]


def test_every_job_of_a_report_may_run_twice(island: Island) -> None:
    island.drive.resident().report()
    jobs = waiting(island)
    assert sorted(job for _, job, _ in jobs) == [
        "content.check",
        "notice.spread",
        "photo.render",
        "report.index",
    ]
    wechat = FakeWeChat()
    settings = replace(island.kit.settings, public_url="http://photos.test")
    kit = replace(island.kit, wechat=cast("WeChat", wechat), settings=settings)
    (photo_id,) = (args["photo_id"] for _, job, args in jobs if job == "photo.render")
    for row, _, _ in jobs:
        run_with(kit, row)
    assert [job for _, job, _ in waiting(island)] == ["message.send"]
    asked = wechat.asked.copy()
    notices = "SELECT string_agg(account_id || title || body, '|' ORDER BY id) FROM notice"
    once, pictures = island.one(notices), renditions(island, photo_id)
    assert once
    for _, job, args in jobs:
        JOBS[job](kit, args)
    assert island.one(notices) == once
    assert wechat.asked == asked
    assert renditions(island, photo_id) == pictures


def test_a_missing_rendition_of_an_erased_original_never_comes_back_as_a_failure(
    island: Island,
) -> None:
    photo_id = island.drive.resident().photo()
    args = {"photo_id": photo_id}
    with pytest.raises(NotReady):
        photo_jobs.erase(island.kit, args)
    photo_jobs.render(island.kit, args)
    for _ in range(2):
        photo_jobs.erase(island.kit, args)
    pictures = renditions(island, photo_id)
    photo_jobs.render(island.kit, args)  # a worker had died between marking and ending it
    assert renditions(island, photo_id) == pictures


def test_an_erasure_before_its_rendition_waits_for_it(island: Island) -> None:
    photo_id = island.drive.resident().photo()
    render = waiting(island)[0][0]
    erase = post(island, "photo.erase", photo_id=photo_id)
    run_with(island.kit, erase)
    assert island.one(f"SELECT attempts FROM outbox WHERE id = {erase}") == 1
    run_with(island.kit, render)
    run_with(island.kit, erase)
    assert waiting(island) == []


def test_notices_of_a_case_are_spread_once_by_two_at_once(island: Island) -> None:
    island.drive.resident().report("dead-animal")
    (args,) = (args for _, job, args in waiting(island) if job == "notice.spread")
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: notice_jobs.spread(island.kit, args), range(2)))
    case_id = args["case_id"]
    doubled = "SELECT count(*) - count(DISTINCT (account_id, cause)) FROM notice WHERE case_id = :c"
    assert island.one(doubled, c=case_id) == 0
    assert island.one("SELECT count(*) FROM notice WHERE case_id = :c", c=case_id) > 0


def test_an_unplacing_without_vanished_grids_changes_nothing(island: Island) -> None:
    number = island.drive.resident().report()["case_number"]
    before = island.drive.staff("supervisor").case(number)
    area_jobs.unplace(island.kit, {"version": 1})
    assert island.drive.staff("supervisor").case(number) == before


def test_two_workers_with_one_job_do_it_once(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, together = [], threading.Barrier(2)

    def count(_kit: Kit, args: dict[str, Any]) -> None:
        done.append(args["at"])

    def work(row: int) -> None:
        together.wait(10)
        run_with(island.kit, row)

    monkeypatch.setitem(JOBS, "test.count", count)
    rows = [post(island, "test.count", at=number) for number in range(10)]
    with ThreadPoolExecutor(2) as workers:
        for row in rows:
            list(workers.map(work, [row, row]))
    assert done == list(range(10))


def test_an_unknown_job_fails_visibly_and_works_once_it_is_known(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, done = post(island, "report.unheard", case_id=7), []
    for _ in range(8):
        run_with(island.kit, row)
    assert island.flask("jobs", "status") == (0, "等待 0，失败 1\n")
    assert (
        "report.unheard\tcase_id=7\tKeyError: 'report.unheard'" in island.flask("jobs", "failed")[1]
    )
    run_with(island.kit, row)
    monkeypatch.setitem(JOBS, "report.unheard", lambda _kit, args: done.append(args))
    assert island.flask("jobs", "retry", str(row))[0] == 0
    run_with(island.kit, row)
    assert done == [{"case_id": 7}]
    assert waiting(island) == []


def test_the_job_of_a_killed_worker_is_done_by_another(island: Island) -> None:
    queue = open_queue(island.kit.settings.redis_url)
    queue.connection.flushdb()
    island.drive.resident().report()
    render = "SELECT count(*) FROM outbox WHERE job = 'photo.render'"
    island.run("UPDATE outbox SET due_at = now() + interval '1 hour' WHERE job <> 'photo.render'")
    with psycopg.connect(island.superuser_url) as obstacle:
        obstacle.execute("LOCK TABLE photo IN ACCESS EXCLUSIVE MODE")
        assert relay_once(island.kit.engine, queue) == 1
        victim = island.launch("workers.worker")
        running = "SELECT count(*) FROM outbox WHERE running_until > now()"
        assert eventually(lambda: island.one(running) == 1)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert island.one(render) == 1
    assert relay_once(island.kit.engine, queue) == 0
    island.run("UPDATE outbox SET due_at = now(), running_until = now() WHERE job = 'photo.render'")
    assert relay_once(island.kit.engine, queue) == 1
    heir = island.launch("workers.worker")
    assert eventually(lambda: island.one(render) == 0)
    assert island.one("SELECT rendered_at FROM photo ORDER BY uploaded_at DESC LIMIT 1")
    heir.send_signal(signal.SIGTERM)
    assert heir.wait(20) == 0
    queue.connection.close()


def test_a_job_that_waits_for_others_never_fails_and_asks_ever_more_rarely(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_kit: Kit, _args: dict[str, Any]) -> None:
        raise PutOff("the platform is away")

    monkeypatch.setitem(JOBS, "photo.erase", away)
    row = post(island, "photo.erase", photo_id="x")
    waits = []
    for minutes in (0, 1, 4, 60, 600):
        created = "UPDATE outbox SET created_at = now() - :age * interval '1 minute'"
        island.run(created, age=minutes)
        for _ in range(outbox.MAX_ATTEMPTS):
            run_with(island.kit, row)
        waits.append(round(island.one("SELECT extract(epoch FROM due_at - now()) FROM outbox")))
    assert waits == [5, 30, 120, 300, 300]
    assert island.one("SELECT count(*) FROM outbox WHERE failed_at IS NULL AND attempts = 0") == 1
    assert island.one("SELECT error FROM outbox") == "the platform is away"
    monkeypatch.setitem(JOBS, "photo.erase", lambda _kit, _args: None)
    run_with(island.kit, row)
    assert waiting(island) == []


def test_a_job_that_knows_its_time_waits_until_then(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime.now(UTC) + timedelta(hours=9)

    def quiet(_kit: Kit, _args: dict[str, Any]) -> None:
        raise PutOff("quiet hours", until)

    monkeypatch.setitem(JOBS, "photo.erase", quiet)
    run_with(island.kit, post(island, "photo.erase", photo_id="x"))
    assert island.one("SELECT due_at FROM outbox") == until
