"""Looking at who reported a case: a look is asked for, and goes into the access log."""

from flask import Response, request

from app.auth import Access, access, kit
from app.console.pages import pages, render, work
from app.errors import status_of
from app.services import case, identity
from app.services.case_view import DESK_ROLES
from models.account import Role
from models.errors import InvalidInput, NotFound
from models.workflow import roles_on

LONGEST = 200


@pages.get("/cases/<number>/reporters")
@access(Access.STAFF)
def ask_for_reporters(number: str) -> Response:
    return _page(number)


@pages.post("/cases/<number>/reporters")
@access(Access.STAFF)
def reporters(number: str) -> Response:
    """Shows them once; the page is not kept by the browser."""
    reason = request.form.get("reason", "").strip()
    if len(reason) > LONGEST:
        return _page(number, 422, f"理由最多 {LONGEST} 个字")
    try:
        with work(kit().engine) as here:
            people = identity.reporters(here.db, here.kit.safe, here.actor, number, reason or None)
    except InvalidInput as error:
        return _page(number, status_of(error), error.detail)
    limits = here.actor.holds(Role.SUPERVISOR)
    page = render("reporters.html", 200, here.actor, number=number, people=people, limits=limits)
    page.headers["Cache-Control"] = "no-store"
    return page


def _page(number: str, status: int = 200, fault: str | None = None) -> Response:
    with work(kit().autocommit) as here:
        roles = roles_on(here.actor, case.scoped(here.db, here.actor, number))
        if not roles & DESK_ROLES:
            raise NotFound("没有可查看的内容")
    return render(
        "reporters.html",
        status,
        here.actor,
        number=number,
        people=None,
        fault=fault,
        typed=request.form.get("reason", ""),
        unveils=Role.SUPERVISOR in roles,
    )
