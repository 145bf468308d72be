"""Audits: figures, response times, late cases, the cases behind every number."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from app.auth import Access, Work, access, download, read
from app.schemas.audit import (
    CasesQuery,
    FiguresQuery,
    LateQuery,
    PagedQuery,
    PeriodQuery,
    TimesQuery,
    cursor_behind,
)
from app.schemas.audit_view import AuditCasesOut, FiguresOut, LateOut, MonthsOut, ResponseTimesOut
from app.schemas.problem import ProblemOut
from app.services import audit_cases, audit_figures, audit_freeze, audit_sheets, audit_times
from app.services.audit_answer import about, asked_again, every
from app.services.audit_selection import GROUPS, Selection, State, require_auditor, state
from app.services.sheet import Sheet
from models.measures import COUNTS, FIGURES

api = APIBlueprint("audit", __name__, url_prefix="/api/v1/audit", abp_tags=[Tag(name="audit")])
WORDS = {
    "counts": {name: one.label for name, one in COUNTS.items()},
    "figures": {name: one.label for name, one in FIGURES.items()},
    "stages": dict(audit_times.stages_told()),
    "groups": GROUPS,
}
"""What people call the names in these answers."""


def _asked(work: Work, query: PeriodQuery) -> tuple[Selection, State]:
    wanted = query.within(work.atlas, work.actor)
    return wanted, state(work.db, wanted.period)


def _cases_url(wanted: Selection, key: str | None, *, grouped: bool) -> str:
    """Where the cases behind a group's numbers are listed, once a count is added."""
    query = urlencode(asked_again(wanted, key, grouped=grouped))
    return f"/api/v1/audit/cases?{query}&count="


@api.get("/figures", summary="考核指标", responses={200: FiguresOut, 404: ProblemOut})
@access(Access.STAFF)
def figures(query: FiguresQuery) -> Response:
    """Counts and figures of a period within the caller's scope, in total and by group. `cases`,
    with the name of a count behind it, lists the cases that the count is made of."""

    def answer(work: Work) -> dict[str, Any]:
        wanted, here = _asked(work, query)
        found = audit_figures.figures(work.db, work.atlas, wanted, here, query.rank_by)
        found["total"]["cases"] = _cases_url(wanted, None, grouped=False)
        for item in found["items"]:
            item["cases"] = _cases_url(wanted, item["key"], grouped=True)
        return about(wanted, here) | {"words": WORDS} | found

    return _answered(query, answer, audit_sheets.figures)


@api.get("/response-times", summary="响应时间", responses={200: ResponseTimesOut, 404: ProblemOut})
@access(Access.STAFF)
def response_times(query: TimesQuery) -> Response:
    """Median, 90th and 95th percentile (nearest rank, whole minutes) of each stage that ended in
    the period, by the clock and in working time."""

    def answer(work: Work) -> dict[str, Any]:
        wanted, here = _asked(work, query)
        found = audit_times.response_times(work.db, work.atlas, wanted, here)
        return about(wanted, here) | {"words": WORDS} | found

    return _answered(query, answer, audit_sheets.response_times)


def _answered(
    query: PeriodQuery,
    answer: Callable[[Work], dict[str, Any]],
    sheet: Callable[[dict[str, Any]], Sheet],
) -> Response:
    if query.format == "json":
        return read(answer)
    return download(query.format, lambda work: sheet(answer(work)))


Listed = Callable[..., Any]


def _listed(
    query: PagedQuery, title: str, rows_of: Listed, shape: Callable[[Work, State, Any], Any]
) -> Response:
    """A page of rounds, or all of them as a file."""

    def answer(work: Work) -> dict[str, Any]:
        wanted, here = _asked(work, query)
        rows = rows_of(work, wanted, here, query.after(), query.limit)
        page = rows[: query.limit]
        return about(wanted, here) | {
            "items": shape(work, here, page),
            "next_cursor": cursor_behind(page[-1]) if len(rows) > len(page) else None,
        }

    def sheet(work: Work) -> Sheet:
        wanted, here = _asked(work, query)

        rows = every(
            lambda after, limit: rows_of(work, wanted, here, after, limit),
            lambda page: shape(work, here, page),
        )
        return audit_sheets.cases(title, about(wanted, here), rows)

    return read(answer) if query.format == "json" else download(query.format, sheet)


@api.get("/cases", summary="数字背后的案卷", responses={200: AuditCasesOut, 404: ProblemOut})
@access(Access.STAFF)
def cases(query: CasesQuery) -> Response:
    """The rounds that a count is made of, in the order of the days that they count on."""
    title = f"{COUNTS[query.count].label}案卷"

    def rows(work: Work, wanted: Selection, here: State, after: Any, limit: int) -> Any:
        return audit_cases.behind(
            work.db,
            wanted,
            here,
            query.count,
            work.atlas,
            before_appeals=query.before_appeals,
            after=after,
            limit=limit,
        )

    return _listed(
        query, title, rows, lambda work, _, page: audit_cases.told(work.db, work.atlas, page)
    )


@api.get("/late", summary="超时案卷", responses={200: LateOut, 404: ProblemOut})
@access(Access.STAFF)
def late(query: LateQuery) -> Response:
    """Rounds due in the period that were handled late, or are late and not handled: by how much,
    and who held them."""

    def rows(work: Work, wanted: Selection, here: State, after: Any, limit: int) -> Any:
        return audit_cases.late(
            work.db, wanted, here, work.atlas, query.state, after=after, limit=limit
        )

    return _listed(
        query,
        "超时案卷",
        rows,
        lambda work, here, page: audit_cases.lateness(work.db, work.atlas, here, page),
    )


@api.get("/months", summary="已封存的月份", responses={200: MonthsOut})
@access(Access.STAFF)
def months() -> Response:
    """Months whose figures are frozen, and what the others wait for."""

    def answer(work: Work) -> dict[str, Any]:
        require_auditor(work.actor)
        return {"items": audit_freeze.months(work.db, work.atlas), "next_cursor": None}

    return read(answer)
