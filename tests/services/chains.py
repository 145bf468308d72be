"""Chains of cases that were played, and what a superuser could do to them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.services import ledger
from models.canonical import GENESIS, entry_hash
from models.case import Case
from models.db import transaction
from models.ledger import LedgerEntry
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from workers import clock

REPLY = "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"


@dataclass(frozen=True)
class Played:
    """A closed case of two hours ago, anchored; tests put back what they alter."""

    island: Island
    number: str


KEPT = ('"case"', "ledger_entry", "ledger_text", "anchor", "anchor_head")


@contextmanager
def altered(island: Island, *statements: str) -> Iterator[None]:
    """The statements as a superuser without triggers; everything is as before afterwards."""
    with island.superuser(triggers=False) as server:
        for table in KEPT:
            copy = f"CREATE TEMP TABLE kept_{table.strip(chr(34))} AS SELECT * FROM {table}"
            server.execute(copy)
        for statement in statements:
            server.execute(statement)
        try:
            yield
        finally:
            for table in KEPT:
                server.execute(f"DELETE FROM {table}")
                kept = f"INSERT INTO {table} SELECT * FROM kept_{table.strip(chr(34))}"
                server.execute(kept)


def play(island: Island) -> str:
    """A case from report to closing; its number."""
    lily, unit, worker = (
        island.drive.resident(),
        island.drive.staff("unit1"),
        island.drive.staff("worker1"),
    )
    number: str = lily.report(address="解放路一号")["case_number"]
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment="已清走", photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    return number


def age(island: Island) -> None:
    """Makes every entry old enough to be anchored, with hashes that fit: a past that was."""
    rewrite(island, lambda entry: entry | {"at": entry["at"] - timedelta(hours=2)})


def rewrite(island: Island, change: Any, number: str | None = None) -> None:
    """Rewrites chains consistently, new hashes, head and receipts included."""
    with transaction(island.kit.engine) as db:
        cases = db.execute(select(Case.id, Case.number)).all()
        entries = [dict(row) for row in db.execute(select(LedgerEntry.__table__)).mappings()]
    numbers = {case.id: case.number for case in cases}
    with island.superuser(triggers=False) as server:
        for case_id, own in numbers.items():
            if number not in (None, own):
                continue
            previous = GENESIS
            for entry in sorted(
                (e for e in entries if e["case_id"] == case_id), key=lambda e: int(e["seq"])
            ):
                new = change(entry) | {"previous": previous}
                previous = entry_hash(ledger.form(own, type("Row", (), new)))
                server.execute(
                    "UPDATE ledger_entry SET at = %s, payload = %s, previous = %s, hash = %s"
                    " WHERE case_id = %s AND seq = %s",
                    [
                        *(new["at"], json.dumps(new["payload"]), new["previous"], previous),
                        *(case_id, new["seq"]),
                    ],
                )
            server.execute('UPDATE "case" SET head_hash = %s WHERE id = %s', [previous, case_id])


def forge(entry: dict[str, Any]) -> dict[str, Any]:
    if entry["seq"] == 4:
        return entry | {"payload": entry["payload"] | {"outcome": "cannot"}}
    return entry


def anchor(island: Island) -> Path:
    clock.anchor(island.kit)
    return island.kit.settings.anchor_dir / "anchors.jsonl"


def chain(island: Island, number: str) -> list[dict[str, Any]]:
    answer = island.drive.staff("supervisor").get(f"/api/v1/cases/{number}/ledger")
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@contextmanager
def played_island(servers: Servers, folder: Path) -> Iterator[Played]:
    with make_island(servers, folder) as found:
        number = play(found)
        age(found)
        anchor(found)
        assert found.flask("ledger", "verify") == (0, "5 rows ok\n1 anchors ok\n")
        yield Played(found, number)
        assert found.flask("ledger", "verify") == (0, "5 rows ok\n1 anchors ok\n")
