"""How refusals look: a page that says why, and from where to go on."""

import logging
from urllib.parse import urlsplit

from flask import Response, g, redirect, request, url_for
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.auth import CONSOLE, COOKIE, kit
from app.console.pages import pages, render, typed
from app.errors import domain_problem, faults_of
from app.services import account
from models.account import Actor
from models.db import transaction
from models.errors import DomainError, OwnPasswordRequired, SignedOut

log = logging.getLogger(__name__)
TITLES = {404: "没有这个页面", 405: "不能这样打开这个页面", 413: "内容太大"}
HINTS = {
    403: "确需使用时，请管理员为您的账号增加角色或范围，或退出后用有权限的账号登录。",
    404: "请从上方导航进入；案卷可按编号在案卷列表里查找。",
}
"""What would work, for who opened an address."""
TOO_LARGE = "文件加起来超过了上限，请减少个数或换小一点的。"
AWAY_S = 5


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
    problem = domain_problem(error)
    page = _page(problem.status_code, problem.get_json()["title"], error.detail)
    if "Retry-After" in problem.headers:
        page.headers["Retry-After"] = problem.headers["Retry-After"]
    return page


@pages.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Response:
    fault = faults_of(error)[0]
    return _page(422, "填写有误", f"{fault.pointer[1:]}：{fault.message}")


@pages.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    status = error.code or 500
    return _page(status, TITLES.get(status, "出错了"), TOO_LARGE if status == 413 else "")


@pages.errorhandler(OperationalError)
@pages.errorhandler(PoolTimeout)
def database_away(error: Exception) -> Response:
    log.error("database away: %s", type(error).__name__)
    page = _page(503, "服务暂时不可用", "数据库暂时不可用，请稍后重试。")
    page.headers["Retry-After"] = str(AWAY_S)
    return page


@pages.errorhandler(Exception)
def unexpected(error: Exception) -> Response:
    log.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
    message = f"请稍后重试，或把编号 {g.get('request_id', '')} 告诉管理员。"
    return _page(500, "系统出错了", message)


def _page(status: int, title: str, message: str) -> Response:
    actor = _visitor()
    hint = HINTS.get(status) if actor and request.method == "GET" else None
    shown = {"title": title, "message": message, "hint": hint, "back": _came_from()}
    return render("refused.html", status, actor, here=request.full_path.rstrip("?"), **shown)


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
