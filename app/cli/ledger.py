"""`flask ledger`: verify the history of cases, anchor it."""

from datetime import timedelta
from typing import BinaryIO

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import work
from app.services import installation, ledger
from app.services.ledger import BadRow
from models.errors import NotFound

group = AppGroup("ledger", help="The append-only history of cases.")


@group.command("verify")
@click.argument("number", required=False)
def verify(number: str | None) -> None:
    """Recompute all chains, or that of case NUMBER, then the anchors; exit 1 at a bad row."""
    with work() as db:
        rows, bad = ledger.verify(db, number)
        if number is not None and rows == 0 and bad is None:
            raise NotFound(f"没有案卷 {number}")
    if number is not None:
        return _report(rows, "rows", bad)
    anchors, anchor_bad = 0, None
    if bad is None:
        with work() as db:
            anchors, anchor_bad = ledger.verify_anchors(db, kit().settings.anchor_dir)
    first = bad or anchor_bad
    with work() as db:
        said = f"{first.where}：{first.why}" if first else None
        installation.note_verification(db, rows, anchors, said)
    _report(rows, "rows", bad)
    return _report(anchors, "anchors", anchor_bad)


def _report(count: int, what: str, bad: BadRow | None) -> None:
    if bad is not None:
        click.echo(f"{bad.where}：{bad.why}", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{count} {what} ok")


@group.command("export")
@click.argument("file", type=click.File("wb"))
def export(file: BinaryIO) -> None:
    """Write every entry of every case to FILE (`-`: the screen), one JSON object a line, oldest
    case first, in the form that docs/ledger.md explains."""
    with work() as db:
        file.writelines(line + b"\n" for line in ledger.exported(db))


@group.command("anchor")
def anchor() -> None:
    """Anchor the chains that moved, and write the anchor file's missing lines."""
    with work() as db:
        line = ledger.anchor(db, every=timedelta(0))
    with work() as db:
        written = ledger.write_lines(db, kit().settings.anchor_dir)
    click.echo("没有新的台账需要锚定" if line is None else line)
    click.echo(f"anchors.jsonl：写入 {written} 行")
