"""Signing in to the pages and out again."""

from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for

from app.auth import CONSOLE, COOKIE, Access, access, bearer, kit
from app.console.pages import close, csrf_of, pages, render, typed
from app.sign_in import by_password
from models.errors import SignInRefused, TooMany

HOME, SET_UP = "/console/desk", "/console/admin"
OWN = frozenset({"username", "password", "next"})


@pages.get("/")
@access(Access.ALL)
def home() -> Response:
    return redirect(HOME)  # type: ignore[return-value]


@pages.get("/sign-in")
@access(Access.ALL)
def sign_in_page() -> Response:
    return render("sign_in.html", next=_inside(request.args.get("next", "")), typed=[])


@pages.post("/sign-in")
@access(Access.ALL)
def sign_in() -> Response:
    here, given = kit(), request.form
    target = _inside(given.get("next", ""))
    kept = [(name, value) for name, value in typed() if name not in OWN]
    try:
        session = by_password(
            here, request.remote_addr, given.get("username", ""), given.get("password", "")
        )
    except (SignInRefused, TooMany) as error:
        return render(
            "sign_in.html",
            429 if isinstance(error, TooMany) else 401,
            next=target,
            typed=kept,
            username=given.get("username", ""),
            message=error.detail,
        )
    if not session.actor.is_staff:
        close(session.token)
        message = "这个账号不是工作人员账号"
        return render("sign_in.html", 403, next=target, typed=kept, message=message)
    if target == HOME and session.actor.administers and not here.atlas().areas:
        target = SET_UP  # nothing can come to a desk yet
    if kept:
        page = render("resume.html", next=target, typed=kept, fresh=csrf_of(session.token))
    else:
        page = redirect(target)  # type: ignore[assignment]
    page.set_cookie(
        COOKIE,
        session.token,
        path="/console",
        httponly=True,
        samesite="Lax",
        secure=here.settings.is_production,
    )
    return page


def _inside(target: str) -> str:
    """An address of these pages, else the first one: nobody is sent elsewhere."""
    parts = urlsplit(target)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/console/")
    return target if inside and "\\" not in target else HOME


@pages.post("/sign-out")
@access(Access.STAFF)
def sign_out() -> Response:
    close(bearer())
    page = redirect(url_for(f"{CONSOLE}.sign_in_page"))
    page.delete_cookie(COOKIE, path="/console")
    return page  # type: ignore[return-value]
