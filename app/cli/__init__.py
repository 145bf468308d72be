"""The flask commands: an edge like the API, for those who run the service."""

from flask import Flask

from app.cli import (
    account,
    area,
    audit,
    calendar,
    catalogue,
    codes,
    db,
    doctor,
    duty,
    history,
    jobs,
    keys,
    ledger,
    messages,
    open311,
    setup,
    spot_check,
)


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
        codes.group,
        messages.group,
        doctor.group,
        account.group,
        keys.group,
        open311.group,
        jobs.group,
        ledger.group,
        audit.group,
        history.group,
        spot_check.group,
        setup.command,
    ):
        app.cli.add_command(command)
