"""The RQ queue between relay and workers."""

from datetime import timedelta
from typing import Any

import redis
from rq import Queue
from rq.serializers import JSONSerializer

NAME = "suishoupai"


def open_queue(url: str, *, answer_within_s: float | None = None) -> Queue:
    """The queue; a worker waits for jobs without limit, the relay only so long for an answer."""
    connection = redis.Redis.from_url(
        url, socket_connect_timeout=2, socket_keepalive=True, socket_timeout=answer_within_s
    )
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


def prepare(row_id: int, attempts: int, timeout: timedelta) -> Any:
    """An RQ job for an outbox row; its id is the row's, so that handing out twice is one job."""
    return Queue.prepare_data(
        "workers.run.run",
        args=(row_id,),
        job_id=f"outbox-{row_id}-{attempts}",
        timeout=int(timeout.total_seconds()),
        result_ttl=0,
        failure_ttl=3600,
    )
