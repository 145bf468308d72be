"""Months: which are frozen, and what the others wait for."""

from flask import Response

from app.auth import Access, access, kit
from app.console.audit.asked import HOME, address, carried, given
from app.console.audit.frame import menu
from app.console.pages import pages, render, work
from app.services import audit_freeze
from app.services.audit_selection import require_auditor


@pages.get("/audit/months")
@access(Access.STAFF)
def audit_months_page() -> Response:
    with work(kit().autocommit) as here:
        require_auditor(here.actor)
        found = audit_freeze.months(here.db, here.atlas)
    kept = carried(given(), without=("period", "since", "until"))
    items = [
        one
        | {
            "name": f"{one['month'][:4]}年{int(one['month'][5:])}月",
            "figures": address(HOME, kept | {"period": one["month"]}),
        }
        for one in found
    ]
    return render("audit/months.html", 200, here.actor, items=items, menu=menu(given()))
