"""Reports: sending one, following one's own."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, Field

from app.auth import Access, Keeping, Work, access, read, spend, write, write_at_once
from app.schemas.page import PageQuery, encode_cursor, number_cursor
from app.schemas.problem import ProblemOut
from app.schemas.report import ReceivedOut, ReportOut, ReportsOut
from app.services import report, report_view, reporter
from models.errors import InvalidInput
from models.fields import Answer, GiveFeedback, Reason, Supplement
from models.submission import Submission

api = APIBlueprint("report", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="reports")])


MAY_REFUSE: ResponseDict = {403: ProblemOut, 409: ProblemOut, 429: ProblemOut}


class ReportPath(BaseModel):
    report_id: str = Field(max_length=20)


@api.post(
    "/reports",
    summary="上报",
    responses={201: ReceivedOut, 403: ProblemOut, 409: ProblemOut, 429: ProblemOut},
)
@access(Access.SIGNED_IN)
def submit(body: Submission) -> Response:
    def create(work: Work, keep: Keeping | None = None) -> dict[str, Any]:
        spend(work, "reports", work.kit.settings.reports_per_hour)
        phone = work.kit.safe.phone(body.contact_phone)
        return report.submit(work.db, work.atlas, work.actor, body, phone, keep)

    def join(work: Work) -> dict[str, Any]:
        spend(work, "reports", work.kit.settings.reports_per_hour)
        if body.patrol or body.source is not None:
            raise InvalidInput.at("/join_case", "巡查和代录不能加入他人的案卷")
        phone = work.kit.safe.phone(body.contact_phone)
        return reporter.join(work.db, work.atlas, work.actor, body, phone)

    if body.join_case is not None:
        return write(join, 201)
    if body.external_number is not None:  # a twin under the same number is waited for
        return write(create, 201)
    return write_at_once(create, 201)


@api.get("/reports", summary="我的上报", responses={200: ReportsOut})
@access(Access.SIGNED_IN)
def mine(query: PageQuery) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        rows = report_view.mine(work.db, work.actor, number_cursor(query.cursor), query.limit)
        page = rows[: query.limit]
        return {
            "items": [report_view.brief(work.atlas, row) for row in page],
            "next_cursor": encode_cursor(page[-1].id) if len(rows) > len(page) else None,
        }

    return read(answer)


@api.get("/reports/<report_id>", summary="一个上报及其进展", responses={200: ReportOut})
@access(Access.SIGNED_IN)
def one(path: ReportPath) -> Response:
    return read(lambda work: _detail(work, path))


def _detail(work: Work, path: ReportPath) -> dict[str, Any]:
    found = reporter.own(work.db, work.actor, path.report_id)
    return report_view.detail(work.db, work.atlas, found)


def _call(path: ReportPath, what: Any, *fields: Any) -> Response:
    """Runs a reporter's call on their own report and answers with the report."""

    def answer(work: Work) -> dict[str, Any]:
        found = reporter.own(work.db, work.actor, path.report_id)
        told = what(work.db, work.atlas, work.actor, found, *fields) or {}
        return _detail(work, path) | told

    return write(answer)


@api.post(
    "/reports/<report_id>/supplement", summary="补充", responses={200: ReportOut, **MAY_REFUSE}
)
@access(Access.SIGNED_IN)
def supplement(path: ReportPath, body: Supplement) -> Response:
    return _call(path, reporter.supplement, body)


@api.post(
    "/reports/<report_id>/answer",
    summary="答复受理人员的提问",
    responses={200: ReportOut, **MAY_REFUSE},
)
@access(Access.SIGNED_IN)
def answer_question(path: ReportPath, body: Answer) -> Response:
    return _call(path, reporter.answer, body)


@api.post("/reports/<report_id>/urge", summary="催办", responses={200: ReportOut, **MAY_REFUSE})
@access(Access.SIGNED_IN)
def urge(path: ReportPath) -> Response:
    return _call(path, reporter.urge)


@api.post("/reports/<report_id>/withdraw", summary="撤回", responses={200: ReportOut, **MAY_REFUSE})
@access(Access.SIGNED_IN)
def withdraw(path: ReportPath) -> Response:
    return _call(path, reporter.withdraw)


@api.post("/reports/<report_id>/feedback", summary="评价", responses={200: ReportOut, **MAY_REFUSE})
@access(Access.SIGNED_IN)
def feedback(path: ReportPath, body: GiveFeedback) -> Response:
    return _call(path, reporter.feedback, body)


@api.post(
    "/reports/<report_id>/appeal",
    summary="对不予立案申诉",
    responses={200: ReportOut, **MAY_REFUSE},
)
@access(Access.SIGNED_IN)
def appeal(path: ReportPath, body: Reason) -> Response:
    return _call(path, reporter.appeal, body)
