"""`flask catalogue`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.area import FILE
from app.cli.work import say, work
from app.services.district_import import import_catalogue, import_fields

group = AppGroup("catalogue", help="Categories of cases.")


@group.command("import")
@click.argument("file", type=FILE)
def import_command(file: Path) -> None:
    """Make the categories those of FILE (CSV); categories that it lacks are retired."""
    with work() as db:
        summary = import_catalogue(db, file.read_bytes(), file.name)
    say(summary)


@group.command("fields")
@click.argument("file", type=FILE)
def fields_command(file: Path) -> None:
    """Make the extra fields of categories those of FILE (CSV)."""
    with work() as db:
        summary = import_fields(db, file.read_bytes(), file.name)
    say(summary)
