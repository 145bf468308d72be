"""Content that waits for a person before it may be published."""

from typing import Annotated, Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from app.auth import Access, Work, access, read, write
from app.schemas.moderation import DecidedOut, ModerationOut
from app.schemas.page import PageQuery, encode_cursor, number_cursor
from app.schemas.problem import ProblemOut
from app.services import content
from models.content import ContentState
from models.fields import Fields, Text
from models.status import Action

api = APIBlueprint("moderation", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="moderation")])


class ModerationQuery(PageQuery):
    state: ContentState = ContentState.HELD


@api.get("/moderation", summary="待人工审核的内容", responses={200: ModerationOut})
@access(Access.STAFF)
def listing(query: ModerationQuery) -> Response:
    """Oldest first. Nothing here is seen by others than its reporter and staff."""

    def answer(work: Work) -> dict[str, Any]:
        after = number_cursor(query.cursor) or 0
        rows = content.queue(work.db, work.actor, query.state, after, query.limit)
        page = rows[: query.limit]
        return {
            "items": [content.shape(work.atlas, row) for row in page],
            "next_cursor": encode_cursor(page[-1].id) if len(rows) > len(page) else None,
        }

    return read(answer)


class Decision(Fields):
    ids: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]] = Field(
        title="内容", min_length=1, max_length=200
    )


class Release(Decision):
    reason: Text = Field(default="人工审核通过", title="说明")


class Refuse(Decision):
    reason: Text = Field(title="原因")


@api.post(
    "/moderation/release",
    summary="放行公开",
    responses={200: DecidedOut, 404: ProblemOut, 409: ProblemOut},
)
@access(Access.STAFF)
def release(body: Release) -> Response:
    return _decide(body, Action.RELEASE_CONTENT, body.reason)


@api.post(
    "/moderation/refuse",
    summary="不予公开",
    responses={200: DecidedOut, 404: ProblemOut, 409: ProblemOut},
)
@access(Access.STAFF)
def refuse(body: Refuse) -> Response:
    return _decide(body, Action.REFUSE_CONTENT, body.reason)


def _decide(body: Decision, action: Action, reason: str) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        ids = list(dict.fromkeys(int(one) for one in body.ids))
        content.decide(work.db, work.atlas, work.actor, ids, action, reason)
        return {"decided": len(ids)}

    return write(answer)
