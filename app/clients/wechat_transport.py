"""One HTTP call to WeChat through wechatpy; nothing else imports its client.

wechatpy 1.8.18 puts secrets and tokens into URLs, and the URLs into its exceptions; urllib3 writes
them to its log. Here neither leaves: errors are values, with no cause or context, and log lines
lose every query string.
"""

import logging
import re
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from app.clients.wechat_errors import WeChatError, error_of, no_answer

PLATFORM = "https://api.weixin.qq.com"
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
_QUERY = re.compile(r"\?[^\s'\"]*")
_ADDRESS = re.compile(r"invalid ip ([0-9a-fA-F:.]{3,45})")
Answer = dict[str, Any]


class Transport(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy, aimed at `base_url` and bounded in time, with errors as values."""

    def __init__(self, app_id: str, secret: str, base_url: str, timeout_s: float) -> None:
        super().__init__(app_id, secret, timeout=timeout_s, auto_retry=False)
        self._http.mount(f"{PLATFORM}/", _Adapter(base_url, timeout_s))
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_cut_queries)

    def ask(
        self,
        path: str,
        params: dict[str, str | None],
        timeout_s: float,
        body: dict[str, Any] | None = None,
    ) -> Answer | bytes | WeChatError:
        """The answer (JSON, or an image's bytes), or the error: raised in here it would carry the
        URL as its context. A body makes it a POST."""
        how: dict[str, Any] = {"params": params, "timeout": timeout_s, "allow_redirects": False}
        try:
            if body is None:
                answer = self.get(f"{PLATFORM}/{path}", **how)
            else:
                headers = {"Content-Type": "application/json; charset=utf-8"}
                answer = self.post(f"{PLATFORM}/{path}", data=body, headers=headers, **how)
        except WeChatClientException as refusal:
            if refusal.errcode is None:
                return no_answer(unclear=True)
            return error_of(refusal.errcode, _hint(refusal.errmsg))
        except requests.RequestException as failure:
            return no_answer(unclear=not _never_connected(failure))
        except (TypeError, ValueError):  # wechatpy met an errcode that is no number
            return no_answer(unclear=True)
        return _read(answer)


def _read(answer: Any) -> Answer | bytes | WeChatError:
    if isinstance(answer, dict):
        return answer
    if isinstance(answer, requests.Response) and answer.status_code == 200:
        content: bytes = answer.content
        if content.startswith(_IMAGES):
            return content
    return no_answer(unclear=True)


def _never_connected(failure: requests.RequestException) -> bool:
    if isinstance(failure, requests.ConnectTimeout):
        return True
    cause = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(cause, NewConnectionError)


def _hint(message: object) -> str:
    """The address that WeChat does not know: it stands in no secret, and the operator needs it."""
    found = _ADDRESS.search(str(message))
    return found.group(1) if found else ""


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


def _cut_queries(record: logging.LogRecord) -> bool:
    record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
    return True
