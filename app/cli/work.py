"""What commands share: one transaction, refusals as lines on stderr, summaries as one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection

from app.auth import kit
from app.services.import_batch import Summary
from app.services.import_headings import KIND_LABELS
from models.db import transaction
from models.errors import DomainError


@contextmanager
def work() -> Iterator[Connection]:
    """The command's unit of work; a refusal names every fault and ends it with exit code 1."""
    with refusals(), transaction(kit().engine) as db:
        yield db


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal names every fault and ends the command with exit code 1."""
    try:
        yield
    except DomainError as error:
        click.echo(error.detail, err=True)
        for fault in error.faults:
            click.echo(f"{fault.pointer or '/'}：{fault.message}", err=True)
        raise click.exceptions.Exit(1) from None


def say(summary: Summary) -> None:
    """One line for what was done, then one for each warning on stderr."""
    label = KIND_LABELS[summary.kind]
    if summary.unchanged:
        click.echo(f"{label}：内容与上次相同，未作改动")
        return
    click.echo(
        f"{label}：{summary.rows} 行，新增 {summary.added}，停用 {summary.ended}，"
        f"版本 {summary.revision}"
    )
    for warning in summary.warnings:
        click.echo(f"提醒：{warning}", err=True)
