"""What every page shares: the signed-in person, CSRF, headers, files."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Engine

from app.auth import CONSOLE, COOKIE, Access, Work, access, authenticate, kit
from app.browser import kept_file, policy, version_of
from app.console import evidence, forms, words
from app.services import account
from app.services.audit_selection import AUDITORS
from app.services.wall import WATCHERS
from models.account import ROLE_LABELS, Actor, Role
from models.db import transaction
from models.errors import Forbidden, NotFound, SignedOut

pages = Blueprint(CONSOLE, __name__, url_prefix="/console", template_folder="templates")
STATIC = Path(__file__).parent / "static"
PICTURES = "'self' data: blob:"
pages.add_app_template_filter(words.moment, "console_moment")
pages.add_app_template_filter(words.last_day, "console_last_day")
pages.add_app_template_filter(forms.label, "console_field")
pages.add_app_template_filter(evidence.flags, "console_flags")


RECORDERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
FOLLOWERS = RECORDERS | {Role.UNIT_STAFF, Role.ADMIN}
NAVIGATION: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/console/desk", "待办台", frozenset(Role)),
    ("/console/report", "代录", RECORDERS),
    ("/console/cases", "案卷", frozenset(Role)),
    ("/console/map", "地图", frozenset(Role)),
    ("/console/wall", "大屏", WATCHERS),
    ("/console/supervision", "督查", FOLLOWERS),
    ("/console/audit", "考核", frozenset(AUDITORS)),
    ("/console/admin", "管理", frozenset({Role.ADMIN})),
)
"""Path, what it is called, and who is shown it; each page decides for itself who may see it."""
ELSEWHERE = {"/console/admin": "/console/district/"}
"""Entries to which pages under another path belong as well."""


@pages.app_context_processor
def tiles() -> dict[str, Any]:
    """Where pictures of the map come from, if anywhere."""
    settings = kit().settings
    return {"tiles": {"url": settings.tile_url, "attribution": settings.tile_attribution}}


def version() -> str:
    """Changes with any of the files, so that a browser may keep each for good."""
    return version_of(STATIC)


def csrf() -> str:
    """What a form of this session must bring back. The cookie cannot be read by scripts or other
    sites, so nobody else can make it."""
    return csrf_of(request.cookies.get(COOKIE, ""))


def csrf_of(token: str) -> str:
    return hashlib.sha256(f"form {token}".encode()).hexdigest()


@pages.before_request
def forms_of_our_own() -> None:
    """Raises Forbidden for a form that another site made."""
    if request.method != "POST":
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden("这个表单来自其他网站")
    if request.endpoint in (f"{CONSOLE}.sign_in", f"{CONSOLE}.sign_in_code"):
        return
    if not request.cookies.get(COOKIE):
        raise SignedOut("登录已失效，请重新登录")
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf().encode()):
        raise Forbidden("页面已过期，请返回刷新后再试")


@pages.after_request
def guarded(response: Response) -> Response:
    tiles = kit().settings.tile_url
    response.headers["Content-Security-Policy"] = policy(tiles, pictures=PICTURES)
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def typed() -> list[tuple[str, str]]:
    """The fields of a form as they were typed, without what belongs to the session."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf" and "password" not in name
    ]


@contextmanager
def work(engine: Engine) -> Iterator[Work]:
    """A page's unit of work, for the person that the cookie names.

    Raises:
        SignedOut; Forbidden: no member of staff.
    """
    here = kit()
    atlas = here.atlas()
    with transaction(engine) as db:
        yield Work(db, here, atlas, authenticate(db))


def render(name: str, status: int = 200, actor: Actor | None = None, **shown: Any) -> Response:
    """A page in the frame of all pages; without an actor it has no navigation."""
    roles = list(dict.fromkeys(ROLE_LABELS[grant.role] for grant in actor.grants)) if actor else []
    page = render_template(
        f"console/{name}",
        actor=actor,
        roles=roles,
        navigation=_navigation(actor),
        csrf=csrf(),
        version=version(),
        **shown,
    )
    return make_response(page, status)


def _navigation(actor: Actor | None) -> list[tuple[str, str, bool]]:
    """Path, label, and whether the page at hand is below it."""
    if actor is None or actor.owes_password:
        return []
    here = f"{request.path}/"
    return [
        (path, label, here.startswith((f"{path}/", ELSEWHERE.get(path, f"{path}/"))))
        for path, label, roles in NAVIGATION
        if actor.holds(*roles)
    ]


@pages.get("/static/<tag>/<path:name>")
@access(Access.ALL)
def file(tag: str, name: str) -> Response:
    """A file of the pages. Under the present version it may be kept for good."""
    return kept_file(STATIC, tag, name)


@pages.route("/<path:address>", methods=["GET", "POST"])
@access(Access.ALL)
def nothing(address: str) -> Response:
    """Raises NotFound: an address that no page has."""
    raise NotFound(f"没有这个页面：/console/{address}")


def close(token: str) -> None:
    with transaction(kit().engine) as db:
        account.close_session(db, token)
