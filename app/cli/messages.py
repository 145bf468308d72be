"""`flask messages`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.area import FILE
from app.cli.work import say, work
from app.services.message_import import import_messages

group = AppGroup("messages", help="WeChat's subscribe messages.")


@group.command("import")
@click.argument("file", type=FILE)
def import_command(file: Path) -> None:
    """Make the table of messages that of FILE (CSV): which event sends which template."""
    with work() as db:
        summary = import_messages(db, file.read_bytes(), file.name)
    say(summary)
    click.echo("请运行 flask doctor wechat，核对模板编号和字段")
