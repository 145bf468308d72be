"""`flask prepare`: what must be there before the service starts."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import Connection, select

from app.auth import kit
from app.cli.db import upgrade
from app.cli.work import say, work
from app.kit import Kit
from app.services import installation
from app.services.area import revision
from app.services.district_import import import_catalogue, import_district
from app.services.message_import import import_messages
from config import Mode
from models.catalogue import Category
from models.db import transaction
from models.errors import Conflict

DATA = Path(__file__).resolve().parents[2] / "data"
CATALOGUE = DATA / "catalogue.csv"
MESSAGES = DATA / "demo" / "messages.csv"


@click.command("prepare")
@with_appcontext
def command() -> None:
    """Upgrade the schema; give an empty database its first data."""
    settings = kit().settings
    upgrade(settings)
    click.echo("schema is up to date")
    with work() as db:
        installation.require_key(db, kit().safe)
    if settings.app_mode is Mode.DEMO:
        with work() as db:
            _seed_demo(db, settings.demo_password)
    else:
        with work() as db:
            _seed_catalogue(db)


def seed_demo(kit: Kit) -> None:
    """Imports the demo district into an empty database; leaves a demo database as it is.

    Raises:
        Conflict: the database has data and is no demo.
    """
    with transaction(kit.engine) as db:
        _seed_demo(db, kit.settings.demo_password)


def _seed_demo(db: Connection, password: str) -> None:
    if installation.is_demo(db):
        return
    if not installation.is_empty(db) or revision(db):
        raise Conflict("DATABASE_URL 的数据库已有数据，且不是演示库；演示请另用一个空数据库")
    for summary in import_district(db, CATALOGUE, DATA / "demo", password):
        say(summary)
    say(import_messages(db, MESSAGES.read_bytes(), MESSAGES.name))
    installation.mark_demo(db)


def _seed_catalogue(db: Connection) -> None:
    if db.execute(select(Category.code).limit(1)).first() is None:
        say(import_catalogue(db, CATALOGUE.read_bytes(), CATALOGUE.name))
