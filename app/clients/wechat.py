"""WeChat's server, as a mini program's server needs it: every call, with typed answers."""

import math
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from app.clients.broker import Broker
from app.clients.wechat_errors import (
    PASSING,
    TOKEN_DEAD,
    WeChatBusy,
    WeChatCodeRefused,
    WeChatError,
    WeChatMisconfigured,
    no_answer,
)
from app.clients.wechat_token import Tokens
from app.clients.wechat_transport import PLATFORM, Answer, Transport

_CODE = re.compile(r"[\w.~+/=-]{1,256}")
_PAUSES_S = (0.2, 0.6)
AWAY_S = 15.0
"""After a call without an answer the others with a token fail at once for so long: a platform that
is down must not hold up every other job for a time-out each."""
FORUM = 3
"""The scene of content that others may read (1 profile, 2 comment, 3 forum, 4 social)."""
IMAGE = 2
Env = Literal["release", "trial", "develop"]
_STATES = {"release": "formal", "trial": "trial", "develop": "developer"}


@dataclass(frozen=True, slots=True)
class WeChatIdentity:
    """Who signed in. `unionid` only where the app is bound to an open platform account."""

    openid: str
    unionid: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """WeChat's word on a content: `suggest` is pass, review or risky."""

    suggest: str
    label: int | None


@dataclass(frozen=True, slots=True)
class Template:
    """A template of subscribe messages that the mini program has, and the keys in its content."""

    template_id: str
    title: str
    keys: frozenset[str]


class WeChat:
    """One mini program's calls; may be shared by threads.

    `base_url` is the platform's or a stand-in's. A call takes about `timeout_s` seconds at most,
    repeated attempts included, and one more time-out where a token must be fetched. Every method
    raises WeChatBusy and WeChatMisconfigured; those with a token renew it once when WeChat calls
    it dead.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        broker: Broker,
        *,
        base_url: str = PLATFORM,
        env: str = "release",
        timeout_s: float = 5,
    ) -> None:
        self._transport = Transport(app_id, app_secret, base_url, timeout_s)
        self._credentials = {"appid": app_id, "secret": app_secret}
        self._env = env
        self._timeout_s = timeout_s
        self._tokens = Tokens(broker, app_id, self._fetch_token)
        self._lock = threading.Lock()
        self._away_until = 0.0

    def code_to_session(self, code: str) -> WeChatIdentity:
        """Exchanges a code of `wx.login` for the identity; the session key is not kept.

        A code is good once, so an attempt whose answer got lost is not repeated.

        Raises:
            WeChatCodeRefused.
        """
        _require_code(code)
        params = self._credentials | {
            "js_code": code,
            "grant_type": "authorization_code",
            "access_token": None,  # else wechatpy fetches one first
        }
        answer = _json(self._patiently("sns/jscode2session", params))
        openid, unionid = answer.get("openid"), answer.get("unionid")
        if not _is_id(openid) or not (unionid is None or _is_id(unionid)):
            raise WeChatBusy("WeChat's answer names nobody")
        return WeChatIdentity(openid, unionid)

    def phone_number(self, code: str) -> str:
        """Exchanges a code of the phone button for the number, with its country code unless that
        is China's.

        Raises:
            WeChatCodeRefused.
        """
        _require_code(code)
        info = self._post("wxa/business/getuserphonenumber", {"code": code}).get("phone_info")
        if not isinstance(info, dict):
            raise no_answer(unclear=False)
        number = info.get("purePhoneNumber")
        if not isinstance(number, str) or not re.fullmatch(r"[0-9]{4,15}", number):
            raise WeChatBusy("WeChat's answer holds no number")
        country = str(info.get("countryCode") or "86")
        return number if country == "86" else f"+{country}{number}"

    def check_text(self, openid: str, content: str) -> Verdict:
        """WeChat's word on up to 2,500 characters that this person wrote.

        Raises:
            WeChatInactive, WeChatRisky, WeChatRefused.
        """
        body = {"version": 2, "openid": openid, "scene": FORUM, "content": content[:2500]}
        return verdict_of(self._post("wxa/msg_sec_check", body).get("result"))

    def check_image(self, openid: str, media_url: str) -> str:
        """Asks for a check of the picture at a public address; returns the number that the pushed
        verdict will name.

        Raises:
            WeChatInactive, WeChatRefused.
        """
        body = {
            "media_url": media_url,
            "media_type": IMAGE,
            "version": 2,
            "openid": openid,
            "scene": FORUM,
        }
        trace_id = self._post("wxa/media_check_async", body).get("trace_id")
        if not _is_id(trace_id):
            raise no_answer(unclear=True)
        return trace_id

    def send_message(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str
    ) -> None:
        """Sends a subscribe message; values must fit their keys (models/message_fields.py).

        Raises:
            WeChatNoConsent, WeChatRefused.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {key: {"value": value} for key, value in data.items()},
            "miniprogram_state": _STATES[self._env],
            "lang": "zh_CN",
        }
        self._post("cgi-bin/message/subscribe/send", body)

    def place_code(
        self, scene: str, page: str, *, width: int = 600, check_path: bool = True
    ) -> bytes:
        """A mini program code, as image bytes, whose scan opens the page with the scene.

        Raises:
            WeChatRefused: the scene, or a page that is not published.
        """
        body = {
            "scene": scene,
            "page": page,
            "check_path": check_path,
            "env_version": self._env,
            "width": width,
        }
        answer = self._with_token("wxa/getwxacodeunlimit", body)
        if not isinstance(answer, bytes):
            raise no_answer(unclear=False)
        return answer

    def templates(self) -> list[Template]:
        """The templates of subscribe messages that the mini program has."""
        listed = _json(self._with_token("wxaapi/newtmpl/gettemplate", None)).get("data")
        if not isinstance(listed, list):
            raise no_answer(unclear=False)
        return [
            Template(
                str(one["priTmplId"]),
                str(one.get("title", "")),
                frozenset(re.findall(r"\{\{(\w+)\.DATA\}\}", str(one.get("content", "")))),
            )
            for one in listed
            if isinstance(one, dict) and "priTmplId" in one
        ]

    def fetch_token(self) -> None:
        """Fetches a token past every cache: whether WeChat takes these credentials at all."""
        self._fetch_token(False)

    def _fetch_token(self, forced: bool) -> tuple[str, float]:
        body: Answer = self._credentials | {
            "grant_type": "client_credential",
            "force_refresh": forced,
        }
        answer = _json(self._patiently("cgi-bin/stable_token", {"access_token": None}, body))
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not _is_id(token, 512) or not isinstance(seconds, int | float) or seconds <= 0:
            raise no_answer(unclear=False)
        return token, float(seconds)

    def _post(self, path: str, body: Answer) -> Answer:
        return _json(self._with_token(path, body))

    def _with_token(self, path: str, body: Answer | None) -> Answer | bytes:
        with self._lock:
            if time.monotonic() < self._away_until:
                raise no_answer(unclear=False)
        try:
            return self._with_live_token(path, body)
        except WeChatBusy as busy:
            if busy.errcode is None:
                with self._lock:
                    self._away_until = time.monotonic() + AWAY_S
            raise

    def _with_live_token(self, path: str, body: Answer | None) -> Answer | bytes:
        token = self._tokens.current()
        try:
            return self._patiently(path, {"access_token": token}, body)
        except WeChatMisconfigured as refused:
            if refused.errcode not in TOKEN_DEAD:
                raise
        return self._patiently(path, {"access_token": self._tokens.renew(token)}, body)

    def _patiently(
        self, path: str, params: Mapping[str, str | None], body: Answer | None = None
    ) -> Answer | bytes:
        """Repeats what will pass in a moment, as long as the time-out allows."""
        deadline = time.monotonic() + self._timeout_s
        pauses_s = iter(_PAUSES_S)
        while True:
            left_s = deadline - time.monotonic()
            answer = self._transport.ask(path, dict(params), left_s, body)
            if not isinstance(answer, WeChatError):
                return answer
            wait_s = next(pauses_s, math.inf) * random.uniform(0.5, 1.5)  # noqa: S311
            if answer.errcode not in PASSING or time.monotonic() + wait_s >= deadline:
                raise answer
            time.sleep(wait_s)


def verdict_of(result: Any) -> Verdict:
    """The verdict in an answer or a push. Raises WeChatBusy where there is none."""
    suggest = result.get("suggest") if isinstance(result, dict) else None
    if suggest not in {"pass", "review", "risky"}:
        raise no_answer(unclear=False)
    label = str(result.get("label", ""))
    return Verdict(suggest, int(label) if label.isdecimal() and len(label) < 9 else None)


def _require_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise WeChatCodeRefused("the code is malformed")


def _json(answer: Answer | bytes) -> Answer:
    if isinstance(answer, bytes):
        raise no_answer(unclear=True)
    return answer


def _is_id(value: object, most: int = 128) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= most
