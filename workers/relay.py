"""The relay: outbox rows to the broker. `python -m workers.relay`."""

import logging
import signal
import threading
from types import FrameType

import redis
from rq import Queue
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.services import outbox
from config import Settings
from models.db import connect, transaction
from workers.queue import open_queue, prepare
from workers.registry import TIMEOUT

log = logging.getLogger(__name__)
BATCH = 200
QUEUE_LIMIT = 1000
"""No more than this waits in the broker: leases must not run out before a worker gets there."""
PAUSE_S = 0.2
PAUSE_AFTER_FAULT_S = 2.0


def relay_once(engine: Engine, queue: Queue) -> int:
    """Hands due rows to the broker; returns how many. A broker that takes none gives them back.

    Raises:
        redis.RedisError: the broker is away.
    """
    if queue.count >= QUEUE_LIMIT:
        return 0
    with transaction(engine) as db:
        rows = outbox.hand_out(db, BATCH)
    if not rows:
        return 0
    try:
        queue.enqueue_many([prepare(row.id, row.attempts, TIMEOUT) for row in rows])
    except redis.RedisError:
        with transaction(engine) as db:
            outbox.give_back(db, [row.id for row in rows])
        raise
    return len(rows)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = Settings.from_env()
    engine, queue = (
        connect(settings.database_url, pool_size=1),
        open_queue(settings.redis_url, answer_within_s=10),
    )
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not stop.is_set():
        try:
            moved = relay_once(engine, queue)
            pause = 0.0 if moved == BATCH else PAUSE_S
        except (redis.RedisError, SQLAlchemyError) as error:
            log.warning("relay waits: %s", type(error).__name__)
            pause = PAUSE_AFTER_FAULT_S
        stop.wait(pause)


if __name__ == "__main__":
    main()
