"""`flask calendar`."""

from datetime import datetime

import click
from flask.cli import AppGroup

from app.auth import kit
from app.cli.work import say, work
from app.services import area, calendar
from models.calendar import CALENDAR_LABELS, CALENDARS, OFFICE

group = AppGroup("calendar", help="Working days and hours, and local exceptions to them.")
DAY = click.DateTime(["%Y-%m-%d"])
WEEKDAYS = "一二三四五六日"
NAMED = click.option(
    "--calendar", "name", type=click.Choice(CALENDARS), default=OFFICE, show_default=True
)
UNTIL = click.option("--until", type=DAY, help="The last day, if there are several.")


@group.command("set")
@click.argument("day", type=DAY)
@click.argument("hours")
@NAMED
@UNTIL
@click.option("--note", required=True, help="Who decided so.")
def set_command(day: datetime, hours: str, name: str, until: datetime | None, note: str) -> None:
    """DAY is worked in HOURS (`08:30-12:00,14:30-17:30`, or `off`). Running servers notice;
    due times that stand already stay."""
    last = (until or day).date()
    with work() as db:
        written = "" if hours == "off" else hours
        summary = calendar.set_days(db, name, day.date(), last, written, note)
    say(summary)


@group.command("clear")
@click.argument("day", type=DAY)
@NAMED
@UNTIL
def clear_command(day: datetime, name: str, until: datetime | None) -> None:
    """DAY is again what the law says."""
    with work() as db:
        summary = calendar.clear_days(db, name, day.date(), (until or day).date())
    say(summary)


@group.command("show")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@NAMED
def show_command(month: datetime, name: str) -> None:
    """Each day of MONTH (`2026-11`) with its hours."""
    with work() as db:
        atlas = area.load(db, kit().settings.policy)
    click.echo(f"{CALENDAR_LABELS[name]}（{name}）{month:%Y-%m}")
    for row in calendar.month(atlas.calendars[name], month.date()):
        mark = "  例外" if row["local"] else ""
        day = row["day"]
        click.echo(f"{day} 周{WEEKDAYS[day.weekday()]}  {row['hours'] or '休息'}{mark}")
    for warning in calendar.warnings(atlas, month.date()):
        click.echo(f"提醒：{warning}", err=True)
