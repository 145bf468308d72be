"""`flask audit`: feed, rebuild, freeze and prove the audit."""

from datetime import datetime

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import work
from app.services import audit_cells, audit_feed, audit_freeze, audit_rebuild

group = AppGroup("audit", help="Figures for supervisors, made of the ledger.")
MONTH = click.argument("month", type=click.DateTime(["%Y-%m"]))


@group.command("follow")
def follow_command() -> None:
    """Bring the audit up to the ledger now; the clock does it by itself."""
    click.echo(f"已处理 {bring_up()} 条台账变动")


def bring_up() -> int:
    """Works the queue off and sums the months up; returns how many commits were followed."""
    atlas, done = kit().atlas(), 0
    while True:
        with work() as db:
            found = audit_feed.follow(db, atlas)
        if not found:
            break
        done += found
    while True:
        with work() as db:
            if not audit_cells.sum_up_stale(db):
                return done


@group.command("rebuild")
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
def rebuild_command(check: bool) -> None:
    """Make the audit anew from the whole ledger, and name what differed; exit 1 if anything did."""
    with work() as db:
        atlas = kit().atlas()
        progress = lambda line: click.echo(line, err=True)  # noqa: E731
        found = audit_rebuild.rebuild(db, atlas, progress, write=not check)
    for line in found:
        click.echo(line, err=True)
    if found:
        raise click.exceptions.Exit(1)
    click.echo("考核数据与台账一致")


@group.command("freeze")
@MONTH
def freeze_command(month: datetime) -> None:
    """Freeze the figures of MONTH (`2026-10`); the clock does it once its appeals are decided."""
    with work() as db:
        frozen = audit_freeze.freeze(db, kit().atlas(), month.date())
    click.echo(f"{frozen['month']} 已封存：{frozen['cases']} 个案卷，{frozen['heads_sha256']}")


@group.command("recompute")
@MONTH
def recompute_command(month: datetime) -> None:
    """Prove the frozen figures of MONTH from the ledger, or name what differs (exit 1)."""
    with work() as db:
        found = list(audit_freeze.recompute(db, kit().atlas(), month.date()))
    for line in found:
        click.echo(line, err=True)
    if found:
        raise click.exceptions.Exit(1)
    click.echo(f"{month:%Y-%m} 的封存指标与台账一致")
