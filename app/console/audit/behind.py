"""The cases behind a number."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.auth import Access, Work, access, download, kit
from app.console.audit.asked import HOME, Asked, Unanswerable, address, ask, carried, must
from app.console.audit.figures import Kind
from app.console.audit.frame import audit_page
from app.console.audit.turning import RowsOf, turned
from app.console.pages import pages, work
from app.schemas.audit import CasesQuery
from app.services import audit_cases, audit_sheets
from app.services.audit_answer import every
from app.services.audit_groups import named
from app.services.audit_selection import GROUPS
from app.services.sheet import Sheet
from models.measures import COUNTS

PATH = f"{HOME}/cases"


@pages.get("/audit/cases")
@access(Access.STAFF)
def audit_cases_page() -> Response:
    with work(kit().autocommit) as here:
        asked = ask(here, CasesQuery)
        shown = {} if isinstance(asked, Unanswerable) else _shown(here, asked)
        return audit_page("behind.html", here, asked, PATH, **shown)


def _rows_of(here: Work, asked: Asked[CasesQuery]) -> RowsOf:
    return lambda after, limit: audit_cases.behind(
        here.db,
        asked.wanted,
        asked.here,
        asked.query.count,
        here.atlas,
        before_appeals=asked.query.before_appeals,
        after=after,
        limit=limit,
    )


def _shown(here: Work, asked: Asked[CasesQuery]) -> dict[str, Any]:
    page, turning = turned(asked, PATH, _rows_of(here, asked))
    kept = {name: asked.given[name] for name in ("group_by",) if name in asked.given}
    items = audit_cases.told(here.db, here.atlas, page)
    return turning | {
        "count": COUNTS[asked.query.count],
        "before_appeals": asked.query.before_appeals,
        "group_name": _group_name(here, asked, items),
        "items": items,
        "several": any(item["amount"] > 1 for item in items),
        "back": address(HOME, carried(asked.given) | kept),
    }


def _group_name(here: Work, asked: Asked[CasesQuery], items: Sequence[Any]) -> str | None:
    """What the group is called; the key itself where it is none that anybody knows."""
    group, key = asked.wanted.group_by, asked.wanted.key
    if group is None or key is None:
        return None
    if group == "worker" and key:  # only people in sight have names
        return f"{GROUPS[group]}：{items[0]['worker_name'] if items else key}"
    try:
        name = named(here.db, here.atlas, group, [key])[key]
    except (KeyError, ValueError):
        name = key
    return f"{GROUPS[group]}：{name}"


@pages.get("/audit/cases.<any(xlsx, csv):kind>")
@access(Access.STAFF)
def audit_cases_file(kind: Kind) -> Response:
    """The same list whole, as a file."""

    def sheet(here: Work) -> Sheet:
        asked = must(ask(here, CasesQuery))
        rows = every(
            _rows_of(here, asked), lambda page: audit_cases.told(here.db, here.atlas, page)
        )
        title = f"{COUNTS[asked.query.count].label}案卷"
        return audit_sheets.cases(title, asked.about(), rows)

    return download(kind, sheet)
