"""Alive, ready, measured: which part is missing, and what still works without it."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.clients.broker import Broker
from app.clients.photo_store import PhotoStore
from app.factory import create_app
from deploy.server import free_port
from models.db import connect
from tests.conftest import Servers
from tests.drive import Drive, problem
from tests.island import Island
from tests.island import island as make_island
from tools.pictures import make_photo

TOKEN = "metrics-token"


def with_kit(drive: Drive, **changes: Any) -> None:
    """The application with other parts, for this test."""
    drive.client.application.extensions["kit"] = replace(drive.kit, **changes)


def readiness(drive: Drive) -> tuple[int, Any]:
    answer = drive.client.get("/readyz")
    return answer.status_code, answer.json


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path, metrics_token=TOKEN) as found:
        yield found


def test_a_whole_service_is_ready(drive: Drive) -> None:
    assert drive.client.get("/healthz").json == {"status": "ok"}
    parts = dict.fromkeys(("database", "migrations", "photo_store", "broker"), "ok")
    status, body = readiness(drive)
    assert (status, body["status"], body["parts"]) == (200, "ok", parts)


def test_without_a_broker_reports_still_come_in(drive: Drive) -> None:
    with_kit(drive, broker=Broker(f"redis://127.0.0.1:{free_port()}/0"))
    status, body = readiness(drive)
    assert (status, body["status"], body["parts"]["broker"]) == (200, "degraded", "down")
    lily = drive.resident()
    assert lily.report()["status"] == "assigned"
    for _ in range(19):
        body = {
            "description": "路灯不亮",
            "location": {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"},
        }
        assert lily.post("/api/v1/reports", body).status_code == 201
    refused = lily.post("/api/v1/reports", body)
    detail = problem(refused, 429, "too-many-requests")["detail"]
    assert detail == "每小时最多上报 20 次，请稍后再试"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_without_a_database_it_is_alive_and_not_ready(drive: Drive) -> None:
    away = connect(f"postgresql://app@127.0.0.1:{free_port()}/x")
    with_kit(drive, engine=away, autocommit=away)
    status, body = readiness(drive)
    assert (status, body["down"]) == (503, ["database", "migrations"])
    assert drive.client.get("/healthz").status_code == 200
    refused = drive.client.get("/api/v1/me", headers={"Authorization": "Bearer x"})
    problem(refused, 503, "unavailable")
    assert refused.headers["Retry-After"] == "5"
    away.dispose()


def test_a_schema_behind_its_migrations_is_not_ready(drive: Drive) -> None:
    drive.db.execute(text("SET LOCAL ROLE NONE"))
    older = "CREATE TEMP TABLE alembic_version AS SELECT '0000'::varchar AS version_num"
    drive.db.execute(text(older))  # found before the real one
    status, body = readiness(drive)
    assert (status, body["down"]) == (503, ["migrations"])


def test_a_photo_store_that_is_gone_is_named(drive: Drive, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    store = PhotoStore.from_url(f"file://{folder}")
    with_kit(drive, store=store)
    assert drive.client.get("/readyz").status_code == 200
    (folder / "ready").unlink()
    folder.rmdir()
    folder.write_text("no folder")
    status, body = readiness(drive)
    assert (status, body["down"]) == (503, ["photo_store"])


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow past a kilobyte: writes break off as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_takes_no_photo_and_leaves_nothing_half_written(island: Island) -> None:
    lily, folder = island.drive.resident(), island.kit.settings.data_dir / "photos"
    data = make_photo(1, size=(480, 360))
    assert lily.upload(data).status_code == 201

    def files() -> dict[str, int]:
        found = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
        return {str(path): path.stat().st_size for path in found}

    assert island.drive.client.get("/readyz").status_code == 200
    before, rows = files(), island.one("SELECT count(*) FROM photo")
    with full_disk():
        status, body = readiness(island.drive)
        refused = [lily.upload(make_photo(seed, size=(480, 360))) for seed in (2, 3)]
        still = lily.post(
            "/api/v1/reports",
            {
                "description": "没有照片的上报",
                "location": {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"},
            },
        )
    assert (status, body["down"]) == (503, ["photo_store"])
    for one in refused:
        problem(one, 503, "storage-unavailable")
    assert still.status_code == 201
    assert files() == before
    assert island.one("SELECT count(*) FROM photo") == rows
    assert island.drive.client.get("/readyz").status_code == 200
    assert lily.upload(data).status_code == 201


def test_metrics_need_their_token(island: Island) -> None:
    client = island.drive.client
    problem(client.get("/metrics"), 401, "signed-out")
    wrong = {"Authorization": "Bearer guess"}
    problem(client.get("/metrics", headers=wrong), 401, "signed-out")
    staff = {"Authorization": f"Bearer {island.drive.staff('admin').token}"}
    problem(client.get("/metrics", headers=staff), 401, "signed-out")
    island.clear()
    island.run(
        "INSERT INTO outbox (job, args, created_at, due_at, failed_at)"
        " VALUES ('x', '{}', now(), now(), now()), ('x', '{}', now(), now(), NULL)"
    )
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "suishoupai_outbox_waiting 1.0\n" in answer.text
    assert "suishoupai_outbox_failed 1.0\n" in answer.text
    assert 'suishoupai_requests_total{route="/metrics",status="401"}' in answer.text


def test_metrics_without_a_token_set_are_not_served(drive: Drive) -> None:
    answer = drive.client.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code in {401, 404}
    problem(drive.client.get("/metrics", headers={"Authorization": "Bearer x"}), 404, "not-found")


def test_a_start_without_a_database_serves_health(island: Island) -> None:
    url = f"postgresql://app@127.0.0.1:{free_port()}/x"
    app = create_app(replace(island.kit.settings, database_url=url))
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503
    app.extensions["kit"].close()
