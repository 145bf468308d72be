"""Throw-away servers for the session, one savepoint per test, one factory per model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import Connection, Engine

from app.cli import db as schema
from app.cli import setup
from app.clients.wechat import WeChat
from app.factory import App, create_app
from app.kit import Kit
from config import Mode, Settings
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey, temporary_servers
from models.routing import Atlas
from tests.documented import DocumentedClient
from tests.drive import Drive
from tests.fake_wechat import FakeWeChat

Servers = tuple[EmbeddedPostgres, EmbeddedValkey]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with temporary_servers() as found:
        yield found


@pytest.fixture(scope="session")
def settings(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A migrated database with the demo district in it."""
    postgres, valkey = servers
    folder = tmp_path_factory.mktemp("data")
    return Settings(
        app_mode=Mode.DEMO,
        database_url=postgres.app_url,
        database_owner_url=postgres.owner_url,
        redis_url=valkey.url,
        photo_store=f"file://{folder}/photos",
        data_dir=folder,
        anchor_dir=folder / "anchors",
        public_url="http://photos.test",
        wechat_base_url="http://127.0.0.1:9",  # the discard port: nobody listens
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[App]:
    """The application on the demo district."""
    schema.upgrade(settings)
    found = create_app(settings)
    found.test_client_class = DocumentedClient
    kit: Kit = found.extensions["kit"]
    setup.seed_demo(kit)
    yield found
    kit.close()


@pytest.fixture(scope="session")
def kit(app: App) -> Kit:
    found: Kit = app.extensions["kit"]
    return found


@pytest.fixture(scope="session")
def engine(kit: Kit) -> Engine:
    return kit.engine


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are gone after the test."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def atlas(kit: Kit) -> Atlas:
    return kit.atlas()


class OneConnection:
    """Stands in for an engine: every unit of work is a savepoint on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._connection.begin_nested():
            yield self._connection


@pytest.fixture
def wechat() -> FakeWeChat:
    """WeChat as the test wants it, in place of the client."""
    return FakeWeChat()


@pytest.fixture
def drive(app: App, kit: Kit, db: Connection, wechat: FakeWeChat) -> Iterator[Drive]:
    """The application over HTTP shapes, on the test's own transaction."""
    one = cast("Engine", OneConnection(db))
    own = replace(kit, engine=one, autocommit=one, wechat=cast("WeChat", wechat))
    app.extensions["kit"] = own
    yield Drive(app.test_client(), db, own)
    app.extensions["kit"] = kit
