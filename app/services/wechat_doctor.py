"""What is wrong with the WeChat set-up, found out by trying it, in words an operator can act on."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import Connection, Row, select

from app.clients.wechat import WeChat
from app.clients.wechat_errors import (
    WeChatBusy,
    WeChatError,
    WeChatMisconfigured,
    WeChatQuotaUsedUp,
    WeChatRefused,
)
from app.clients.wechat_push import signature_of
from app.services.installation import KEY_FACT
from app.services.place_code import REPORT_PAGE
from app.services.safe import Safe
from models.message import MessageTemplate
from models.outbox import Installation

TIMEOUT_S = 10
_NOBODY = "flask-doctor-nobody"
_ADVICE = {
    40013: "AppID 不对：请核对 WECHAT_APP_ID（微信公众平台 › 开发管理 › 开发设置）",
    40125: "AppSecret 不对：请核对 WECHAT_APP_SECRET；重置过密钥的，请填新的",
    40001: "AppSecret 不对或已重置：请核对 WECHAT_APP_SECRET",
    40164: "本服务器的地址不在白名单：请在微信公众平台 › 开发设置 › IP 白名单加入{hint}",
    40243: "AppSecret 已被冻结：请在微信公众平台解冻",
    45009: "今天的调用次数已用完，明天零点恢复",
    48001: "小程序没有这个接口的权限：请确认小程序已认证，并开通该能力",
    61004: "本服务器的地址不在白名单：请在微信公众平台 › 开发设置 › IP 白名单加入{hint}",
    50002: "小程序已被限制使用：请在微信公众平台查看通知",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` None: it could not be found out, which is no fault by itself."""

    about: str
    good: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """The settings that WeChat needs, and what the database knows: the fingerprint of the data
    key, and the fields of each event's template."""

    push_token: str
    push_key: str
    public_url: str
    production: bool
    fingerprint: str | None
    templates: Sequence[Row[Any]]


def recorded(db: Connection) -> tuple[str | None, Sequence[Row[Any]]]:
    """What the database knows of the set-up: the key's fingerprint, the table of messages."""
    known = select(Installation.value).where(Installation.key == KEY_FACT)
    rows = db.execute(select(MessageTemplate.__table__).order_by(MessageTemplate.event)).all()
    return db.execute(known).scalar_one_or_none(), rows


def examine(wechat: WeChat | None, safe: Safe, set_up: SetUp) -> Iterator[Finding]:
    """Every finding as it is made; what needs what is missing is left out."""
    yield from _settings(set_up, wechat)
    yield _data_key(set_up.fingerprint, safe)
    if wechat is not None:
        token = _tried("AppID 和 AppSecret", wechat.fetch_token, "微信接受了凭据")
        yield token
        if token.good:
            yield _tried(
                "内容审核",
                lambda: wechat.check_text(_NOBODY, "你好"),
                "可以调用",
                fine=WeChatRefused,
            )
            yield _tried(
                "小程序码",
                lambda: wechat.place_code("doctor", REPORT_PAGE),
                f"可以生成，页面 {REPORT_PAGE} 已发布",
                refused=f"小程序还没有发布页面 {REPORT_PAGE}：请先发布小程序",
            )
            yield from _templates(set_up.templates, wechat)
    if set_up.public_url:
        yield from _reachable(set_up)


def _settings(set_up: SetUp, wechat: WeChat | None) -> Iterator[Finding]:
    if wechat is None:
        yield Finding("凭据", False, "没有设置 WECHAT_APP_ID 或 WECHAT_APP_SECRET：市民无法登录")
    missing = [
        name
        for name, value in (
            ("WECHAT_PUSH_TOKEN", set_up.push_token),
            ("WECHAT_PUSH_KEY", set_up.push_key),
        )
        if not value
    ]
    if missing:
        said = f"没有设置 {'、'.join(missing)}：收不到图片审核结果和订阅事件"
        yield Finding("消息推送", False, said)
    if not set_up.public_url:
        said = "没有设置 PUBLIC_URL：微信取不到待审核的照片，全部照片要人工审核"
        yield Finding("公网地址", False, said)


def _data_key(known: str | None, safe: Safe) -> Finding:
    if known is None:
        return Finding("数据密钥", None, "数据库还没有登记密钥：请先运行 flask prepare")
    if known != safe.fingerprint:
        said = "本机的密钥与数据库登记的不同：各台机器的 DATA_KEY（或 DATA_DIR/data.key）须相同"
        return Finding("数据密钥", False, said)
    return Finding("数据密钥", True, "与数据库登记的一致")


def _tried(
    about: str,
    call: Callable[[], object],
    good: str,
    *,
    fine: type[WeChatError] | None = None,
    refused: str = "",
) -> Finding:
    """Whether a call gets through; a `fine` refusal proves as much as an answer."""
    try:
        call()
    except WeChatError as error:
        if fine is not None and isinstance(error, fine):
            return Finding(about, True, good)
        if refused and isinstance(error, WeChatRefused):
            return Finding(about, False, refused)
        return Finding(about, False, _advice(error))
    return Finding(about, True, good)


def _advice(error: WeChatError) -> str:
    known = _ADVICE.get(error.errcode or 0)
    if known is not None:
        return known.format(hint=f" {error.hint}" if error.hint else "本服务器的公网地址")
    if isinstance(error, WeChatQuotaUsedUp):
        return _ADVICE[45009]
    if isinstance(error, WeChatMisconfigured | WeChatRefused):
        return f"微信返回错误 {error.errcode}：请在微信开放文档查这个错误码"
    if isinstance(error, WeChatBusy) and error.errcode is None:
        return "微信没有响应：请检查本服务器能否访问外网、DNS 和 WECHAT_BASE_URL"
    return f"微信暂时繁忙（{error.errcode}）：请稍后再试"


def _templates(used: Sequence[Row[Any]], wechat: WeChat) -> Iterator[Finding]:
    if not used:
        said = "还没有消息模板：请运行 flask messages import；在此之前只有站内消息"
        yield Finding("订阅消息", False, said)
        return
    try:
        there = {one.template_id: one.keys for one in wechat.templates()}
    except WeChatError as error:
        yield Finding("订阅消息", None, f"无法核对模板：{_advice(error)}")
        return
    faults = []
    for row in used:
        keys = there.get(row.template_id)
        if keys is None:
            faults.append(f"事件 {row.event} 的模板 {row.template_id} 不在小程序的模板列表里")
        elif keys and keys != set(row.fields):
            wrong = "、".join(sorted(keys ^ set(row.fields)))
            faults.append(f"事件 {row.event} 的字段与模板不一致：{wrong}")
    for fault in faults:
        yield Finding("订阅消息", False, fault)
    if not faults:
        yield Finding("订阅消息", True, f"{len(used)} 种事件的模板和字段都对")


def _reachable(set_up: SetUp) -> Iterator[Finding]:
    url = set_up.public_url.rstrip("/")
    if set_up.production and urlsplit(url).scheme != "https":
        yield Finding("公网地址", False, "PUBLIC_URL 须以 https:// 开头")
    try:
        alive = requests.get(f"{url}/healthz", timeout=TIMEOUT_S, allow_redirects=False)
        here = alive.status_code == 200 and alive.json() == {"status": "ok"}
    except (requests.RequestException, ValueError):
        here = False
    if not here:
        said = f"从本机打不开 {url}/healthz：请检查域名、证书和反向代理"
        yield Finding("公网地址", False, said)
        return
    yield Finding("公网地址", True, f"{url} 可以访问")
    if set_up.push_token:
        yield _push_answers(url, set_up.push_token)


def _push_answers(url: str, token: str) -> Finding:
    """Greets the push address as WeChat does when the operator saves it."""
    stamp, nonce, echo = str(int(time.time())), secrets.token_hex(8), secrets.token_hex(8)
    query = {
        "signature": signature_of(token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "echostr": echo,
    }
    try:
        answer = requests.get(
            f"{url}/wechat/push", params=query, timeout=TIMEOUT_S, allow_redirects=False
        )
        good = answer.status_code == 200 and answer.text == echo
    except requests.RequestException:
        good = False
    if good:
        return Finding("消息推送", True, f"{url}/wechat/push 应答正确，请把它填到微信公众平台")
    said = f"{url}/wechat/push 没有正确应答：请检查反向代理是否原样转发，各进程的设置是否相同"
    return Finding("消息推送", False, said)
