"""`flask spot-check`: make a draw again."""

import click
from flask.cli import AppGroup

from app.cli.work import work
from app.services import spot_check_proof

group = AppGroup("spot-check", help="Random draws of closed cases.")


@group.command("verify")
@click.argument("draw", type=int, metavar="ID")
def verify(draw: int) -> None:
    """Make draw ID again from its seed and compare the cases that it drew from with those of now;
    exit 1 if it does not come out the same, or a change is not explained by a reopening."""
    with work() as db:
        proof = spot_check_proof.prove(db, draw)
    click.echo("总体与哈希一致" if proof.kept else "总体与哈希不一致")
    click.echo("按种子重算，抽中的案卷相同" if proof.repeated else "按种子重算，抽中的案卷不同")
    for sign, changes in (("-", proof.gone), ("+", proof.come)):
        for one in changes:
            click.echo(f"{sign} {one.number}：{one.why}")
    if not proof.gone and not proof.come:
        click.echo("总体至今没有变化")
    if not proof.holds:
        raise click.exceptions.Exit(1)
