"""The stand-in over HTTP: the platform's calls, controls below `/_standin/`, a page of phones, and
below `/phone/` the mini program itself where it is served.

Controls take JSON by POST:

    faults        {"path", "answers"}: the next calls of the path ("*": of any) meet these, each an
                  errcode, "garbage", "http500", "http502", "reset", or {"slow": seconds}
    down          {"down": true}: every call of the platform is cut off
    expire_tokens, revoke_tokens, forget_activity
    verdicts      {"images": [["risky", 20002], "error", "silent"]}: of the next image checks
    consents      {"name" or "openid", "template_id" (one, or a list that is asked for at once),
                  "accept", "count"}: as if tapped; pushed
    settings      {"name" or "openid", "template_id"}: refused in the settings; pushed
    push          {"form", "mode", "repeat", "url", "delay_s", "wait_s", "retry_s"}: how events are
                  pushed from now on
    reset         all that happened is forgotten, all that was asked for too but `push`

and tell by GET: `calls`, `messages`, `pushes`, `state`.
"""

import ipaddress
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tools.wechat_standin import calls
from tools.wechat_standin.calls import Answer, Asked
from tools.wechat_standin.errcodes import refusal
from tools.wechat_standin.page import page
from tools.wechat_standin.phones import BELOW, Phones
from tools.wechat_standin.platform import Fault, Json, Platform, openid
from tools.wechat_standin.push import Pusher, PushTo

CONTROLS = "/_standin/"
_GARBAGE = b"<html>Bad Gateway</html>"
_MOST_BYTES = 1 << 20
_MOST_OF_PHONES = 32 << 20


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
        self.phones: Phones | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps quiet about clients that stopped waiting."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def fault(self, path: str, *faults: Fault) -> None:
        """The next calls of the path (`*`: of any) meet these."""
        self.platform.fault(path, *faults)

    def reset(self) -> None:
        """Forgets all but the configuration."""
        self.platform.reset()
        self.pusher.reset()

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
            "faults": lambda g: self.fault(_text(g["path"]), *_list(g["answers"])),
            "down": lambda g: setattr(self.platform, "down", g["down"] is True),
            "expire_tokens": lambda _: self.platform.expire_tokens(),
            "revoke_tokens": lambda _: self.platform.revoke_tokens(),
            "forget_activity": lambda _: self.platform.forget_activity(),
            "verdicts": lambda g: self.platform.verdicts(_list(g["images"])),
            "consents": self._consent,
            "settings": self._settings,
            "push": self.pusher.to.change,
            "reset": lambda _: self.reset(),
        }
        if name not in known:
            return None
        known[name](given)
        return {"done": name}

    def _consent(self, given: Json) -> None:
        accept = given.get("accept", True) is not False
        status = {"SubscribeStatusString": "accept" if accept else "reject", "PopupScene": "0"}
        for _ in range(int(given.get("count", 1)) if accept else 1):
            self._tapped(given, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", status)

    def _settings(self, given: Json) -> None:
        if given.get("accept", False):
            raise ValueError("the platform tells of refusals only")
        status = {"SubscribeStatusString": "reject"}
        self._tapped(given, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", status)

    def _tapped(self, given: Json, event: str, wrapper: str, status: Json) -> None:
        who = _text(given["openid"]) if "openid" in given else openid(_text(given["name"]))
        asked = given["template_id"]
        templates = [_text(one) for one in (asked if isinstance(asked, list) else [asked])]
        if not templates:
            raise ValueError("no template")
        for template_id in templates:
            accepted = status["SubscribeStatusString"] == "accept"
            self.platform.consent(who, template_id, 1 if accepted else 0)
        items = [{"TemplateId": template_id, **status} for template_id in templates]
        self.pusher.push_list(who, event, wrapper, items)

    def told(self, name: str) -> Any:
        """What a GET of a control says; None: no such."""
        platform = self.platform
        with platform.lock:
            known: dict[str, Any] = {
                "calls": list(platform.calls),
                "messages": [
                    asdict(one) | {"name": platform.names.get(one.openid)}
                    for one in platform.messages
                ],
                "pushes": list(self.pusher.made),
                "state": {
                    "tokens_made": platform.tokens_made,
                    "down": platform.down,
                    "people": len(platform.names),
                    "calls": len(platform.calls),
                    "messages": len(platform.messages),
                    "pushes": len(self.pusher.made),
                    "consents": platform.consents_left(),
                },
            }
        return known.get(name)


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{given!r} is no text")
    return given


def _object(given: Any) -> Json:
    if not isinstance(given, dict):
        raise TypeError(f"{given!r} is no object")
    return given


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise TypeError(f"{given!r} is no list")
    return given


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: StandIn

    def do_GET(self) -> None:
        if not self._phone():
            self._serve({})

    def do_POST(self) -> None:
        if self._phone():
            return
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MOST_BYTES:
            self.close_connection = True
            return
        data = self.rfile.read(int(length))
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        if form and self.path == f"{CONTROLS}consents":
            self._from_page(dict(parse_qsl(data.decode(errors="replace"))))
            return
        try:
            body = json.loads(data) if data else {}
        except (ValueError, RecursionError):
            body = None
        self._serve(body)

    def do_PUT(self) -> None:
        if not self._phone():
            self._reply(405, b"", "text/plain")

    def do_PATCH(self) -> None:
        self.do_PUT()

    def do_DELETE(self) -> None:
        self.do_PUT()

    def _phone(self) -> bool:
        """Answers what belongs to the phones in the browser; False: it does not."""
        phones = self.server.phones
        if phones is None or urlsplit(self.path).path.split("/")[1:2] != [BELOW.strip("/")]:
            return False
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MOST_OF_PHONES:
            self.close_connection = True
            return True
        body = self.rfile.read(int(length))
        reply = phones.answer(self.command, self.path, dict(self.headers), body)
        self._reply(reply.status, reply.body, reply.kind, **reply.headers)
        return True

    def _from_page(self, form: dict[str, str]) -> None:
        """The page's button: one consent to every template, asked for at once."""
        templates = form.get("templates", "").split()
        if templates and "openid" in form:
            given = {"openid": form["openid"], "template_id": templates}
            self.server.control("consents", given)
        self._reply(303, b"", "text/plain", Location="/")

    def _serve(self, body: Any) -> None:
        target = urlsplit(self.path)
        if target.path == "/":
            html = page(self.server.platform).encode(errors="replace")
            self._reply(200, html, "text/html; charset=utf-8")
        elif target.path.startswith(CONTROLS):
            self._control(target.path.removeprefix(CONTROLS), body)
        else:
            self._call(target.path, dict(parse_qsl(target.query)), body)

    def _control(self, name: str, body: Any) -> None:
        asked = self.command == "GET"
        try:
            told = self.server.told(name) if asked else self.server.control(name, _object(body))
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
        if isinstance(fault, Mapping):
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
