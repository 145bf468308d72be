"""Jobs as rows: posted with the write that wants them, handed out, leased, failed visibly."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.services import outbox
from models.db import transaction
from tests.conftest import Servers
from tests.drive import Drive, problem
from tests.island import Island
from tests.island import island as make_island

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def shared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("outbox")) as found:
        yield found


@pytest.fixture
def island(shared: Island) -> Island:
    """Without jobs of another test."""
    shared.run("DELETE FROM outbox")
    return shared


def post(island: Island, count: int = 1, job: str = "notice.spread") -> list[int]:
    with transaction(island.kit.engine) as db:
        for _ in range(count):
            outbox.post(db, job, {"case_id": 0, "seqs": []})
    with transaction(island.kit.engine) as db:
        return [row.id for row in db.exec_driver_sql("SELECT id FROM outbox ORDER BY id")]


def hand_out(island: Island, most: int = 100) -> list[int]:
    with transaction(island.kit.engine) as db:
        return [row.id for row in outbox.hand_out(db, most)]


def pass_time(island: Island, by: timedelta = MINUTE) -> None:
    island.run(
        "UPDATE outbox SET due_at = due_at - :by, running_until = running_until - :by", by=by
    )


def test_a_refused_report_posts_no_job(drive: Drive) -> None:
    lily = drive.resident()
    photo = lily.photo()
    jobs = drive.db.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()
    body = {
        "description": "垃圾",
        "category": "exposed-garbage",
        "photo_ids": [photo],
        "location": {"longitude": 0, "latitude": 0, "coord_type": "wgs84"},
    }
    problem(lily.post("/api/v1/reports", body), 422, "outside-service-area")
    assert drive.db.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == jobs
    lily.report(photo_ids=[photo])
    newest = "SELECT job FROM outbox ORDER BY id DESC LIMIT 3"
    posted = set(drive.db.exec_driver_sql(newest).scalars())
    assert posted == {"content.check", "notice.spread", "report.index"}
    assert drive.db.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == jobs + 3


def test_a_rolled_back_transaction_posts_no_job(island: Island) -> None:
    with pytest.raises(LookupError), transaction(island.kit.engine) as db:  # noqa: PT012
        outbox.post(db, "notice.spread", {"case_id": 0, "seqs": []})
        raise LookupError
    assert island.one("SELECT count(*) FROM outbox") == 0


def test_no_row_is_handed_out_twice_in_a_lease(island: Island) -> None:
    rows = post(island, 200)
    with ThreadPoolExecutor(4) as relays:
        batches = list(relays.map(lambda _: hand_out(island, 30), range(12)))
    handed = [row for batch in batches for row in batch]
    assert sorted(handed) == rows
    assert hand_out(island) == []
    pass_time(island)
    assert sorted(hand_out(island, 500)) == rows


def test_a_row_that_is_not_due_waits(island: Island) -> None:
    post(island)
    island.run("UPDATE outbox SET due_at = now() + interval '1 hour'")
    assert hand_out(island) == []


def test_a_job_is_run_by_one_at_a_time(island: Island) -> None:
    (row,) = post(island)

    def take(_: int) -> bool:
        with transaction(island.kit.engine) as db:
            return outbox.take(db, row, MINUTE) is not None

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(take, range(8))) == 1
    pass_time(island)
    assert take(0)
    with transaction(island.kit.engine) as db:
        outbox.done(db, row)
    assert not take(0)


def test_a_failing_job_comes_back_later_and_later_and_then_stays_failed(island: Island) -> None:
    (row,) = post(island)
    waits = []
    for attempt in range(1, 9):
        with transaction(island.kit.engine) as db:
            job = outbox.take(db, row, MINUTE)
            assert job is not None
            assert job.attempts == attempt
            final = outbox.fail(db, row, job.attempts, "ValueError: nothing there")
        assert final is (attempt == 8)
        waits.append(island.one("SELECT due_at - now() FROM outbox"))
    assert waits == sorted(waits)
    assert hand_out(island) == []
    code, output = island.flask("jobs", "failed")
    assert code == 0
    assert output.startswith(f"{row}\t")
    assert output.endswith("notice.spread\tseqs=[] case_id=0\tValueError: nothing there\n")
    assert island.flask("jobs", "status") == (0, "等待 0，失败 1\n")


def test_a_job_that_kills_every_worker_ends_failed_visibly(island: Island) -> None:
    (row,) = post(island)
    for _ in range(8):
        assert hand_out(island) == [row]
        with transaction(island.kit.engine) as db:
            assert outbox.take(db, row, MINUTE) is not None
        pass_time(island)
    hand_out(island)
    with transaction(island.kit.engine) as db:
        assert outbox.take(db, row, MINUTE) is None
    assert island.flask("jobs", "status") == (0, "等待 0，失败 1\n")
    assert "died" in island.flask("jobs", "failed")[1]


def test_a_late_failure_does_not_end_a_newer_lease(island: Island) -> None:
    (row,) = post(island)
    with transaction(island.kit.engine) as db:
        slow = outbox.take(db, row, MINUTE)
    pass_time(island)
    with transaction(island.kit.engine) as db:
        newer = outbox.take(db, row, MINUTE)
    assert slow is not None
    assert newer is not None
    with transaction(island.kit.engine) as db:
        outbox.fail(db, row, slow.attempts, "JobTimeoutException")
    with transaction(island.kit.engine) as db:
        assert outbox.take(db, row, MINUTE) is None


def test_an_error_that_postgres_cannot_store_is_still_a_failure(island: Island) -> None:
    (row,) = post(island)
    with transaction(island.kit.engine) as db:
        job = outbox.take(db, row, MINUTE)
        assert job is not None
        outbox.fail(db, row, job.attempts, "ValueError: \x00 and \udcff")
    assert island.one("SELECT error FROM outbox").startswith("ValueError: ")


def test_failed_jobs_are_sent_again_by_id_or_all(island: Island) -> None:
    first, second, third = post(island, 3)
    island.run(f"UPDATE outbox SET failed_at = now(), attempts = 8 WHERE id <> {third}")
    code, output = island.flask("jobs", "retry", str(first), str(third))
    assert code == 1
    assert "1 个是失败任务" in output
    assert island.flask("jobs", "status") == (0, "等待 1，失败 2\n")
    assert island.flask("jobs", "retry", str(first))[0] == 0
    assert sorted(hand_out(island)) == [first, third]
    assert island.flask("jobs", "retry", "--all") == (0, "已重新安排 1 个任务\n")
    assert hand_out(island) == [second]
    assert island.one(f"SELECT attempts FROM outbox WHERE id = {second}") == 0


def test_no_more_is_handed_out_than_asked_for_whatever_the_plan(drive: Drive) -> None:
    """Written as a plain subquery, the limit holds for each row of a nested loop: PostgreSQL picks
    that plan when it believes the table to be empty."""
    for _ in range(30):
        outbox.post(drive.db, "notice.spread", {"case_id": 0, "seqs": []})
    drive.db.exec_driver_sql("UPDATE outbox SET due_at = now() - interval '1 minute'")
    for how in ("mergejoin", "hashjoin", "hashagg", "sort", "material"):
        drive.db.exec_driver_sql(f"SET LOCAL enable_{how} = off")
    assert len(outbox.hand_out(drive.db, 10)) == 10
