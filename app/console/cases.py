"""The list of cases; what is looked at stands in the address."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from pydantic import ValidationError

from app.auth import Access, Work, access, download, kit
from app.console import forms, words
from app.console.pages import pages, render, work
from app.errors import faults_of
from app.schemas.case import CaseQuery, next_cursor
from app.services import case_list, case_sheet, case_view
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
FILTERS = ("q", "status", "category", "unit", "area", "source")


@pages.get("/cases")
@access(Access.STAFF)
def cases() -> Response:
    """A page of the list; a filter that makes no sense is named, and left out."""
    given = {name: value for name, value in request.args.items() if value.strip()}
    faults: list[FieldFault] = []
    try:
        query = CaseQuery.model_validate(given | {"limit": PAGE, "format": "json"})
    except ValidationError as error:
        faults, query = faults_of(error), CaseQuery(limit=PAGE)
    now = datetime.now(UTC)
    with work(kit().autocommit) as here:
        rows = case_list.cases(here.db, here.atlas, here.actor, query.filter())
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
        faults=faults,
        tabs=[_tab(label, wanted, chosen) for label, wanted in TABS],
        options=_options(here.atlas),
        next_page=_url(chosen | {"cursor": more}) if more else None,
        first_page=_url(chosen) if "cursor" in given else None,
        export=_url(chosen, f"{LIST}.xlsx"),
        filtered=any(name in chosen for name in FILTERS),
    )


def _tab(label: str, wanted: dict[str, str], chosen: dict[str, str]) -> dict[str, Any]:
    kept = {name: chosen[name] for name in FILTERS if name in chosen}
    own = {name: value for name, value in chosen.items() if name not in FILTERS}
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
    return one | {"deadline": words.deadline(atlas, SimpleNamespace(**one), now)}


@pages.get("/cases.xlsx")
@access(Access.STAFF)
def export() -> Response:
    """The same list as a spreadsheet, whole."""
    query = CaseQuery.model_validate({k: v for k, v in request.args.items() if v.strip()})
    asked = query.model_dump(exclude={"cursor", "limit", "format"})

    def sheet(here: Work) -> Any:
        wanted = replace(query.filter(), after=None)
        return case_sheet.sheet(here.db, here.atlas, here.actor, wanted, asked)

    return download("xlsx", sheet)
