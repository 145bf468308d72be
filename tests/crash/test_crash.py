"""kill -9 on every part while reports come in: nothing acknowledged is lost or doubled."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from app.clients.photo_store import PhotoStore, original_key, rendition_key
from app.services import ledger
from models.db import connect, transaction
from tests.crash.town import Answer, Town
from tests.crash.town import town as make_town

CLIENTS, RESIDENTS, EACH = 6, 24, 10
REPORTS = RESIDENTS * EACH


@pytest.fixture
def town() -> Iterator[Town]:
    with make_town() as found:
        yield found


@dataclass
class Rush:
    """Residents who report at once, every second report with a photo of its own."""

    town: Town
    photos: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    wanted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    progress: threading.Condition = field(default_factory=threading.Condition)

    def prepare(self) -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            tokens = list(clients.map(lambda n: self.town.resident(f"r{n}"), range(RESIDENTS)))
            for turn in range(EACH):
                pictured = tokens if turn % 2 == 0 else []
                ids = list(clients.map(self.town.upload, pictured))
                self.photos += ids
                bodies = [{"photo_ids": [one], "category": "exposed-garbage"} for one in ids]
                self.wanted += zip(tokens, bodies or [{}] * RESIDENTS, strict=True)

    def send(self, one: tuple[str, dict[str, Any]]) -> None:
        token, body = one
        answer = self.town.report(token, key=uuid4().hex, **body)
        with self.progress:
            self.answers.append(answer)
            self.progress.notify_all()

    def wait(self, more: int) -> None:
        """Until so many more reports were acknowledged, or all."""
        with self.progress:
            goal = min(len(self.answers) + more, REPORTS)
            assert self.progress.wait_for(lambda: len(self.answers) >= goal, 60)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def victims(town: Town) -> Iterator[int]:
    """Pids to kill in turn, each found when its turn has come."""
    main = {p.pid for p in town.processes("web")}
    yield next(p.pid for p in town.processes("web") if p.parent in main)
    yield town.processes("worker")[0].pid
    yield town.processes("relay")[0].pid
    yield town.servers("valkey-server")[0].pid
    with town.database() as db:
        backend = (
            "SELECT pid FROM pg_stat_activity WHERE usename = 'suishoupai_app'"
            " ORDER BY backend_start LIMIT 1"
        )
        row = db.execute(backend).fetchone()
    assert row
    yield row[0]
    yield next(p.pid for p in town.servers("postgres") if p.parent == supervisor(town))
    main = {p.pid for p in town.processes("web")}
    for process in town.processes("web"):
        if process.parent in main:
            yield process.pid


def supervisor(town: Town) -> int:
    assert town.supervisor
    return town.supervisor.pid


def assert_whole(town: Town, rush: Rush) -> None:
    """Every report stands once with its receipt, every chain holds, every photo is there."""
    assert {a.status for a in rush.answers} == {201}, [a for a in rush.answers if a.status != 201]
    ids = {answer.body["id"] for answer in rush.answers}
    assert len(ids) == len(rush.answers) == REPORTS
    with town.database() as db:
        kept = db.execute(
            "SELECT r.id::text, c.number, encode(r.receipt, 'hex') FROM report r"
            ' JOIN "case" c ON c.id = r.case_id JOIN ledger_entry e'
            " ON e.case_id = r.entry_case_id AND e.seq = r.entry_seq AND e.hash = r.receipt"
        ).fetchall()
        url = f"postgresql://postgres:{db.info.password}@127.0.0.1:{db.info.port}/suishoupai"
    told = {(a.body["id"], a.body["case_number"], a.body["receipt"]) for a in rush.answers}
    assert set(kept) == told
    assert len(kept) == REPORTS
    engine = connect(url)
    with transaction(engine) as connection:
        rows, bad = ledger.verify(connection)
    engine.dispose()
    assert bad is None
    assert rows >= 2 * REPORTS


def assert_settled(town: Town, rush: Rush) -> None:
    """Jobs whose workers died are done when their leases are over, which is made now. At night a
    message to a phone is put off until the morning, and that is all that may be left."""
    left = "SELECT count(*) FROM outbox WHERE job <> 'message.send' OR due_at <= now()"

    def done() -> bool:
        return bool(town.one(left) == 0)

    for _ in range(5):
        with town.database() as db:
            db.execute("UPDATE outbox SET due_at = now(), running_until = NULL")
        if town.settled(done, seconds=8):
            break
    assert done(), town.one("SELECT json_agg(o) FROM outbox o")
    assert town.one("SELECT count(*) FROM photo WHERE rendered_at IS NULL") == 0
    store = PhotoStore.from_url(f"file://{town.folder}/photos")
    for photo in rush.photos:
        assert store.exists(original_key(photo))
        assert store.exists(rendition_key(photo, "large"))
        assert store.exists(rendition_key(photo, "thumb"))


def test_reports_survive_the_death_of_every_part(town: Town) -> None:
    rush = Rush(town)
    rush.prepare()
    with ThreadPoolExecutor(CLIENTS) as clients:
        sent = [clients.submit(rush.send, one) for one in rush.wanted]
        rush.wait(10)
        for pid in victims(town):
            kill(pid)
            rush.wait(15)
        for each in sent:
            each.result()
    assert_whole(town, rush)
    assert_settled(town, rush)
    kill(supervisor(town))
    town.stop()
    assert town.settled(lambda: not any(p.alive() for p in town.processes()))
    town.start()
    assert_whole(town, rush)
    again = town.report(town.resident("r0"), key="after")
    assert again.status == 201
    everything = town.processes()
    assert {p.command for p in everything} >= {"postgres", "valkey-server"}
    town.stop()
    assert not [p for p in everything if p.alive()]
    assert town.processes() == []
