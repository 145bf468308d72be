"""Pushes as the platform makes them: signed, in plain, safe or mixed mode, as XML or JSON."""

import base64
import hashlib
import json
import secrets
import struct
import threading
import time
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tools.wechat_standin.platform import Json

ACCOUNT = "gh_standin"
TRIES = 3
WAIT_S = 5.0


def make_push(
    message: Json,
    *,
    token: str,
    key: str,
    app_id: str,
    form: str = "json",
    mode: str = "safe",
    timestamp: int | None = None,
) -> tuple[dict[str, str], bytes, str]:
    """Query, body and content type of one push; `form` is xml or json, `mode` plain, safe or
    compat (both at once)."""
    stamp, nonce = str(timestamp or int(time.time())), secrets.token_hex(8)
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
    return f"<{tag}>{escape(str(value))}</{tag}>"


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
    `delay_s`."""

    url: str | None = None
    token: str = ""
    key: str = ""
    form: str = "json"
    mode: str = "safe"
    repeat: int = 1
    delay_s: float = 0.0
    retry_s: float = 1.0


@dataclass
class Pusher:
    app_id: str
    to: PushTo
    made: list[Json] = field(default_factory=list)
    _last: dict[tuple[str, str], int] = field(default_factory=dict)

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
        self._last[key] = max(int(time.time()), self._last.get(key, 0) + 1)
        head = {"ToUserName": ACCOUNT, "FromUserName": who, "CreateTime": self._last[key]}
        note: Json = {"event": event["Event"], "attempts": []}
        self.made.append(note)
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
            answer = requests.post(url, params=query, data=body, headers=headers, timeout=WAIT_S)
        except requests.RequestException as error:
            note["attempts"].append({"status": None, "body": type(error).__name__})
            return False
        seconds = round(time.monotonic() - began, 3)
        told = {"status": answer.status_code, "body": answer.text[:200], "seconds": seconds}
        note["attempts"].append(told)
        return answer.status_code == 200 and answer.text in {"success", ""}
