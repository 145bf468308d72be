"""Staff accounts where two administrators act at once, and what always stays."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.services import staff
from app.services.account_import import import_accounts
from models.account import Account, Actor, RoleGrant
from models.db import transaction
from models.errors import Conflict, DomainError
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island


@pytest.fixture(scope="module")
def island(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    """A town of its own: what is committed here is seen by no other test."""
    with make_island(servers, tmp_path_factory.mktemp("staff")) as found:
        yield found


def administrator(engine: Engine, username: str) -> Actor:
    with transaction(engine) as db:
        account_id = staff.create(db, username, username, None, ["admin@all"], "a-long-password")
        return Actor(account_id, username, tuple(staff.grants_of(db, account_id)))


def enabled(engine: Engine) -> list[str]:
    holders = select(RoleGrant.account_id).where(RoleGrant.role == "admin")
    wanted = select(Account.username).where(Account.id.in_(holders), Account.enabled)
    with transaction(engine) as db:
        return sorted(str(name) for name in db.execute(wanted).scalars())


def test_two_administrators_who_disable_each_other_leave_one(island: Island) -> None:
    engine = island.kit.engine
    ann, bob = (administrator(engine, name) for name in ("ann", "bob"))
    disabled(engine, "admin")
    refused: list[DomainError] = []
    began = threading.Event()

    def second() -> None:
        try:
            with transaction(engine) as db:
                began.set()
                staff.disable(db, "ann", bob)
        except DomainError as error:
            refused.append(error)

    thread = threading.Thread(target=second)
    with transaction(engine) as db:
        staff.disable(db, "bob", ann)
        thread.start()
        assert began.wait(10)
    thread.join(10)
    assert enabled(engine) == ["ann"]
    assert [type(one) for one in refused] == [Conflict]
    with transaction(engine) as db:
        staff.enable(db, ann, "admin")
        staff.disable(db, "ann")


def disabled(engine: Engine, username: str) -> None:
    with transaction(engine) as db:
        staff.disable(db, username)


def demoted(engine: Engine, username: str) -> None:
    with transaction(engine) as db:
        named = select(Account.__table__).where(Account.username == username)
        row: Any = db.execute(named).one()
        seen = staff.version_of(row, staff.grants_of(db, row.id))
        person = staff.Person(row.display_name, None, is_head=False, roles=["supervisor@all"])
        staff.change(db, Actor(None, "another"), username, seen, person)


def demoted_by_a_table(engine: Engine, username: str) -> None:
    text = f"username,display_name,unit,roles,head\n{username},x,,supervisor@all,\n"
    with transaction(engine) as db:
        import_accounts(db, text.encode(), "accounts.csv")


@pytest.mark.parametrize("way", [disabled, demoted, demoted_by_a_table])
def test_the_last_administrator_stays(island: Island, way: Callable[[Engine, str], None]) -> None:
    (last,) = enabled(island.kit.engine)
    with pytest.raises(Conflict, match="至少要有一位"):
        way(island.kit.engine, last)
    assert enabled(island.kit.engine) == [last]


def test_generated_passwords_are_legible_and_differ() -> None:
    made = {staff.generated_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) == 14
        assert not set(password) & set("01oilOIL")
