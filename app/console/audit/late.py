"""Late cases: by how much, and who held them."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from app.auth import Access, Work, access, download, kit
from app.console.audit import told
from app.console.audit.asked import HOME, Asked, Unanswerable, address, ask, must
from app.console.audit.figures import Kind
from app.console.audit.frame import audit_page
from app.console.audit.turning import RowsOf, turned
from app.console.pages import pages, work
from app.schemas.audit import LateQuery
from app.services import audit_cases, audit_sheets
from app.services.audit_answer import every
from app.services.sheet import Sheet

PATH = f"{HOME}/late"
STATES = {"all": "全部", "open": "尚未处置", "closed": "已处置"}


@pages.get("/audit/late")
@access(Access.STAFF)
def audit_late_page() -> Response:
    with work(kit().autocommit) as here:
        asked = ask(here, LateQuery)
        shown = {} if isinstance(asked, Unanswerable) else _shown(here, asked)
        return audit_page("late.html", here, asked, PATH, **shown)


def _rows_of(here: Work, asked: Asked[LateQuery]) -> RowsOf:
    return lambda after, limit: audit_cases.late(
        here.db,
        asked.wanted,
        asked.here,
        here.atlas,
        asked.query.state,
        after=after,
        limit=limit,
    )


def _shown(here: Work, asked: Asked[LateQuery]) -> dict[str, Any]:
    page, turning = turned(asked, PATH, _rows_of(here, asked))
    found = audit_cases.lateness(here.db, here.atlas, asked.here, page)
    return turning | {
        "items": [_row(one) for one in found],
        "states": [
            (label, _state_link(asked, name), name == asked.query.state)
            for name, label in STATES.items()
        ],
        "state": asked.query.state,
    }


def _state_link(asked: Asked[LateQuery], name: str) -> str:
    kept = {key: value for key, value in asked.given.items() if key != "cursor"}
    return address(PATH, kept | {"state": name})


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return dict(one) | {
        "worked": told.worked(one["late_working_seconds"]),
        "clock": told.by_the_clock(one["late_seconds"]),
        "held_by": [
            (held["holder_name"], told.worked(held["working_seconds"]))
            for held in one["held_since_due"]
        ],
    }


@pages.get("/audit/late.<any(xlsx, csv):kind>")
@access(Access.STAFF)
def audit_late_file(kind: Kind) -> Response:
    """The same list whole, as a file."""

    def sheet(here: Work) -> Sheet:
        asked = must(ask(here, LateQuery))
        rows = every(
            _rows_of(here, asked),
            lambda page: audit_cases.lateness(here.db, here.atlas, asked.here, page),
        )
        return audit_sheets.cases("超时案卷", asked.about(), rows)

    return download(kind, sheet)
