"""`flask open311`."""

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import work
from app.services import endpoint
from models.errors import InvalidInput

group = AppGroup("open311", help="Units' own Open311 systems, which are sent their cases.")


@group.command("connect")
@click.argument("unit")
@click.argument("url")
@click.option(
    "--service",
    "services",
    multiple=True,
    help="CATEGORY=CODE: our category, or * for any other, and their service code; repeated.",
)
@click.option("--jurisdiction", help="Their jurisdiction_id.")
@click.option("--api-key", envvar="OPEN311_API_KEY", help="Their key; better in OPEN311_API_KEY.")
def connect(
    unit: str, url: str, services: tuple[str, ...], jurisdiction: str | None, api_key: str | None
) -> None:
    """Forward the cases of UNIT to the system at URL, and bring its updates back."""
    pairs = [one.partition("=") for one in services]
    if not all(sign for _, sign, _ in pairs):
        raise InvalidInput.at("/services", "--service 应如 street-light=001 或 '*=001'")
    with work() as db:
        endpoint.connect(
            db,
            kit().atlas(),
            kit().safe,
            unit=unit,
            url=url,
            jurisdiction=jurisdiction,
            api_key=api_key,
            services={ours.strip(): theirs.strip() for ours, _, theirs in pairs},
        )
    click.echo(f"已连接：{unit} 的案卷将转送 {url}")


@group.command("list")
def list_command() -> None:
    """Print every connected system, how many cases it was sent, and what is wrong."""
    with work() as db:
        rows = endpoint.listed(db)
    for row in rows:
        state = f"已转送 {row.sent - row.under_way} 件，在途 {row.under_way} 件"
        trouble = f"\t问题：{row.error}" if row.error else ""
        click.echo(f"{row.unit}\t{row.url}\t{state}{trouble}")
    if not rows:
        click.echo("没有连接外部系统；用 flask open311 connect 连接", err=True)


@group.command("disconnect")
@click.argument("unit")
def disconnect(unit: str) -> None:
    """Forward no more cases of UNIT."""
    with work() as db:
        endpoint.disconnect(db, unit)
    click.echo(f"已断开 {unit} 的外部系统")
