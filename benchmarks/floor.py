"""The floor under a figure: the same SQL statements, sent by a bare client.

The statements are taken down while the application answers in this process, on transactions that
are rolled back; then processes without Flask and SQLAlchemy send them, and commit.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import get_context
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, event

from app.factory import create_app
from app.kit import Kit
from benchmarks.load import Load
from config import Settings

PROCESSES, CONNECTIONS = 2, 4
Statement = tuple[str, Any]


@dataclass(frozen=True)
class Asked:
    """A request for the in-process client."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


class _NeverCommits:
    """Stands in for an engine: every unit of work is undone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection
            connection.rollback()


def take_down(settings: Settings, asked: Sequence[Asked]) -> list[list[Statement]]:
    """The statements of each request, in order, without BEGIN and COMMIT.

    Raises:
        RuntimeError: an answer that is no success.
    """
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    kit.atlas()
    seen: list[Statement] = []

    @event.listens_for(kit.engine, "before_cursor_execute")
    def note(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    undone = cast("Engine", _NeverCommits(kit.engine))
    app.extensions["kit"] = replace(kit, engine=undone, autocommit=undone)
    client, found = app.test_client(), []
    for one in asked:
        seen.clear()
        kit.atlas()
        seen.clear()  # asking for the set-up's revision is no part of a request
        answer = client.open(one.path, method=one.method, headers=one.headers, json=one.body)
        if not 200 <= answer.status_code < 300:
            raise RuntimeError(f"{one.method} {one.path}: {answer.status_code} {answer.text}")
        found.append(list(seen))
    kit.close()
    return found


def replay(url: str, units: Sequence[Sequence[Statement]]) -> Load:
    """Sends each unit once, as one transaction of prepared statements."""
    shares = [units[i::PROCESSES] for i in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(_warm, [url] * PROCESSES))
        loads = list(pool.map(_replay, [url] * PROCESSES, shares))
    latencies = [latency for load in loads for latency in load.latencies]
    return Load(max(load.seconds for load in loads), latencies)


def _warm(url: str) -> None:
    """Imports what a worker needs; a worker that is not there yet would not count."""
    psycopg.connect(url).close()
    time.sleep(0.5)


def _replay(url: str, units: Sequence[Sequence[Statement]]) -> Load:
    following, load = count(), Load(0.0, [])

    def work() -> None:
        with psycopg.connect(url, prepare_threshold=0) as connection:
            cursor = connection.cursor()
            for index in following:
                if index >= len(units):
                    return
                began = time.perf_counter()
                for statement, parameters in units[index]:
                    cursor.execute(statement, parameters)
                    if cursor.description:
                        cursor.fetchall()
                connection.commit()
                load.latencies.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load
