"""One figure of units, areas or months beside the period before and the year before."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask import Response

from app.auth import Access, Work, access, download, kit
from app.console.audit import charts
from app.console.audit.asked import (
    HOME,
    Asked,
    Unanswerable,
    address,
    ask,
    carried,
    in_words,
    must,
)
from app.console.audit.figures import Kind, cases
from app.console.audit.frame import audit_page
from app.console.pages import pages, work
from app.schemas.audit import FigureName, PeriodQuery
from app.services import audit_comparison, audit_sheets
from app.services.audit_selection import GROUPS
from app.services.sheet import Sheet
from models.measures import COUNTS, FIGURES
from models.period import Period, next_month

PATH = f"{HOME}/comparison"
COMPARED = ("unit", "root_unit", "street", "community", "month")


class ComparisonPage(PeriodQuery):
    group_by: Literal["unit", "root_unit", "street", "community", "month"] = "unit"
    figure: FigureName = "resolution_in_time_rate"


@pages.get("/audit/comparison")
@access(Access.STAFF)
def audit_comparison_page() -> Response:
    with work(kit().autocommit) as here:
        asked = ask(here, ComparisonPage)
        shown = {} if isinstance(asked, Unanswerable) else _shown(here, asked)
        return audit_page(
            "comparison.html",
            here,
            asked,
            PATH,
            groups={name: GROUPS[name] for name in COMPARED},
            figures=FIGURES,
            counts=COUNTS,
            **shown,
        )


def _found(here: Work, asked: Asked[ComparisonPage]) -> dict[str, Any]:
    query, wanted = asked.query, asked.wanted
    if query.group_by != "month":
        return audit_comparison.comparison(here.db, here.atlas, wanted, asked.here, query.figure)
    rows = audit_comparison.months(here.db, here.atlas, wanted, asked.here, query.figure)
    items = [row | {"name": f"{row['month']:%Y}年{row['month'].month}月"} for row in rows]
    return {"figure": query.figure, "total": None, "items": items}


def _shown(here: Work, asked: Asked[ComparisonPage]) -> dict[str, Any]:
    found = _found(here, asked)
    by_month = asked.query.group_by == "month"
    rows = [row | {"cases": _cases(asked, row)} for row in found["items"]]
    links = [
        (kind.upper(), address(f"{PATH}.{kind}", dict(asked.given))) for kind in ("xlsx", "csv")
    ]
    shown = {
        "figure": found["figure"],
        "one": FIGURES[found["figure"]],
        "by_month": by_month,
        "group": GROUPS[asked.query.group_by],
        "items": rows,
        "exports": links,
        "values": any(row["share"]["value"] is not None for row in rows),
    }
    if by_month:
        return shown | {"line": _line(rows)}
    return shown | {
        "total": found["total"] | {"cases": cases(asked, None, grouped=False)},
        "periods": {which: in_words(own) for which, own in found["periods"].items()},
        "earlier_frozen": found["earlier_frozen"],
    }


def _line(rows: Sequence[Mapping[str, Any]]) -> charts.Line:
    present = [row["share"]["value"] for row in rows]
    earlier = [row["year"]["share"]["value"] for row in rows]
    return charts.line([f"{row['month'].month}月" for row in rows], present, earlier)


def _cases(asked: Asked[ComparisonPage], row: Mapping[str, Any]) -> str:
    """Where the cases behind a row's present numbers are, once a count is added."""
    if asked.query.group_by != "month":
        return cases(asked, row["key"], grouped=True)
    month = Period(row["month"], next_month(row["month"]))
    plain = carried(asked.given, without=("period", "since", "until"))
    query = plain | {"since": month.first.isoformat(), "until": month.last.isoformat()}
    return address(f"{HOME}/cases", query) + "&count="


@pages.get("/audit/comparison.<any(xlsx, csv):kind>")
@access(Access.STAFF)
def audit_comparison_file(kind: Kind) -> Response:
    """The same table as a file."""

    def sheet(here: Work) -> Sheet:
        asked = must(ask(here, ComparisonPage))
        return audit_sheets.comparison(asked.about() | _found(here, asked))

    return download(kind, sheet)
