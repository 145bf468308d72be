"""The flask commands: an edge like the API, for those who run the service."""

from flask import Flask

from app.cli import account, area, calendar, catalogue, db, duty, jobs, ledger, setup


def register(app: Flask) -> None:
    """Adds every command to `flask`."""
    for command in (
        db.group,
        area.areas,
        area.units,
        area.responsibilities,
        duty.group,
        calendar.group,
        catalogue.group,
        account.group,
        jobs.group,
        ledger.group,
        setup.command,
    ):
        app.cli.add_command(command)
