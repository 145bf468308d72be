"""The relay: what the broker loses, the outbox does not."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Queue

from app.services import outbox
from deploy.embedded import EmbeddedValkey
from models.db import transaction
from tests.conftest import Servers
from tests.island import Island, eventually
from tests.island import island as make_island
from workers.queue import open_queue
from workers.relay import BATCH, QUEUE_LIMIT, relay_once


@pytest.fixture(scope="module")
def island(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("relay")) as found:
        yield found


@pytest.fixture
def broker() -> Iterator[EmbeddedValkey]:
    """A broker of its own, which may go away."""
    home = Path(tempfile.mkdtemp(prefix="suishoupai-test-"))
    home.chmod(0o711)  # root's servers run as another user
    try:
        with EmbeddedValkey(home) as valkey:
            yield valkey
    finally:
        shutil.rmtree(home)


@pytest.fixture
def queue(island: Island, broker: EmbeddedValkey) -> Iterator[Queue]:
    island.run("DELETE FROM outbox")
    found = open_queue(broker.url)
    yield found
    found.connection.close()


def post(island: Island, count: int) -> None:
    with transaction(island.kit.engine) as db:
        for _ in range(count):
            outbox.post(db, "notice.spread", {"case_id": 0, "seqs": []})


def lease_over(island: Island) -> None:
    island.run("UPDATE outbox SET due_at = due_at - interval '61 seconds'")


def due(island: Island) -> Any:
    return island.one("SELECT count(*) FROM outbox WHERE due_at <= now()")


def test_rows_stay_due_while_the_broker_is_down(
    island: Island, broker: EmbeddedValkey, queue: Queue
) -> None:
    post(island, 3)
    broker.stop()
    with pytest.raises(redis.RedisError):
        relay_once(island.kit.engine, queue)
    assert due(island) == 3
    broker.child.start()
    broker.wait_ready()
    assert relay_once(island.kit.engine, queue) == 3
    assert queue.count == 3
    assert due(island) == 0


def test_rows_are_given_back_when_the_broker_goes_in_the_middle(island: Island) -> None:
    class Full:
        count = 0

        def enqueue_many(self, _jobs: list[Any]) -> None:
            raise redis.exceptions.OutOfMemoryError("OOM command not allowed")

    island.run("DELETE FROM outbox")
    post(island, 2)
    full: Any = Full()
    with pytest.raises(redis.RedisError):
        relay_once(island.kit.engine, full)
    assert due(island) == 2


def test_a_flushed_broker_gets_everything_again_after_the_lease(
    island: Island, queue: Queue
) -> None:
    post(island, 5)
    assert relay_once(island.kit.engine, queue) == 5
    queue.connection.flushall()
    assert relay_once(island.kit.engine, queue) == 0
    lease_over(island)
    assert relay_once(island.kit.engine, queue) == 5
    assert queue.count == 5


def test_a_relay_killed_between_commit_and_hand_over_loses_nothing(
    island: Island, queue: Queue
) -> None:
    post(island, 4)
    with transaction(island.kit.engine) as db:
        assert len(outbox.hand_out(db, BATCH)) == 4  # committed, and here it is killed
    assert relay_once(island.kit.engine, queue) == 0
    lease_over(island)
    assert relay_once(island.kit.engine, queue) == 4


def test_two_relays_hand_out_every_row_once(island: Island, queue: Queue) -> None:
    post(island, 500)
    with ThreadPoolExecutor(4) as relays:
        moved = list(relays.map(lambda _: relay_once(island.kit.engine, queue), range(8)))
    assert sum(moved) == 500
    assert len(queue.job_ids) == len(set(queue.job_ids)) == 500


def test_no_more_waits_in_the_broker_than_workers_can_do_in_a_lease(
    island: Island, queue: Queue
) -> None:
    post(island, QUEUE_LIMIT + BATCH)
    while relay_once(island.kit.engine, queue):
        assert queue.count <= QUEUE_LIMIT
    assert due(island) == BATCH


@pytest.mark.parametrize("module", ["workers.worker", "workers.relay"])
def test_a_process_stops_when_asked_also_without_a_broker(
    island: Island, broker: EmbeddedValkey, queue: Queue, module: str
) -> None:
    process = island.launch(module, REDIS_URL=broker.url)
    assert eventually(lambda: len(queue.connection.client_list()) > 1)
    broker.stop()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in {0, -signal.SIGTERM}
