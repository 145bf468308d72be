"""Passwords that an older version generated for an import are known by the upgrade."""

from pathlib import Path

from app.services import account
from tests.conftest import Servers
from tests.island import island


def test_passwords_of_imports_are_known_as_generated(servers: Servers, tmp_path: Path) -> None:
    with island(servers, tmp_path) as found:
        assert found.flask("db", "downgrade", "0008")[0] == 0
        with found.superuser() as server:
            server.execute(
                "UPDATE account SET password_hash = %s WHERE username = 'unit8'",
                [account.hash_generated("abcd-efgh-jkmn")],
            )
        assert found.flask("db", "upgrade")[0] == 0
        marked = "SELECT string_agg(username, ' ') FROM account WHERE password_generated"
        assert found.one(marked) == "unit8"
