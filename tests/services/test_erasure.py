"""Erasing a resident: the words go, the chains stay whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.services import account
from models.db import transaction
from models.ledger import LedgerEntry
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tests.services.chains import REPLY, chain
from workers import photo as photo_jobs


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path) as found:
        yield found


def test_erasing_a_resident_keeps_every_chain_whole(island: Island) -> None:
    lily = island.drive.resident()
    made = lily.report(contact_phone="13800000000")
    number = made["case_number"]
    answer = lily.post(
        f"/api/v1/reports/{made['id']}/supplement",
        {"text": "后院还有一堆"},
        headers={"Idempotency-Key": "words"},
    )
    assert answer.status_code == 200
    island.drive.spread_notices()
    island.drive.index_words()
    desk = island.drive.staff("desk")
    assert len(desk.get("/api/v1/cases?q=垃圾没人清理").json["items"]) == 1
    renders = island.db.execute(
        select(LedgerEntry.payload).where(LedgerEntry.action == "submit")
    ).scalars()
    photo_id = next(iter(renders))["photos"][0]["id"]
    photo_jobs.render(island.kit, {"photo_id": photo_id})
    before = [entry["hash"] for entry in chain(island, number)]
    with transaction(island.kit.engine) as db:
        account.erase(db, lily.account_id)
    assert lily.get("/api/v1/me").status_code == 401
    assert [entry["hash"] for entry in chain(island, number)] == before
    assert island.flask("ledger", "verify")[0] == 0
    own = {"who": lily.account_id}
    kept = "SELECT count(*) FROM ledger_text WHERE account_id = :who AND"
    assert island.one(f"{kept} (content IS NOT NULL OR salt IS NOT NULL)", **own) == 0
    assert island.one(f"{kept} true", **own) > 0
    person = "SELECT openid IS NULL AND phone IS NULL AND NOT enabled FROM account WHERE id = :who"
    assert island.one(person, **own) is True
    for table in ("login_session", "notice", "idempotency"):
        left = f"SELECT count(*) FROM {table} WHERE account_id = :who"
        assert island.one(left, **own) == 0, table
    island.drive.index_words()
    assert desk.get("/api/v1/cases?q=垃圾没人清理").json["items"] == []
    jobs = "SELECT count(*) FROM outbox WHERE job = 'photo.erase' AND args->>'photo_id' = :id"
    assert island.one(jobs, id=photo_id) == 1
    for _ in range(2):
        photo_jobs.erase(island.kit, {"photo_id": photo_id})
    files = {p.parent.parent.parent.name for p in stored(island, photo_id)}
    assert files == {"large", "thumb"}
    assert island.drive.resident("lily2").account_id != lily.account_id


def test_an_erased_residents_words_stay_nowhere(island: Island) -> None:
    lily, desk = island.drive.resident(), island.drive.staff("desk")
    words = "桥洞下面那户人家养的鸽子"
    made = lily.report("illegal-signboard", description=words)
    desk.done(made["case_number"], "reject", reason="out_of_scope", reply=REPLY)
    answer = lily.post(f"/api/v1/reports/{made['id']}/appeal", {"reason": words})
    assert answer.status_code == 200, answer.text
    island.drive.spread_notices()
    limit = {"report_id": made["id"], "reason": "刷屏", "expires_at": "2099-01-01T00:00:00Z"}
    path = f"/api/v1/cases/{made['case_number']}/reporter-limits"
    assert island.drive.staff("supervisor").post(path, limit).status_code == 201
    assert lily.post("/api/v1/me/limit-appeal", {"reason": words}).status_code == 204
    with transaction(island.kit.engine) as db:
        account.erase(db, lily.account_id)
    dump = [
        (table, column)
        for table, column in columns(island)
        if island.one(
            f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE :words',
            words=f"%{words}%",
        )
    ]
    assert dump == []


def columns(island: Island) -> list[tuple[str, str]]:
    with island.superuser() as server:
        return server.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        ).fetchall()


def stored(island: Island, photo_id: str) -> list[Path]:
    return list((island.kit.settings.data_dir / "photos").rglob(f"*{photo_id}*"))
