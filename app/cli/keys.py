"""`flask keys`."""

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import work
from app.services import api_key
from app.services.api_key import Right

group = AppGroup("keys", help="Keys of other systems that report by Open311.")
RIGHTS = {Right.READ: "查询", Right.WRITE: "上报"}


@group.command("create")
@click.argument("name")
@click.option("--service", "services", multiple=True, help="Only this category; may be repeated.")
@click.option("--area", "areas", multiple=True, help="Only in this area; may be repeated.")
@click.option("--only", type=click.Choice(list(Right)), help="Only this right; both without.")
@click.option("--per-hour", default=1000, show_default=True, help="Reports in an hour.")
def create(
    name: str, services: tuple[str, ...], areas: tuple[str, ...], only: Right | None, per_hour: int
) -> None:
    """Make a key for the system NAME; it is shown once."""
    with work() as db:
        rights = [only] if only else list(Right)
        key = api_key.make(db, kit().atlas(), name, services, areas, per_hour, rights)
    click.echo(key)
    click.echo("请妥善保存：密钥只显示这一次", err=True)


@group.command("list")
def list_command() -> None:
    """Print every key's name, scope and state."""
    with work() as db:
        for row in api_key.listed(db):
            scope = f"{'、'.join(row.services or ['全部类别'])}；{'、'.join(row.areas or ['全区'])}"
            rights = "、".join(RIGHTS[one] for one in row.rights)
            state = "已吊销" if row.revoked_at else f"每小时 {row.per_hour} 次"
            click.echo(f"{row.name}\t{rights}\t{scope}\t{state}")


@group.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke the key of the system NAME; it is dead at once."""
    with work() as db:
        api_key.revoke(db, name)
    click.echo(f"已吊销 {name} 的密钥")
