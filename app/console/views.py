"""Lists that a person keeps under a name."""

from flask import Response, redirect, request

from app.auth import Access, access, kit
from app.console.pages import pages, work
from app.services import saved_view
from models.errors import NotFound

LIST = "/console/cases"


@pages.post("/cases/views")
@access(Access.STAFF)
def keep_view() -> Response:
    query = request.form.get("query", "")
    with work(kit().engine) as here:
        saved_view.keep(here.db, here.actor, request.form.get("name", ""), query)
    return redirect(f"{LIST}?{query}" if query else LIST)  # type: ignore[return-value]


@pages.post("/cases/views/<view_id>/forget")
@access(Access.STAFF)
def forget_view(view_id: str) -> Response:
    if not view_id.isdecimal() or len(view_id) > 18:
        raise NotFound("没有这个列表，可能已经删除")
    with work(kit().engine) as here:
        saved_view.forget(here.db, here.actor, int(view_id))
    return redirect(LIST)  # type: ignore[return-value]
