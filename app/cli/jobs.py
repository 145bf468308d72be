"""`flask jobs`: what waits, what failed."""

import click
from flask.cli import AppGroup

from app.cli.work import work
from app.services import outbox
from models.moment import local

group = AppGroup("jobs", help="Work done after a commit.")


@group.command("status")
def status() -> None:
    """Count the jobs that wait and those that failed."""
    with work() as db:
        waiting, failed = outbox.backlog(db)
    click.echo(f"等待 {waiting}，失败 {failed}")


@group.command("failed")
def failed() -> None:
    """List the failed jobs, the latest first: id, time, job, arguments, error."""
    with work() as db:
        for job in outbox.failed(db):
            error = (job.error or "").strip().rpartition("\n")[2]
            args = " ".join(f"{name}={value}" for name, value in job.args.items())
            click.echo("\t".join((str(job.id), local(job.failed_at), job.job, args, error)))


@group.command("retry")
@click.argument("job_ids", nargs=-1, type=int, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="All failed jobs.")
def retry(job_ids: tuple[int, ...], every: bool) -> None:
    """Send failed jobs again: those named, or all."""
    if every == bool(job_ids):
        raise click.UsageError("give either ids or --all")
    with work() as db:
        sent = outbox.retry(db, None if every else job_ids)
    click.echo(f"已重新安排 {sent} 个任务")
