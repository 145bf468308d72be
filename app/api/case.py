"""Cases: listing, reading and acting, for staff in scope."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from app.auth import Access, Work, access, download, read, write
from app.schemas.case import ActionIn, CaseQuery, LimitIn, next_cursor
from app.schemas.case_clock import CaseClockOut
from app.schemas.case_view import CaseOut, CasesOut, ChoicesOut, LedgerOut, ReportersOut
from app.schemas.notice import CaseNoticesOut
from app.schemas.page import Query
from app.schemas.parts import IdOut
from app.schemas.problem import ProblemOut
from app.services import (
    case,
    case_choices,
    case_clock,
    case_list,
    case_sheet,
    case_view,
    identity,
    ledger,
    notice,
    reporter_limit,
)
from app.services.actions import HANDLERS
from app.services.case_view import reporter_name
from models.fields import ShortReason, storable
from models.status import Action

api = APIBlueprint("case", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class CasePath(BaseModel):
    number: str = Field(max_length=64)


@api.get("/cases", summary="案卷列表", responses={200: CasesOut})
@access(Access.STAFF)
def listing(query: CaseQuery) -> Response:
    if query.format != "json":
        asked = query.model_dump(exclude={"cursor", "limit", "format"})
        return download(
            query.format,
            lambda work: case_sheet.sheet(
                work.db, work.atlas, work.actor, replace(query.filter(), after=None), asked
            ),
        )

    def answer(work: Work) -> dict[str, Any]:
        rows = case_list.cases(work.db, work.atlas, work.actor, query.filter())
        page, now = rows[: query.limit], datetime.now(UTC)
        return {
            "items": [case_view.brief(work.atlas, row, now) for row in page],
            "next_cursor": next_cursor(query, page[-1]) if len(rows) > len(page) else None,
        }

    return read(answer)


@api.get("/cases/<number>", summary="一个案卷的全部", responses={200: CaseOut})
@access(Access.STAFF)
def one(path: CasePath) -> Response:
    return read(lambda work: case_view.detail(work.db, work.atlas, work.actor, path.number))


@api.post("/cases/<number>/actions", summary="办理案卷", responses={200: CaseOut, 409: ProblemOut})
@access(Access.STAFF)
def act(path: CasePath, body: ActionIn) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        given = body.model_extra or {}
        target = given.get("target")
        case.act(
            work.db,
            work.atlas,
            work.actor,
            path.number,
            body.action,
            body.version,
            lambda needs: needs.model_validate(given),
            HANDLERS,
            and_lock=target if body.action is Action.MERGE and storable(target) else None,
        )
        return case_view.after_action(work.db, work.atlas, work.actor, path.number)

    return write(answer)


class ChoicesQuery(Query):
    action: Action


@api.get(
    "/cases/<number>/choices",
    summary="办理时可选的单位和人员",
    responses={200: ChoicesOut},
)
@access(Access.STAFF)
def choices(path: CasePath, query: ChoicesQuery) -> Response:
    """The units and people that an action's fields `unit` and `worker` may name; by field, and
    empty where the caller may not take the action now."""
    return read(
        lambda work: {
            "choices": case_choices.choices(
                work.db, work.atlas, work.actor, path.number, query.action
            )
        }
    )


@api.get("/cases/<number>/ledger", summary="案卷台账", responses={200: LedgerOut})
@access(Access.STAFF)
def entries(path: CasePath) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        found = case.scoped(work.db, work.actor, path.number)
        return {
            "items": [
                ledger.form(found.number, entry) | {"hash": entry.hash.hex()}
                for entry in ledger.entries(work.db, found.id)
            ],
            "next_cursor": None,
        }

    return read(answer)


@api.get(
    "/cases/<number>/clock",
    summary="案卷用时：各责任方持有时间和时限",
    responses={200: CaseClockOut},
)
@access(Access.STAFF)
def clock(path: CasePath) -> Response:
    return read(lambda work: case_clock.clock(work.db, work.atlas, work.actor, path.number))


@api.get(
    "/cases/<number>/notices",
    summary="案卷的通知及发送情况",
    responses={200: CaseNoticesOut},
)
@access(Access.STAFF)
def notices(path: CasePath) -> Response:
    """Who was told what, and whether it reached a phone; reporters by number."""

    def answer(work: Work) -> dict[str, Any]:
        found = case.scoped(work.db, work.actor, path.number)
        rows = notice.of_case(work.db, found.id)
        return {"items": [_notice(row) for row in rows], "next_cursor": None}

    return read(answer)


def _notice(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "to": reporter_name(row.ordinal) if row.ordinal else row.display_name,
        "title": row.title,
        "created_at": row.created_at,
        "read_at": row.read_at,
        "message": notice.on_phone(row),
    }


class ReportersQuery(Query):
    reason: ShortReason | None = None


@api.get(
    "/cases/<number>/reporters",
    summary="查看上报人（留痕）",
    responses={200: ReportersOut},
)
@access(Access.STAFF)
def reporters(path: CasePath, query: ReportersQuery) -> Response:
    """Who reported the case; every look is written to the access log."""
    return write(
        lambda work: {
            "items": identity.reporters(
                work.db, work.kit.safe, work.actor, path.number, query.reason
            )
        }
    )


@api.post(
    "/cases/<number>/reporter-limits",
    summary="限制上报人",
    responses={201: IdOut},
)
@access(Access.STAFF)
def limit_reporter(path: CasePath, body: LimitIn) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        limit = reporter_limit.limit(
            work.db, work.actor, path.number, int(body.report_id), body.reason, body.expires_at
        )
        return {"id": str(limit)}

    return write(answer, 201)


class LimitPath(BaseModel):
    limit_id: str = Field(max_length=20)


@api.delete("/reporter-limits/<limit_id>", summary="解除限制", responses={204: None})
@access(Access.STAFF)
def lift_limit(path: LimitPath) -> Response:
    def answer(work: Work) -> None:
        reporter_limit.lift(work.db, work.atlas, work.actor, path.limit_id)

    return write(answer)
