"""How refusals look: a page that says why, and from where to go on."""

import logging
from urllib.parse import urlsplit

from flask import Response, g, redirect, request, url_for
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app import errors
from app.auth import CONSOLE, COOKIE, kit
from app.console.pages import pages, render, typed
from app.services import account
from models.account import Actor
from models.db import transaction
from models.errors import DomainError, OwnPasswordRequired, SignedOut

log = logging.getLogger(__name__)
AWAY = 503
"""The status of what soon works by itself."""
TITLES = {404: "没有这个页面", 405: "不能这样打开这个页面", 413: "内容太大"}
HINTS = {
    403: "确需使用时，请管理员为您的账号增加角色或范围，或退出后用有权限的账号登录。",
    404: "请从上方导航进入；案卷可按编号在案卷列表里查找。",
}
"""What would work, for who opened an address."""
SAID = {
    404: "请核对地址。",
    405: "这个地址只接收页面上的表单，请从待办台或案卷列表重新打开。",
    413: "文件加起来超过了上限，请减少个数或换小一点的。",
}


@pages.errorhandler(SignedOut)
def signed_out(error: SignedOut) -> Response:
    """To the sign-in page. What was typed goes along, and is handed back afterwards."""
    if request.method == "POST" and request.form:
        page = render(
            "sign_in.html", 401, next=request.full_path, typed=typed(), message=error.detail
        )
        page.delete_cookie(COOKIE, path="/console")
        return page
    return redirect(url_for(f"{CONSOLE}.sign_in_page", next=request.full_path.rstrip("?")))  # type: ignore[return-value]


@pages.errorhandler(OwnPasswordRequired)
def owes_password(error: OwnPasswordRequired) -> Response:
    """To where it is changed."""
    return redirect("/console/me") if request.method == "GET" else refused(error)  # type: ignore[return-value]


@pages.errorhandler(DomainError)
def refused(error: DomainError) -> Response:
    return _as_page(errors.domain_problem(error), _visitor())


@pages.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Response:
    fault = errors.faults_of(error)[0]
    return _page(422, "填写有误", f"{fault.pointer[1:]}：{fault.message}", _visitor())


@pages.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    status = error.code or 500
    return _page(status, TITLES.get(status, "出错了"), SAID.get(status, _once_more()), _visitor())


@pages.errorhandler(OperationalError)
@pages.errorhandler(PoolTimeout)
def database_away(error: Exception) -> Response:
    """Without looking who asks: that would wait for the database once more."""
    return _as_page(errors.database_away(error), None)


@pages.errorhandler(Exception)
def unexpected(error: Exception) -> Response:
    log.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
    return _page(500, "系统出错了", _once_more(), _visitor())


def _once_more() -> str:
    return f"请刷新页面后重试；仍不行，请把编号 {g.get('request_id', '')} 告诉管理员。"


def _as_page(problem: Response, actor: Actor | None) -> Response:
    """A problem as a page, with the same status and the same moment to retry."""
    told = problem.get_json()
    page = _page(problem.status_code, told["title"], told["detail"], actor)
    if "Retry-After" in problem.headers:
        page.headers["Retry-After"] = problem.headers["Retry-After"]
    return page


def _page(status: int, title: str, message: str, actor: Actor | None) -> Response:
    here, opened = request.full_path.rstrip("?"), request.method == "GET"
    shown = {
        "title": title,
        "message": message,
        "hint": HINTS.get(status) if actor and opened else None,
        "back": _came_from(),
        "again": here if status == AWAY and opened else None,
        "sign_in": url_for(f"{CONSOLE}.sign_in_page", next=here) if status != AWAY else None,
    }
    return render("refused.html", status, actor, **shown)


def _visitor() -> Actor | None:
    """The member of staff whom the cookie names, if there is one and it can be known."""
    try:
        with transaction(kit().autocommit) as db:
            actor = account.who(db, request.cookies.get(COOKIE, ""))
    except (SignedOut, SQLAlchemyError):
        return None
    return actor if actor.is_staff else None


def _came_from() -> str | None:
    """The page of ours whose form was refused."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return None
    ours = before.netloc == request.host and before.path.startswith("/console/")
    if request.method != "POST" or not ours:
        return None
    return before._replace(scheme="", netloc="").geturl()
