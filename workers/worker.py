"""A worker: takes jobs from the broker. `python -m workers.worker`."""

import logging
import signal
import time
from types import FrameType

import redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from config import Settings
from workers import run
from workers.queue import open_queue

log = logging.getLogger(__name__)
PAUSE_S = 2.0


class Worker(SimpleWorker):
    """Remembers that it was asked to stop, which RQ forgets where the broker is away."""

    stopping = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        Worker.stopping = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def main() -> None:
    """Works until SIGTERM; waits for a broker that is away.

    Jobs run in this process: pictures are decoded in a child of their own, and a job whose
    worker was killed is handed out again when its lease in the database is over.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    settings = Settings.from_env()
    run.kit().atlas()
    while not Worker.stopping:
        queue = open_queue(settings.redis_url)
        try:
            worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
            worker.work(logging_level="WARNING")
        except redis.RedisError as error:
            if not Worker.stopping:
                log.warning("worker waits for the broker: %s", type(error).__name__)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is at work in the pause
                time.sleep(PAUSE_S)
        else:
            break
    run.kit().close()


if __name__ == "__main__":
    main()
