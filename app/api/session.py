"""Signing in and out, and who I am."""

from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from app.auth import Access, Work, access, bearer, json_response, kit, read, write
from app.clients.wechat import WeChatBusy, WeChatCodeRefused, WeChatMisconfigured
from app.kit import Kit
from app.schemas.session import SignIn
from app.services import account, notice
from app.services.account import SignedIn
from models.account import Actor
from models.db import transaction
from models.errors import (
    SignInRefused,
    TooMany,
    WeChatNotConfigured,
    WeChatUnavailable,
)
from models.fields import Reason

api = APIBlueprint("session", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="sessions")])
WINDOW_S = 600


def describe(actor: Actor) -> dict[str, Any]:
    return {
        "id": str(actor.id),
        "display_name": actor.display_name,
        "unit": actor.unit,
        "roles": [{"role": grant.role.value, "scope": str(grant)} for grant in actor.grants]
        or [{"role": "citizen", "scope": "own"}],
    }


@api.post("/sessions", summary="登录")
@access(Access.ALL)
def sign_in(body: SignIn) -> Response:
    here = kit()
    if body.wechat_code is not None:
        openid = _openid(here, body.wechat_code)
        with transaction(here.engine) as db:
            session = account.open_session(db, account.account_of_openid(db, openid))
    else:
        session = _by_password(here, body.username or "", body.password or "")
    return json_response(_answer(session), 201)


def _answer(session: SignedIn) -> dict[str, Any]:
    return {
        "token": session.token,
        "expires_at": session.expires_at,
        "account": describe(session.actor),
    }


def _openid(here: Kit, code: str) -> str:
    if here.wechat is None:
        raise WeChatNotConfigured("本服务器没有配置微信小程序，请联系管理员")
    try:
        return here.wechat.code_to_session(code).openid
    except WeChatCodeRefused:
        raise SignInRefused("微信登录码无效或已过期，请重新进入小程序") from None
    except WeChatBusy:
        raise WeChatUnavailable("微信暂时没有响应，请稍后再试") from None
    except WeChatMisconfigured:
        raise WeChatNotConfigured("微信小程序的配置有误，请联系管理员") from None


def _by_password(here: Kit, username: str, password: str) -> SignedIn:
    settings = here.settings
    allowances = (
        (f"sign-in-name:{username}", settings.sign_in_failures_per_name),
        (f"sign-in-address:{request.remote_addr}", settings.sign_in_failures_per_address),
    )
    for name, limit in allowances:
        wait = here.broker.peek(name, limit, WINDOW_S)
        if wait is not None:
            raise TooMany("密码错误次数过多，请稍后再试", retry_after=wait)
    try:
        with transaction(here.engine) as db:
            account_id = account.check_password(db, username, password)
            return account.open_session(db, account_id)
    except SignInRefused:
        for name, limit in allowances:
            here.broker.hit(name, limit, WINDOW_S)
        raise


@api.delete("/sessions/current", summary="退出登录")
@access(Access.SIGNED_IN)
def sign_out() -> Response:
    return write(lambda work: account.close_session(work.db, bearer()))


@api.get("/me", summary="我是谁")
@access(Access.SIGNED_IN)
def me() -> Response:
    return read(_me)


def _me(work: Work) -> dict[str, Any]:
    limit = account.limit_of(work.db, work.actor.id)
    return describe(work.actor) | {
        "unread": notice.unread(work.db, work.actor),
        "limited": limit
        and {
            "reason": limit.reason,
            "expires_at": limit.expires_at,
            "appealed": limit.appeal is not None,
        },
    }


@api.post("/me/limit-appeal", summary="对上报限制提出申诉")
@access(Access.SIGNED_IN)
def appeal_limit(body: Reason) -> Response:
    return write(lambda work: account.appeal_limit(work.db, work.actor, body.reason))
