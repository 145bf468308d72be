"""Counts and figures of a period: in total, and by group; every number opens its cases."""

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response

from app.auth import Access, Work, access, download, kit
from app.console.audit.asked import HOME, Asked, Unanswerable, address, ask, carried, must
from app.console.audit.frame import audit_page
from app.console.pages import pages, work
from app.schemas.audit import FiguresQuery, GroupBy
from app.services import audit_comparison, audit_figures, audit_sheets
from app.services.audit_answer import asked_again
from app.services.audit_selection import GROUPS
from app.services.sheet import Sheet
from models.area import TREE, Level
from models.calendar import LOCAL
from models.measures import COUNTS, FIGURES

MAIN = (
    *("start_in_time_rate", "resolution_rate", "resolution_in_time_rate", "closing_rate"),
    *("closing_in_time_rate", "rework_rate", "late_rate", "satisfied_rate"),
)
"""Figures that are shown first."""
SHOWN = {"main": "主要指标", "all": "全部指标", "counts": "数量"}
Kind = Literal["xlsx", "csv"]


class FiguresPage(FiguresQuery):
    group_by: GroupBy | None = "unit"
    show: Literal["main", "all", "counts"] = "main"


@pages.get("/audit")
@access(Access.STAFF)
def audit_figures_page() -> Response:
    with work(kit().autocommit) as here:
        asked = ask(here, FiguresPage)
        shown = {} if isinstance(asked, Unanswerable) else _shown(here, asked)
        return audit_page(
            "figures.html", here, asked, HOME, groups=GROUPS, figures=FIGURES, counts=COUNTS,
            views=SHOWN, **shown,
        )  # fmt: skip


def _shown(here: Work, asked: Asked[FiguresPage]) -> dict[str, Any]:
    query, wanted = asked.query, asked.wanted
    found = audit_figures.figures(here.db, here.atlas, wanted, asked.here, query.rank_by)
    total = found["total"] | {"cases": cases(asked, None, grouped=False)}
    return {
        "view": query.show,
        "columns": {"main": MAIN, "all": tuple(FIGURES), "counts": tuple(COUNTS)}[query.show],
        "group": GROUPS[wanted.group_by or "unit"],
        "ranked": query.rank_by,
        "main": MAIN,
        "total": total,
        "changes": audit_comparison.totals(here.db, here.atlas, wanted, total),
        "items": [_item(asked, item) for item in found["items"]],
        "sort": {name: _link(asked, rank_by=name) for name in FIGURES},
        "view_links": {name: _link(asked, show=name) for name in SHOWN},
        "exports": [(kind.upper(), _link(asked, f"figures.{kind}")) for kind in ("xlsx", "csv")],
    }


def _link(asked: Asked[FiguresPage], name: str = "", **changes: str) -> str:
    return address(f"{HOME}/{name}" if name else HOME, dict(asked.given) | changes)


def cases(asked: Asked[Any], key: str | None, *, grouped: bool) -> str:
    """Where the cases behind a group's numbers are, once a count is added."""
    return address(f"{HOME}/cases", asked_again(asked.wanted, key, grouped=grouped)) + "&count="


def _item(asked: Asked[FiguresPage], item: Mapping[str, Any]) -> dict[str, Any]:
    group, key = asked.wanted.group_by, item["key"]
    found = dict(item) | {"cases": cases(asked, key, grouped=True)}
    if key is None:
        return found
    found["inside"] = _inside(asked, str(group), key)
    if group in ("unit", "root_unit"):
        last = min(asked.wanted.period.last, asked.here.now.astimezone(LOCAL).date())
        found["sheet"] = f"{HOME}/units/{key}/{last:%Y-%m}.pdf", f"{last.month}月月报"
    if group == "month":
        found["is_frozen"] = key in {month.isoformat() for month in asked.here.months}
    return found


_NARROWER = dict(zip(TREE, (*TREE[1:], "unit"), strict=True)) | {Level.OVERLAY: "unit"}


def _inside(asked: Asked[FiguresPage], group: str, key: str) -> str | None:
    """The same figures of one group alone, in smaller groups."""
    kept = {name: asked.given[name] for name in ("rank_by", "show") if name in asked.given}
    kept |= carried(asked.given)
    if group == "month":
        plain = carried(asked.given, without=("period", "since", "until"))
        return address(HOME, plain | {"period": key[:7], "group_by": "unit"})
    if group in ("unit", "root_unit"):
        return address(HOME, kept | {"unit": key, "group_by": "category"})
    if group in ("category", "source"):
        return address(HOME, kept | {group: key, "group_by": "unit"})
    if group in list(Level):
        narrower = _NARROWER[Level(group)]
        return address(HOME, kept | {"area": key, "group_by": str(narrower)})
    if group == "day":
        plain = carried(asked.given, without=("period", "since", "until"))
        return address(HOME, plain | {"period": key, "group_by": "unit"})
    return None


@pages.get("/audit/figures.<any(xlsx, csv):kind>")
@access(Access.STAFF)
def audit_figures_file(kind: Kind) -> Response:
    """The same table with every count and figure, as a file."""

    def sheet(here: Work) -> Sheet:
        asked = must(ask(here, FiguresPage))
        found = audit_figures.figures(
            here.db, here.atlas, asked.wanted, asked.here, asked.query.rank_by
        )
        return audit_sheets.figures(asked.about() | found)

    return download(kind, sheet)
