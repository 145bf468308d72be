"""Signing in and out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from sqlalchemy.exc import IntegrityError

from app.auth import Access, access, bearer, json_response, kit, write
from app.clients.wechat import WeChat
from app.clients.wechat_errors import WeChatBusy, WeChatCodeRefused, WeChatError
from app.kit import Kit
from app.schemas.problem import ProblemOut
from app.schemas.session import SessionOut, SignIn
from app.services import account, binding
from app.services.account import SignedIn
from app.sign_in import by_password, failures_bounded
from models.account import Actor
from models.db import transaction
from models.errors import (
    Conflict,
    DomainError,
    SignInRefused,
    WeChatNotConfigured,
    WeChatUnavailable,
)

api = APIBlueprint("session", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="sessions")])


def describe(actor: Actor) -> dict[str, Any]:
    return {
        "id": str(actor.id),
        "display_name": actor.display_name,
        "unit": actor.unit,
        "roles": [{"role": grant.role.value, "scope": str(grant)} for grant in actor.grants]
        or [{"role": "citizen", "scope": "own"}],
    }


@api.post(
    "/sessions",
    summary="登录",
    responses={201: SessionOut, 401: ProblemOut, 409: ProblemOut, 429: ProblemOut},
)
@access(Access.ALL)
def sign_in(body: SignIn) -> Response:
    here = kit()
    if body.wechat_code is None:
        name, password = body.username or "", body.password or ""
        session = by_password(here, request.remote_addr, name, password, body.code)
    else:
        session = _by_wechat(here, _openid(here, body.wechat_code), body.binding_code)
    return json_response(_answer(session), 201)


def _answer(session: SignedIn) -> dict[str, Any]:
    return {
        "token": session.token,
        "expires_at": session.expires_at,
        "account": describe(session.actor),
    }


def _openid(here: Kit, code: str) -> str:
    refused = SignInRefused("微信登录码无效或已过期，请重新进入小程序")
    with wechat(here, refused) as client:
        return client.code_to_session(code).openid


@contextmanager
def wechat(here: Kit, refused: DomainError) -> Iterator[WeChat]:
    """WeChat's client, whose errors become what a person can act on; `refused` is raised for a
    code that WeChat does not take.

    Raises:
        WeChatNotConfigured, WeChatUnavailable.
    """
    if here.wechat is None:
        raise WeChatNotConfigured("本服务器没有配置微信小程序，请联系管理员")
    try:
        yield here.wechat
    except WeChatCodeRefused:
        raise refused from None
    except WeChatBusy:
        raise WeChatUnavailable("微信暂时没有响应，请稍后再试") from None
    except WeChatError:
        raise WeChatNotConfigured("微信小程序的配置有误，请联系管理员") from None


def _by_wechat(here: Kit, openid: str, binding_code: str | None) -> SignedIn:
    if binding_code is None:
        with transaction(here.engine) as db:
            return account.open_session(db, account.account_of_openid(db, openid))
    bounded = failures_bounded(here, "binding", openid, request.remote_addr)
    try:
        with bounded, transaction(here.engine) as db:
            return account.open_session(db, binding.bind(db, binding_code, openid))
    except IntegrityError:  # the same person's first sign-in came in between
        raise Conflict("正在登录，请再试一次") from None


@api.delete("/sessions/current", summary="退出登录", responses={204: None})
@access(Access.SIGNED_IN)
def sign_out() -> Response:
    return write(lambda work: account.close_session(work.db, bearer()))
