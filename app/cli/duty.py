"""`flask duties`."""

from datetime import datetime, timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.area import FILE
from app.cli.work import say, work
from app.services.district_import import add_leave, import_duties
from models.calendar import LOCAL

group = AppGroup("duties", help="Who checks the cases of which area when.")
WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@group.command("import")
@click.argument("file", type=FILE)
def import_command(file: Path) -> None:
    """Make the duties from today on those of FILE (CSV); the past stays."""
    with work() as db:
        summary = import_duties(db, file.read_bytes(), file.name)
    say(summary)


@group.command("leave")
@click.argument("username")
@click.argument("start", type=WHEN)
@click.argument("end")
def leave(username: str, start: datetime, end: str) -> None:
    """USERNAME is away from START to END, local time; a day without an hour counts whole."""
    until = WHEN.convert(end, None, None)
    if "T" not in end:
        until += timedelta(days=1)
    with work() as db:
        summary = add_leave(db, username, start.replace(tzinfo=LOCAL), until.replace(tzinfo=LOCAL))
    say(summary)
