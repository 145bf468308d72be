"""Limits on reporters where two supervisors act at once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from app.services import reporter_limit
from models.account import Account, Actor, Grant, ReporterLimit, Role, Scope
from models.db import transaction
from models.errors import NotFound
from tests.conftest import Servers
from tests.island import Island, eventually
from tests.island import island as make_island

WAITING = """
    SELECT count(*) > 0 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
def island(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("limits")) as found:
        yield found


def test_two_who_lift_one_limit_at_once_lift_it_once(island: Island) -> None:
    engine, atlas = island.kit.engine, island.kit.atlas()
    account_id = island.db.execute(
        select(Account.id).where(Account.username == "supervisor")
    ).scalar_one()
    row = {
        "account_id": account_id,
        "set_by": account_id,
        "reason": "刷屏",
        "expires_at": datetime.now(UTC) + timedelta(days=1),
    }
    made = insert(ReporterLimit).values(row).returning(ReporterLimit.id)
    limit_id = str(island.db.execute(made).scalar_one())
    supervisor = Actor(account_id, "某", (Grant(Role.SUPERVISOR, Scope.ALL),))
    refused: list[NotFound] = []

    def second() -> None:
        try:
            with transaction(engine) as db:
                reporter_limit.lift(db, atlas, supervisor, limit_id)
        except NotFound as error:
            refused.append(error)

    thread = threading.Thread(target=second)
    with transaction(engine) as db:
        reporter_limit.lift(db, atlas, supervisor, limit_id)
        thread.start()
        assert eventually(lambda: island.one(WAITING))
    thread.join(10)
    assert len(refused) == 1
