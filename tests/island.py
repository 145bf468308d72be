"""A whole installation of its own for a test that commits: database, broker number, photos."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text

from app.cli import db as schema
from app.cli import setup
from app.factory import App, create_app
from app.kit import Kit
from config import Mode, Settings
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey
from deploy.postgres import OWNER, SUPERUSER
from tests.documented import DocumentedClient
from tests.drive import Drive

ROOT = Path(__file__).resolve().parents[1]
_TEMPLATE = "island_template"


@dataclass
class Island:
    """`drive` and `db` commit every statement; `superuser` is the way past every rule."""

    app: App
    kit: Kit
    db: Connection
    superuser_url: str
    drive: Drive
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @contextmanager
    def superuser(self, *, triggers: bool = True) -> Iterator[psycopg.Connection[Any]]:
        """What nobody should do; without `triggers` even the ledger can be altered."""
        with psycopg.connect(self.superuser_url, autocommit=True) as server:
            if not triggers:
                server.execute("SET session_replication_role = replica")
            yield server

    def flask(self, *arguments: str) -> tuple[int, str]:
        """Runs a flask command in this process: exit code, and output with errors."""
        done = self.app.test_cli_runner().invoke(args=arguments)
        return done.exit_code, done.output

    def environment(self) -> dict[str, str]:
        settings = self.kit.settings
        return {
            "APP_MODE": settings.app_mode.value,
            "DATABASE_URL": settings.database_url,
            "DATABASE_OWNER_URL": settings.database_owner_url,
            "REDIS_URL": settings.redis_url,
            "PHOTO_STORE": settings.photo_store,
            "DATA_DIR": str(settings.data_dir),
            "ANCHOR_DIR": str(settings.anchor_dir),
        }

    def launch(self, module: str, **variables: str) -> subprocess.Popen[bytes]:
        """A real process of the service: `workers.worker` and the like."""
        command = [sys.executable, "-m", module]
        process = subprocess.Popen(  # noqa: S603  (our own modules)
            command,
            cwd=ROOT,
            env=os.environ | self.environment() | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def one(self, statement: str, **values: Any) -> Any:
        """The first value of a statement's answer; None without rows."""
        return self.db.execute(text(statement), values).scalar()

    def run(self, statement: str, **values: Any) -> int:
        return self.db.execute(text(statement), values).rowcount

    def clear(self) -> None:
        """Removes every case and all that belongs to one; people and the district stay."""
        with self.superuser(triggers=False) as server:
            server.execute('TRUNCATE "case", photo, outbox, anchor, idempotency CASCADE')

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def eventually(check: Callable[[], Any], seconds: float = 30) -> bool:
    """Polls until true; the time only bounds a test that fails."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def island(
    servers: tuple[EmbeddedPostgres, EmbeddedValkey], folder: Path, **changes: Any
) -> Iterator[Island]:
    """A migrated demo database of its own, copied from one that the session makes once."""
    postgres, valkey = servers
    _make_template(postgres, valkey, folder)
    name = f"island_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as server:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        names = (sql.Identifier(part) for part in (name, _TEMPLATE, OWNER))
        server.execute(statement.format(*names))
    app = create_app(_settings(postgres, valkey, name, folder, **changes))
    app.test_client_class = DocumentedClient
    kit: Kit = app.extensions["kit"]
    connection = kit.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    drive = Drive(app.test_client(), connection, kit)
    found = Island(app, kit, connection, postgres.url(SUPERUSER, name), drive)
    try:
        yield found
    finally:
        found.end()
        connection.close()
        kit.close()
        with psycopg.connect(postgres.superuser_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _make_template(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, folder: Path) -> None:
    with psycopg.connect(postgres.superuser_url) as server:
        query = "SELECT true FROM pg_database WHERE datname = %s"
        if server.execute(query, [_TEMPLATE]).fetchone():
            return
    postgres.create_database(_TEMPLATE)
    settings = _settings(postgres, valkey, _TEMPLATE, folder)
    schema.upgrade(settings)
    kit = Kit.from_settings(settings)
    try:
        setup.seed_demo(kit)
    finally:
        kit.close()


def _settings(
    postgres: EmbeddedPostgres, valkey: EmbeddedValkey, name: str, folder: Path, **changes: Any
) -> Settings:
    settings = Settings(
        app_mode=Mode.DEMO,
        database_url=postgres.url(database=name),
        database_owner_url=postgres.url(OWNER, name),
        redis_url=f"{valkey.url.rpartition('/')[0]}/5",
        photo_store=f"file://{folder}/photos",
        data_dir=folder,
        anchor_dir=folder / "anchors",
        wechat_base_url="http://127.0.0.1:9",  # the discard port: nobody listens
        # Islands share a broker, and the ids of their people are the same.
        reports_per_hour=100_000,
        photos_per_hour=100_000,
    )
    return replace(settings, **changes)
