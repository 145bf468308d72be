"""The stand-in over HTTP: the platform's calls, controls below `/_standin/`, and a page of phones.

Controls take JSON by POST:

    faults        {"path", "answers"}: the next calls of the path ("*": of any) meet these, each an
                  errcode, "garbage", "http500", "http502", "reset", or {"slow": seconds}
    down          {"down": true}: every call of the platform is cut off
    expire_tokens, revoke_tokens, forget_activity
    verdicts      {"images": [["risky", 20002], "error", "silent"]}: of the next image checks
    consents      {"name" or "openid", "template_id", "accept", "count"}: as if tapped; pushed
    settings      {"name" or "openid", "template_id", "accept"}: changed in the settings; pushed
    push          {"form", "mode", "repeat", "delay_s", "url"}: how events are pushed from now on

and tell by GET: `calls`, `messages`, `pushes`, `state`.
"""

import ipaddress
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tools.wechat_standin import calls
from tools.wechat_standin.calls import Answer, Asked
from tools.wechat_standin.page import page
from tools.wechat_standin.platform import Fault, Json, Platform, openid, refusal
from tools.wechat_standin.push import Pusher, PushTo

CONTROLS = "/_standin/"
_GARBAGE = b"<html>Bad Gateway</html>"
_MOST_BYTES = 1 << 20


class StandIn(ThreadingHTTPServer):
    """Serves until `shutdown`; `platform` is its memory. Options are those of Platform.

    Raises ValueError for a host that is not loopback.
    """

    request_queue_size = 128
    daemon_threads = True

    def __init__(
        self,
        host: str,
        port: int,
        app_id: str,
        app_secret: str,
        push: PushTo | None = None,
        **options: Any,
    ) -> None:
        if not ipaddress.IPv4Address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address")
        super().__init__((host, port), _Handler)
        self.url = f"http://{host}:{self.server_port}"
        self.platform = Platform(app_id, app_secret, **options)
        self.pusher = Pusher(app_id, push or PushTo())

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps quiet about clients that stopped waiting."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def answer(self, path: str, query: dict[str, str], body: Json) -> Answer | int:
        """What the platform answers; an HTTP status where there is no such call."""
        call = calls.OPEN.get(path) or calls.WITH_TOKEN.get(path)
        if call is None:
            return 404
        errcode = self.platform.quota_fault(path)
        if errcode is None and path in calls.WITH_TOKEN:
            errcode = self.platform.token_fault(query.get("access_token", ""))
        if errcode is not None:
            return refusal(errcode)
        return call(Asked(self.platform, self.pusher, query, body))

    def control(self, name: str, given: Json) -> Json | None:
        """Does what a test or a demonstration asks for; None: no such control."""
        known: dict[str, Callable[[Json], None]] = {
            "faults": lambda g: self.platform.fault(g["path"], *g["answers"]),
            "down": lambda g: setattr(self.platform, "down", g["down"]),
            "expire_tokens": lambda _: self.platform.expire_tokens(),
            "revoke_tokens": lambda _: self.platform.revoke_tokens(),
            "forget_activity": lambda _: self.platform.forget_activity(),
            "verdicts": lambda g: self.platform.verdicts(g["images"]),
            "consents": self._consent,
            "settings": self._settings,
            "push": self._push,
        }
        if name not in known:
            return None
        known[name](given)
        return {"done": name}

    def _consent(self, given: Json) -> None:
        accept = given.get("accept", True)
        for _ in range(int(given.get("count", 1)) if accept else 1):
            self._tapped(given, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", accept)

    def _settings(self, given: Json) -> None:
        self._tapped(given, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", False)

    def _tapped(self, given: Json, event: str, wrapper: str, accept: bool) -> None:
        who = given.get("openid") or openid(given["name"])
        self.platform.consent(who, given["template_id"], 1 if accept else 0)
        item = {
            "TemplateId": given["template_id"],
            "SubscribeStatusString": "accept" if accept else "reject",
            "PopupScene": "0",
        }
        self.pusher.push_list(who, event, wrapper, [item])

    def _push(self, given: Json) -> None:
        for name, value in given.items():
            setattr(self.pusher.to, name, value)

    def told(self, name: str) -> Any:
        """What a GET of a control says; None: no such."""
        platform = self.platform
        with platform.lock:
            known: dict[str, Any] = {
                "calls": list(platform.calls),
                "messages": [asdict(one) for one in platform.messages],
                "pushes": list(self.pusher.made),
                "state": {"tokens_made": platform.tokens_made, "down": platform.down},
            }
        return known.get(name)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: StandIn

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MOST_BYTES:
            self.close_connection = True
            return
        data = self.rfile.read(int(length))
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            self._from_page(dict(parse_qsl(data.decode(errors="replace"))))
            return
        try:
            body = json.loads(data) if data else {}
        except ValueError:
            body = None
        self._serve(body)

    def _from_page(self, form: dict[str, str]) -> None:
        """The page's button: one consent to every template."""
        if self.path == f"{CONTROLS}consents" and "openid" in form:
            for template_id in form.get("templates", "").split():
                self.server.control("consents", form | {"template_id": template_id})
        self._reply(303, b"", "text/plain", Location="/")

    def _serve(self, body: Any) -> None:
        target = urlsplit(self.path)
        if target.path == "/":
            self._reply(200, page(self.server.platform).encode(), "text/html; charset=utf-8")
        elif target.path.startswith(CONTROLS):
            self._control(target.path.removeprefix(CONTROLS), body)
        else:
            self._call(target.path, dict(parse_qsl(target.query)), body)

    def _control(self, name: str, body: Any) -> None:
        asked = self.command == "GET" or not isinstance(body, dict)
        try:
            told = self.server.told(name) if asked else self.server.control(name, body)
        except (KeyError, TypeError, ValueError) as wrong:
            self._reply(400, repr(wrong).encode(), "text/plain")
            return
        status = 404 if told is None else 200
        self._reply(status, json.dumps(told).encode(), "application/json")

    def _call(self, path: str, query: dict[str, str], body: Any) -> None:
        platform = self.server.platform
        fault = "reset" if platform.down else platform.next_fault(path)
        if fault is not None and self._met(path, fault):
            return
        answer: Answer | int = refusal(47001)
        if isinstance(body, dict):
            answer = self.server.answer(path, query, body)
        if isinstance(answer, int):
            self._reply(answer, b"", "text/plain")
            return
        errcode = answer.get("errcode", 0) if isinstance(answer, dict) else 0
        platform.note(path, None if answer is None else errcode)
        if isinstance(answer, bytes):
            self._reply(200, answer, "image/jpeg")
        else:  # as text, as WeChat does for JSON too
            data = _GARBAGE if answer is None else json.dumps(answer).encode()
            self._reply(200, data, "text/plain")

    def _met(self, path: str, fault: Fault) -> bool:
        """Meets the call with a fault; False: it goes on, only later."""
        if isinstance(fault, dict):
            time.sleep(fault["slow"])
            return False
        self.server.platform.note(path, fault if isinstance(fault, int) else None)
        if isinstance(fault, int):
            self._reply(200, json.dumps(refusal(fault)).encode(), "text/plain")
        elif fault == "garbage":
            self._reply(200, _GARBAGE, "text/plain")
        elif str(fault).startswith("http"):
            self._reply(int(str(fault)[4:]), _GARBAGE, "text/html")
        else:
            self.close_connection = True
        return True

    def _reply(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (http.server's name)
        """Keeps quiet: a log of requests would show the secret."""
