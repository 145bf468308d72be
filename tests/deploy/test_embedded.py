"""The embedded servers: who may do what, and that nothing remains."""

import socket
from collections.abc import Iterator

import psycopg
import pytest

from deploy.embedded import EmbeddedPostgres, EmbeddedValkey, temporary_servers

Servers = tuple[EmbeddedPostgres, EmbeddedValkey]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """One pair of servers for this file."""
    with temporary_servers() as pair:
        yield pair


def test_trigrams_of_chinese_text_are_not_empty(servers: Servers) -> None:
    with psycopg.connect(servers[0].owner_url) as db:
        db.execute("CREATE EXTENSION pg_trgm")
        row = db.execute("SELECT cardinality(show_trgm('暴露垃圾'))").fetchone()
        db.rollback()
    assert row == (5,)


def test_the_application_may_not_create_tables(servers: Servers) -> None:
    with (
        psycopg.connect(servers[0].app_url) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        db.execute("CREATE TABLE mine (n int)")


def test_a_wrong_password_is_refused(servers: Servers) -> None:
    postgres, _ = servers
    url = f"postgresql://postgres:wrong@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_another_database_is_created_once_and_owned_by_the_owner(servers: Servers) -> None:
    postgres, _ = servers
    postgres.create_database("another")
    postgres.create_database("another")
    with psycopg.connect(postgres.url("suishoupai_owner", "another")) as db:
        db.execute("CREATE TABLE mine (n int)")


def test_the_broker_wants_its_password(servers: Servers) -> None:
    _, valkey = servers
    with socket.create_connection(("127.0.0.1", valkey.port), timeout=10) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


def test_nothing_remains_of_temporary_servers() -> None:
    with temporary_servers() as (postgres, valkey):
        home, ports = postgres.home, (postgres.port, valkey.port)
    assert not home.exists()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=10)
