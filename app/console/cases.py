"""The list of cases; what is looked at stands in the address."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from pydantic import ValidationError

from app.auth import Access, Work, access, download, kit
from app.console import columns, forms, words
from app.console.pages import RECORDERS, pages, render, work
from app.errors import faults_of
from app.schemas.case import CaseQuery, next_cursor
from app.services import case_list, case_sheet, case_view, saved_view
from models.area import Level
from models.errors import FieldFault
from models.routing import Atlas
from models.status import STATUS_LABELS
from models.submission import SOURCE_LABELS

PAGE = 50
LIST = "/console/cases"
TABS: tuple[tuple[str, dict[str, str]], ...] = (
    ("待我办理", {"holder": "me", "sort": "due_at"}),
    ("全部在办", {"sort": "due_at"}),
    ("已超期", {"overdue": "true", "sort": "due_at"}),
    ("全部案卷", {}),
)
FILTERS = ("q", "status", "category", "unit", "area", "source", "from", "to")
PAGES_OWN = frozenset({"columns", "from", "to"})
"""What stands in the address for the page itself; the rest is the API's query."""


@pages.get("/cases")
@access(Access.STAFF)
def cases() -> Response:
    """A page of the list; a filter that makes no sense is named, and left out."""
    given = _given()
    faults: list[FieldFault] = []
    try:
        query = _query(given | {"limit": str(PAGE)})
    except ValidationError as error:
        faults, query = faults_of(error), CaseQuery(limit=PAGE)
    now = datetime.now(UTC)
    with work(kit().autocommit) as here:
        rows = case_list.cases(here.db, here.atlas, here.actor, query.filter())
        views = saved_view.views(here.db, here.actor)
    page = rows[:PAGE]
    shown = [_row(here.atlas, case_view.brief(here.atlas, row, now), now) for row in page]
    more = next_cursor(query, page[-1]) if len(rows) > PAGE else None
    chosen = {name: value for name, value in given.items() if name != "cursor"}
    return render(
        "cases.html",
        422 if faults else 200,
        here.actor,
        rows=shown,
        given=chosen,
        address=urlencode(chosen),
        faults=faults,
        columns=columns.chosen([given.get("columns", "")]),
        all_columns=columns.COLUMNS,
        views=[_view(view, chosen) for view in views],
        tabs=[_tab(label, wanted, chosen) for label, wanted in TABS],
        options=_options(here.atlas),
        next_page=_url(chosen | {"cursor": more}) if more else None,
        first_page=_url(chosen) if "cursor" in given else None,
        export=_url(chosen, f"{LIST}.xlsx"),
        filtered=any(name in chosen for name in FILTERS),
        assigns=here.actor.holds(*RECORDERS),
    )


def _given() -> dict[str, str]:
    """What the address asks for, without what is blank; columns in one."""
    given = {name: value for name, value in request.args.items() if value.strip()}
    picked = ",".join(request.args.getlist("columns"))
    return given | ({"columns": picked} if picked else {})


def _query(given: dict[str, str]) -> CaseQuery:
    """The API's query; days are whole days here.

    Raises:
        ValidationError: names what makes no sense.
    """
    asked = {name: value for name, value in given.items() if name not in PAGES_OWN}
    for name, bound, days in (("from", "since", 0), ("to", "until", 1)):
        if name in given:
            asked[bound] = _midnight(given[name], days)
    return CaseQuery.model_validate(asked)


def _midnight(day: str, days: int) -> str:
    """The beginning of the day so many days later; what is no day is left for validation."""
    try:
        there = date.fromisoformat(day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return day
    return words.midnight(there).isoformat()


def _view(view: Any, chosen: dict[str, str]) -> dict[str, Any]:
    query = urlencode(chosen)
    return {
        "id": view.id,
        "name": view.name,
        "url": f"{LIST}?{view.query}" if view.query else LIST,
        "current": view.query == query,
    }


def _tab(label: str, wanted: dict[str, str], chosen: dict[str, str]) -> dict[str, Any]:
    kept = {name: chosen[name] for name in (*FILTERS, "columns") if name in chosen}
    own = {n: value for n, value in chosen.items() if n not in (*FILTERS, "columns")}
    return {
        "label": label,
        "url": _url(kept | wanted),
        "current": own == wanted,
    }


def _options(atlas: Atlas) -> dict[str, Any]:
    areas = [a for a in atlas.areas.values() if a.level in (Level.STREET, Level.COMMUNITY)]
    return {
        "status": [{"value": s.value, "label": label} for s, label in STATUS_LABELS.items()],
        "unit": forms.units(atlas),
        "area": [{"value": a.code, "label": a.name} for a in areas],
        "source": [{"value": s.value, "label": label} for s, label in SOURCE_LABELS.items()],
        "groups": forms.groups(atlas),
    }


def _url(query: dict[str, str], path: str = LIST) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _row(atlas: Atlas, one: dict[str, Any], now: datetime) -> dict[str, Any]:
    return columns.named(atlas, one) | {
        "deadline": words.deadline(atlas, SimpleNamespace(**one), now)
    }


@pages.get("/cases.xlsx")
@access(Access.STAFF)
def export() -> Response:
    """The same list as a spreadsheet, whole."""
    query = _query(_given())
    asked = query.model_dump(exclude={"cursor", "limit", "format"})

    def sheet(here: Work) -> Any:
        wanted = replace(query.filter(), after=None)
        return case_sheet.sheet(here.db, here.atlas, here.actor, wanted, asked)

    return download("xlsx", sheet)
