"""An installation as it is on its first day: one administrator, and nothing set up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from app.cli import db as schema
from app.factory import App, create_app
from app.kit import Kit
from app.services import staff
from config import Settings
from deploy.postgres import APP, OWNER
from models.db import transaction
from tests.conftest import Servers
from tests.console.desk import PASSWORD
from tests.documented import DocumentedClient

FIRST = "first"
"""User name of the only account; its password is the demo's."""


@contextmanager
def bare(servers: Servers, settings: Settings) -> Iterator[App]:
    postgres, name = servers[0], f"bare_{uuid4().hex[:12]}"
    postgres.create_database(name)
    own = replace(
        settings,
        database_url=postgres.url(APP, name),
        database_owner_url=postgres.url(OWNER, name),
    )
    schema.upgrade(own)
    app = create_app(own)
    app.test_client_class = DocumentedClient
    kit: Kit = app.extensions["kit"]
    try:
        with transaction(kit.engine) as db:
            staff.create(db, FIRST, "首位管理员", None, ["admin@all"], PASSWORD)
        yield app
    finally:
        kit.close()
