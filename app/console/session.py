"""Signing in to the pages and out again."""

from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for

from app.auth import CONSOLE, COOKIE, Access, access, bearer, kit
from app.console.pages import close, csrf_of, pages, render, typed
from app.services.account import SignedIn
from app.sign_in import FirstStepOverError, HalfIn, first_step, second_step
from models.errors import DomainError, SignInRefused, TooMany

HOME, SET_UP = "/console/desk", "/console/admin"
OWN = frozenset({"username", "password", "next", "step", "code"})


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
    """The password; where the account has a second factor its code is asked for next."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        found = first_step(kit(), request.remote_addr, username, password)
    except (SignInRefused, TooMany) as error:
        return _again("sign_in.html", error, username=username)
    if isinstance(found, HalfIn):
        return _again("sign_in_code.html", None, step=found.token)
    return _enter(found)


@pages.post("/sign-in/code")
@access(Access.ALL)
def sign_in_code() -> Response:
    step = request.form.get("step", "")
    try:
        found = second_step(kit(), request.remote_addr, step, request.form.get("code", ""))
    except FirstStepOverError as error:
        return _again("sign_in.html", error)
    except (SignInRefused, TooMany) as error:
        return _again("sign_in_code.html", error, step=step)
    return _enter(found)


def _kept() -> list[tuple[str, str]]:
    """What was typed in the form that the end of a session interrupted."""
    return [(name, value) for name, value in typed() if name not in OWN]


def _again(name: str, error: DomainError | None, **shown: str) -> Response:
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 401
    target, message = _inside(request.form.get("next", "")), error.detail if error else None
    return render(name, status, None, next=target, typed=_kept(), message=message, **shown)


def _enter(session: SignedIn) -> Response:
    here, target, kept = kit(), _inside(request.form.get("next", "")), _kept()
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
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/console/")
    return target if inside and "\\" not in target else HOME


@pages.post("/sign-out")
@access(Access.STAFF)
def sign_out() -> Response:
    close(bearer())
    page = redirect(url_for(f"{CONSOLE}.sign_in_page"))
    page.delete_cookie(COOKIE, path="/console")
    return page  # type: ignore[return-value]
