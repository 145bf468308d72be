"""`flask db`: the schema, up, down and checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from app.services.safe import Safe
from config import Settings
from models.db import connect, transaction

group = AppGroup("db", help="The database's schema.")
ROOT = Path(__file__).resolve().parents[2]
APPEND_ONLY = ("ledger_entry", "anchor", "anchor_head", "audit_frozen_month", "audit_frozen_round")


@contextmanager
def _alembic(settings: Settings) -> Iterator[tuple[Config, Connection]]:
    """Alembic on one connection of the schema's owner; waits for locks briefly, not for ever."""
    engine = connect(settings.owner_url, pool_size=1, statement_timeout_ms=3_600_000)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    try:
        with transaction(engine) as db:
            db.execute(text("SET LOCAL lock_timeout = '10s'"))
            config.attributes["connection"] = db
            config.attributes["safe"] = Safe.of(settings.data_key, settings.data_dir)
            yield config, db
    finally:
        engine.dispose()


def upgrade(settings: Settings) -> None:
    """Brings the schema to the newest migration and lets the application's role use it."""
    with _alembic(settings) as (config, db):
        command.upgrade(config, "head")
        _grant(db, settings)


def _grant(db: Connection, settings: Settings) -> None:
    """The application reads and writes rows; on the ledger it may only read and append."""
    app_role = make_url(settings.database_url).username
    if app_role is None or app_role == make_url(settings.owner_url).username:
        return
    role = db.dialect.identifier_preparer.quote(app_role)
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    ):
        db.execute(text(statement))


def _settings() -> Settings:
    settings: Any = current_app.extensions["kit"].settings
    return settings  # type: ignore[no-any-return]


@group.command("upgrade")
def upgrade_command() -> None:
    """Bring the schema to the newest migration."""
    upgrade(_settings())
    click.echo("schema is up to date")


@group.command("downgrade")
@click.argument("revision")
def downgrade_command(revision: str) -> None:
    """Take the schema back to REVISION (`base`: to nothing)."""
    with _alembic(_settings()) as (config, _):
        command.downgrade(config, revision)


@group.command("check")
def check_command() -> None:
    """Compare the newest migration with the models; exit 1 names what differs."""
    try:
        with _alembic(_settings()) as (config, _):
            command.check(config)
    except CommandError as error:
        raise click.ClickException(str(error)) from None
