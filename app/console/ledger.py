"""The ledger of one case, for people: every row, and whether the chain holds."""

from typing import Any

from flask import Response, request

from app.auth import Access, Work, access, kit
from app.console.pages import pages, render, work
from app.services import case, ledger
from app.services.case_clock import names_of
from app.services.case_view import reporter_name
from models.account import ROLE_LABELS, Role
from models.status import ACTION_LABELS, STATUS_LABELS, Action, Status


@pages.get("/cases/<number>/ledger")
@access(Access.STAFF)
def case_ledger(number: str) -> Response:
    """The rows; with `verify` all hashes are computed anew."""
    with work(kit().engine) as here:
        found = case.scoped(here.db, here.actor, number)
        entries = ledger.entries(here.db, found.id)
        people = {f"worker:{e.actor['account']}" for e in entries if "account" in e.actor}
        names = names_of(here.db, here.atlas, people | {e.holder for e in entries})
        rows = [_row(here, entry, names) for entry in entries]
        checked = _verified(here, found.number) if "verify" in request.args else None
        anchored = ledger.anchored(here.db, found.number)
    return render(
        "ledger.html",
        200,
        here.actor,
        number=found.number,
        rows=rows,
        checked=checked,
        anchored=anchored,
    )


def _verified(here: Work, number: str) -> dict[str, Any]:
    count, bad = ledger.verify(here.db, number)
    return {"count": count, "bad": bad}


def _row(here: Work, entry: Any, names: dict[str, str]) -> dict[str, Any]:
    actor = entry.actor
    over = entry.holder == "none" and Status(entry.to_status) is not Status.SUSPENDED
    if "reporter" in actor:
        who = reporter_name(actor["reporter"])
    else:
        who = names.get(f"worker:{actor.get('account')}", "系统")
    role = ROLE_LABELS[Role(actor["role"])] if "role" in actor else ""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "who": who,
        "role": role,
        "unit": here.atlas.unit_name(actor.get("unit")),
        "action": ACTION_LABELS[Action(entry.action)],
        "from": STATUS_LABELS[Status(entry.from_status)] if entry.from_status else None,
        "to": STATUS_LABELS[Status(entry.to_status)],
        "holder": "—" if over else names.get(entry.holder, entry.holder),
        "hash": entry.hash.hex(),
    }
