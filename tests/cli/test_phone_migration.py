"""Numbers of an older version are encrypted by the upgrade, and come back by the way down."""

from pathlib import Path

from app.kit import Kit
from tests.conftest import Servers
from tests.island import Island, island

NUMBER = "13800138000"


def phone(found: Island) -> bytes | str:
    with found.superuser() as server:
        row = server.execute("SELECT phone FROM account WHERE username = 'unit8'").fetchone()
    assert row is not None
    value: bytes | str = row[0]
    return value


def test_numbers_survive_the_way_up_and_down(servers: Servers, tmp_path: Path) -> None:
    with island(servers, tmp_path) as found:
        kit: Kit = found.kit
        assert found.flask("db", "downgrade", "0002")[0] == 0
        with found.superuser() as server:
            server.execute("UPDATE account SET phone = %s WHERE username = 'unit8'", [NUMBER])
        assert found.flask("db", "upgrade")[0] == 0
        sealed = phone(found)
        assert isinstance(sealed, bytes)
        assert kit.safe.open(sealed) == NUMBER
        blind = kit.safe.phone(NUMBER)
        assert blind is not None
        stored = "SELECT phone_blind FROM account WHERE username = 'unit8'"
        assert found.one(stored) == blind.blind
        assert found.flask("db", "downgrade", "0002")[0] == 0
        assert phone(found) == NUMBER
