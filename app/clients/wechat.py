"""WeChat's server, as far as the mini program needs it; nothing else imports wechatpy.

wechatpy 1.8.18 puts the secret into URLs, and the URLs into its exceptions; urllib3 writes them to
its log. Here neither leaves: errors are raised with no cause or context, log lines lose every
query string.
"""

import logging
import math
import random
import re
import time
from dataclasses import dataclass
from typing import Any, TypeGuard

import requests
from requests.adapters import HTTPAdapter
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

PLATFORM = "https://api.weixin.qq.com"
_CODE = re.compile(r"[\w.~+/=-]{1,256}")
_REFUSED = frozenset({40029, 40163, 40226})  # invalid, used before, high-risk user
_PASSING = frozenset({-1, 45011})  # busy, called too often: over in a moment
_BUSY = _PASSING | {45009}  # the day's quota is used up
_PAUSES_S = (0.2, 0.6)
_QUERY = re.compile(r"\?[^\s'\"]*")


class WeChatError(Exception):
    """A call that failed. `errcode` is WeChat's number, None where it gave none."""

    def __init__(self, message: str, errcode: int | None = None) -> None:
        super().__init__(message if errcode is None else f"{message} (errcode {errcode})")
        self.errcode = errcode


class WeChatCodeRefused(WeChatError):
    """The sign-in code is malformed, unknown, expired, used before, or of a high-risk user."""


class WeChatBusy(WeChatError):
    """No answer, none that can be understood, or one that asks to come back later."""


class WeChatMisconfigured(WeChatError):
    """WeChat refuses this server: app id, secret, address or rights. A person must look."""


@dataclass(frozen=True, slots=True)
class WeChatIdentity:
    """Who signed in. `unionid` only where the app is bound to an open platform account."""

    openid: str
    unionid: str | None


class WeChat:
    """One mini program's calls; may be shared by threads.

    `base_url` is the platform's or a stand-in's. A call takes about `timeout_s` seconds at most,
    repeated attempts included.
    """

    def __init__(
        self, app_id: str, app_secret: str, base_url: str = PLATFORM, timeout_s: float = 5
    ) -> None:
        self._client = _Client(app_id, app_secret, base_url, timeout_s)
        self._timeout_s = timeout_s

    def code_to_session(self, code: str) -> WeChatIdentity:
        """Exchanges a code of `wx.login` for the identity; the session key is not kept.

        A code is good once, so an attempt whose answer got lost is not repeated.

        Raises:
            WeChatCodeRefused, WeChatBusy, WeChatMisconfigured.
        """
        if not _CODE.fullmatch(code):
            raise WeChatCodeRefused("the sign-in code is malformed")
        answer = self._get("sns/jscode2session", self._client.sign_in(code))
        openid, unionid = answer.get("openid"), answer.get("unionid")
        if not _is_id(openid) or not (unionid is None or _is_id(unionid)):
            raise WeChatBusy("WeChat's answer names nobody")
        return WeChatIdentity(openid, unionid)

    def _get(self, path: str, params: dict[str, str | None]) -> dict[str, Any]:
        deadline = time.monotonic() + self._timeout_s
        pauses_s = iter(_PAUSES_S)
        while True:
            answer = self._client.ask(path, params, deadline - time.monotonic())
            if not isinstance(answer, WeChatError):
                return answer
            wait_s = next(pauses_s, math.inf) * random.uniform(0.5, 1.5)  # noqa: S311
            if answer.errcode not in _PASSING or time.monotonic() + wait_s >= deadline:
                raise answer
            time.sleep(wait_s)


class _Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy, aimed at `base_url` and bounded in time, with errors as values."""

    def __init__(self, app_id: str, secret: str, base_url: str, timeout_s: float) -> None:
        super().__init__(app_id, secret, timeout=timeout_s, auto_retry=False)
        self._http.mount(f"{PLATFORM}/", _Adapter(base_url, timeout_s))
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_cut_queries)

    def sign_in(self, code: str) -> dict[str, str | None]:
        return {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
            "access_token": None,  # else wechatpy fetches one first
        }

    def ask(
        self, path: str, params: dict[str, str | None], timeout_s: float
    ) -> dict[str, Any] | WeChatError:
        """The answer, or the error: raised in here it would carry the URL as its context."""
        try:
            answer = self.get(
                f"{PLATFORM}/{path}", params=params, timeout=timeout_s, allow_redirects=False
            )
        except WeChatClientException as refusal:
            return _error(refusal.errcode)
        except (requests.RequestException, TypeError, ValueError):
            return _error(None)  # the latter two: wechatpy met an errcode that is no number
        return answer if isinstance(answer, dict) else _error(None)


class _Adapter(HTTPAdapter):
    """Sends what wechatpy addresses to the platform, hard-coded in places, to `base_url`."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout_s
        if self._base_url != PLATFORM:
            request.url = f"{self._base_url}{(request.url or '').removeprefix(PLATFORM)}"
            kwargs["proxies"] = None  # they were chosen for the platform's address
        return super().send(request, *args, **kwargs)


def _error(errcode: int | None) -> WeChatError:
    if errcode is None:
        return WeChatBusy("WeChat gave no answer that can be understood")
    if errcode in _REFUSED:
        return WeChatCodeRefused("WeChat refused the sign-in code", errcode)
    if errcode in _BUSY:
        return WeChatBusy("WeChat is busy", errcode)
    return WeChatMisconfigured("WeChat refuses this server", errcode)


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 128


def _cut_queries(record: logging.LogRecord) -> bool:
    record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
    return True
