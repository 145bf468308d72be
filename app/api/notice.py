"""The inbox."""

from typing import Annotated, Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from app.auth import Access, Work, access, read, write
from app.schemas.notice import InboxOut, ReadOut
from app.schemas.page import PageQuery, encode_cursor, number_cursor
from app.services import notice
from models.fields import Fields

api = APIBlueprint("notice", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="notices")])


class NoticesRead(Fields):
    ids: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]] = Field(max_length=500)


@api.get("/notices", summary="收件箱", responses={200: InboxOut})
@access(Access.SIGNED_IN)
def inbox(query: PageQuery) -> Response:
    def answer(work: Work) -> dict[str, Any]:
        rows = notice.inbox(work.db, work.actor, number_cursor(query.cursor), query.limit)
        page = rows[: query.limit]
        return {
            "items": [
                {
                    "id": str(row.id),
                    "case_number": row.case_number,
                    "report_id": str(row.report_id) if row.report_id else None,
                    "title": row.title,
                    "body": row.body,
                    "created_at": row.created_at,
                    "read_at": row.read_at,
                    "message": notice.on_phone(row),
                }
                for row in page
            ],
            "next_cursor": encode_cursor(page[-1].id) if len(rows) > len(page) else None,
        }

    return read(answer)


@api.post("/notices/read", summary="标为已读", responses={200: ReadOut})
@access(Access.SIGNED_IN)
def mark_read(body: NoticesRead) -> Response:
    return write(
        lambda work: {"read": notice.mark_read(work.db, work.actor, [int(one) for one in body.ids])}
    )
