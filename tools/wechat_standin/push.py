"""Pushes as the platform makes them: signed, in plain, safe or mixed mode, as XML or JSON."""

import base64
import hashlib
import json
import secrets
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tools.wechat_standin.platform import Json
from tools.wechat_standin.web import session

ACCOUNT = "gh_standin"
TRIES = 3


def make_push(
    message: Json,
    *,
    token: str,
    key: str,
    app_id: str,
    form: str = "json",
    mode: str = "safe",
    timestamp: int | None = None,
    nonce: str | None = None,
) -> tuple[dict[str, str], bytes, str]:
    """Query, body and content type of one push; `form` is xml or json, `mode` plain, safe or
    compat (both at once)."""
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    nonce = secrets.token_hex(8) if nonce is None else nonce
    query = {"signature": _sha1(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    query["openid"] = str(message.get("FromUserName", ""))
    whole = message
    if mode != "plain":
        encrypted = _encrypted(_text(message, form), key, app_id)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": _sha1(token, stamp, nonce, encrypted),
        }
        sealed = {"ToUserName": message.get("ToUserName", ACCOUNT), "Encrypt": encrypted}
        whole = message | sealed if mode == "compat" else sealed
    kind = "application/json" if form == "json" else "text/xml"
    return query, _text(whole, form).encode(), kind


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  (WeChat's choice)


def _text(message: Json, form: str) -> str:
    return json.dumps(message, ensure_ascii=False) if form == "json" else _xml("xml", message)


def _xml(tag: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_xml(tag, one) for one in value)
    if isinstance(value, dict):
        return f"<{tag}>{''.join(_xml(k, v) for k, v in value.items())}</{tag}>"
    if isinstance(value, int):
        return f"<{tag}>{value}</{tag}>"
    return f"<{tag}><![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]></{tag}>"


def _encrypted(message: str, key: str, app_id: str) -> str:
    raw, body = base64.b64decode(key + "="), message.encode()
    whole = secrets.token_bytes(16) + struct.pack(">I", len(body)) + body + app_id.encode()
    padding = 32 - len(whole) % 32
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    made = encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(made).decode()


@dataclass
class PushTo:
    """Where pushes go and how; no `url`: nowhere. Each is delivered `repeat` times at once, after
    `delay_s`. An answer is waited for `wait_s`, and `retry_s` later it is tried again."""

    url: str | None = None
    token: str = ""
    key: str = ""
    form: str = "json"
    mode: str = "safe"
    repeat: int = 1
    delay_s: float = 0.0
    retry_s: float = 1.0
    wait_s: float = 5.0

    def change(self, given: Json) -> None:
        """From now on; `format` is another word for `form`.

        Raises ValueError for a name or a value that there is not.
        """
        changes = {"form" if name == "format" else name: value for name, value in given.items()}
        for name, value in changes.items():
            if name not in _RULES or not _RULES[name](value):
                raise ValueError(f"pushes cannot have {name} {value!r}")
        for name, value in changes.items():
            setattr(self, name, value)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 600


_RULES: dict[str, Callable[[Any], bool]] = {
    "url": lambda url: url is None or isinstance(url, str),
    "token": lambda token: isinstance(token, str),
    "key": lambda key: isinstance(key, str) and len(key) == 43,
    "form": lambda form: form in ("json", "xml"),
    "mode": lambda mode: mode in ("plain", "safe", "compat"),
    "repeat": lambda repeat: isinstance(repeat, int) and 1 <= repeat <= 50,
    "delay_s": _seconds,
    "retry_s": _seconds,
    "wait_s": _seconds,
}


@dataclass
class Pusher:
    app_id: str
    to: PushTo
    made: list[Json] = field(default_factory=list)
    _last: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        with self._lock:
            self.made.clear()
            self._last.clear()

    def push_list(self, who: str, event: str, wrapper: str, items: list[Json]) -> None:
        """A subscribe event: JSON holds its list bare, an object for one; XML in a wrapper."""
        listed = {"List": items if len(items) > 1 else items[0]}
        inside = listed if self.to.form == "json" else {wrapper: listed}
        self.push(who, {"Event": event, **inside})

    def push(self, who: str, event: Json) -> None:
        """Delivers an event in the background."""
        if self.to.url is None:
            return
        key = (who, event["Event"])  # no person taps twice in one second, but tests do
        note: Json = {"event": event["Event"], "attempts": []}
        with self._lock:
            created = max(int(time.time()), self._last.get(key, 0) + 1)
            self._last[key] = created
            self.made.append(note)
        head = {"ToUserName": ACCOUNT, "FromUserName": who, "CreateTime": created}
        for _ in range(self.to.repeat):
            whole = head | {"MsgType": "event"} | event
            threading.Thread(target=self._deliver, args=(whole, note), daemon=True).start()

    def _deliver(self, message: Json, note: Json) -> None:
        """As the platform does: three times, unless it is answered in time."""
        to = self.to
        time.sleep(to.delay_s)
        for attempt in range(TRIES):
            query, body, kind = make_push(
                message,
                token=to.token,
                key=to.key,
                app_id=self.app_id,
                form=to.form,
                mode=to.mode,
            )
            if self._posted(str(to.url), query, body, kind, note):
                return
            if attempt + 1 < TRIES:
                time.sleep(to.retry_s)

    def _posted(self, url: str, query: dict[str, str], body: bytes, kind: str, note: Json) -> bool:
        began, headers = time.monotonic(), {"Content-Type": kind}
        try:
            with session(url) as asking:
                answer = asking.post(
                    url,
                    params=query,
                    data=body,
                    headers=headers,
                    timeout=self.to.wait_s,
                    allow_redirects=False,
                )
            status, text = answer.status_code, answer.text
        except (requests.RequestException, ValueError) as error:
            status, text = None, type(error).__name__
        seconds = round(time.monotonic() - began, 3)
        note["attempts"].append({"status": status, "body": text[:200], "seconds": seconds})
        return status == 200 and text in {"success", ""}
