"""12345 tickets: a file of them is recorded, and what was answered to each is given back."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, request

from app.auth import Access, Work, access, download, kit
from app.console import words
from app.console.pages import RECORDERS, pages, render, work
from app.services import report, sheet_reader, ticket_replies, ticket_sheet
from app.services.sheet import Sheet
from app.services.ticket_sheet import Ticket
from app.uploads import files_sent
from models.account import Actor
from models.calendar import LOCAL
from models.errors import DomainError, Forbidden, ImportRefused, InvalidInput, SignedOut

MONTH = timedelta(days=30)
LONGEST = timedelta(days=366)


@pages.get("/report/tickets")
@access(Access.STAFF)
def tickets_page() -> Response:
    with work(kit().autocommit) as here:
        _require_recorder(here.actor)
    return _page(here.actor)


@pages.post("/report/tickets")
@access(Access.STAFF)
def take_tickets() -> Response:
    """Records each row in its own transaction: what is right is recorded though others are not,
    and the same file may be sent again, since a number is recorded once."""
    with work(kit().autocommit) as here:
        _require_recorder(here.actor)
        atlas = here.atlas
    try:
        sent = files_sent(request.files, 1, "/file")
        if not sent:
            raise InvalidInput.at("/file", "请选择文件")
        found = ticket_sheet.tickets(atlas, sheet_reader.rows(sent[0], "这个文件"))
    except (ImportRefused, InvalidInput) as error:
        return _page(here.actor, 422, message=error.detail, faults=error.faults)
    with work(kit().autocommit) as here:
        known = ticket_sheet.known(here.db, [one.number for one in found])
    outcomes = [_recorded(one, known) for one in found]
    refused = any(one["faults"] for one in outcomes)
    return _page(here.actor, 422 if refused else 200, outcomes=outcomes)


def _require_recorder(actor: Actor) -> None:
    if not actor.holds(*RECORDERS):
        raise Forbidden("只有受理派遣员和督查员可以代录")


def _recorded(ticket: Ticket, known: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"row": ticket.row, "number": ticket.number, "faults": ticket.faults}
    if ticket.given is None:
        return told
    here = kit()
    phone = here.safe.phone(ticket.given.contact_phone)
    try:
        with work(here.engine) as job:
            made = report.submit(job.db, job.atlas, job.actor, ticket.given, phone)
    except SignedOut:
        raise
    except DomainError as error:
        faults: list[Any] = [*ticket_sheet.headed(error.faults)]
        return told | {"faults": faults or [error]}
    return told | {"case": made["case_number"], "again": ticket.number in known}


def _page(
    actor: Actor,
    status: int = 200,
    message: str | None = None,
    faults: Any = (),
    outcomes: list[dict[str, Any]] | None = None,
) -> Response:
    today = datetime.now(LOCAL).date()
    return render(
        "tickets.html",
        status,
        actor,
        message=message,
        faults=faults,
        outcomes=outcomes,
        made=[one for one in outcomes or () if one.get("case") and not one["again"]],
        again=[one for one in outcomes or () if one.get("again")],
        refused=[one for one in outcomes or () if one["faults"]],
        columns=ticket_sheet.COLUMNS,
        needed=ticket_sheet.NEEDED,
        most=ticket_sheet.MOST_TICKETS,
        since=today - MONTH,
        until=today,
    )


@pages.get("/report/tickets/template.xlsx")
@access(Access.STAFF)
def ticket_template() -> Response:
    """An empty table with the headings."""

    def made(here: Work) -> Sheet:
        _require_recorder(here.actor)
        notes = [("必填", "、".join(ticket_sheet.NEEDED)), ("类别、网格", "填名称或编码")]
        columns = [(name, name) for name in ticket_sheet.COLUMNS]
        return Sheet("12345 工单", notes, columns, ())

    return download("xlsx", made)


@pages.get("/report/replies.xlsx")
@access(Access.STAFF)
def ticket_answers() -> Response:
    """What was answered to the tickets recorded on these days, both inclusive."""

    def made(here: Work) -> Sheet:
        _require_recorder(here.actor)
        first, last = _day("from"), _day("to")
        if not timedelta(0) <= last - first <= LONGEST:
            raise InvalidInput.at("/to", "结束日期应不早于开始日期，最多一年")
        since = words.midnight(first)
        until = words.midnight(last + timedelta(days=1))
        return ticket_replies.sheet(here.db, here.atlas, here.actor, since, until)

    return download("xlsx", made)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise InvalidInput.at(f"/{name}", "请选择日期") from None
