"""`flask history`: play what happened with given times."""

from typing import BinaryIO

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.audit import bring_up
from app.cli.work import work
from app.services import history
from config import Mode

group = AppGroup("history", help="Histories for trials and demonstrations; never in production.")


@group.command("import")
@click.argument("file", type=click.File("rb"))
def import_command(file: BinaryIO) -> None:
    """Play FILE, JSON lines of reports and actions with their times, through the same services as
    people's requests; all of it or nothing. Prints the case numbers by name."""
    if kit().settings.app_mode is Mode.PRODUCTION:
        raise click.ClickException("正式环境不能导入历史")

    def progress(line: int) -> None:
        if line % 500 == 0:
            click.echo(f"{line} 行", err=True)

    with work() as db:
        numbers = history.play(db, kit().atlas(), file, progress)
    for name, number in numbers.items():
        click.echo(f"{name} {number}")
    bring_up()
