"""A local stand-in of WeChat's server, over real HTTP, for demonstrations and tests.

`GET /sns/jscode2session` answers as the platform does, with these codes:

    demo-NAME        signs in the resident NAME, as often as you like
    once-NAME        signs in NAME once; then 40163, as real codes do
    error-ERRCODE    answers that errcode: error--1, error-45011
    slow-SECONDS     signs in the resident `slow` after so long, a minute at most
    garbage          answers something that is not JSON
    anything else    40029, an invalid code

It knows no secret worth keeping, and so listens on loopback only.
"""

import argparse
import base64
import hashlib
import ipaddress
import json
import re
import secrets
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

DEMO_APP_ID = "demo-appid"
DEMO_APP_SECRET = "demo-secret"  # noqa: S105  (the stand-in's own, worth nothing)
Answer = dict[str, str | int]
_MEANINGS = {
    -1: "system error",
    40002: "invalid grant_type",
    40013: "invalid appid",
    40029: "invalid code",
    40125: "invalid appsecret",
    40163: "code been used",
    40226: "code blocked",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    45011: "api minute-quota reach limit",
}
_SLOWEST_S = 60.0


def openid(name: str) -> str:
    """The resident's openid: 28 characters, the same for the same name."""
    digest = hashlib.sha256(name.encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def _refusal(errcode: int) -> Answer:
    meaning = _MEANINGS.get(errcode, "error")
    return {"errcode": errcode, "errmsg": f"{meaning}, rid: {secrets.token_hex(12)}"}


def _session(name: str) -> Answer:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return {"session_key": key, "openid": openid(name)}


class StandIn(ThreadingHTTPServer):
    """Serves until `shutdown`; raises ValueError for a host that is not loopback."""

    request_queue_size = 128

    def __init__(self, host: str, port: int, app_id: str, app_secret: str) -> None:
        if not ipaddress.IPv4Address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address")
        super().__init__((host, port), _Handler)
        self.url = f"http://{host}:{self.server_port}"
        self._credentials = (app_id, app_secret)
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps quiet about clients that stopped waiting."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def sign_in(self, query: dict[str, str]) -> Answer | None:
        """The answer to a query of jscode2session; None for one that is not JSON."""
        for name, missing in (("appid", 41002), ("secret", 41004), ("js_code", 41008)):
            if not query.get(name):
                return _refusal(missing)
        app_id, app_secret = self._credentials
        if query["appid"] != app_id:
            return _refusal(40013)
        if query["secret"] != app_secret:
            return _refusal(40125)
        if query.get("grant_type") != "authorization_code":
            return _refusal(40002)
        return self._redeem(query["js_code"])

    def _redeem(self, code: str) -> Answer | None:
        if code == "garbage":
            return None
        kind, _, rest = code.partition("-")
        if kind == "demo" and rest:
            return _session(rest)
        if kind == "once" and rest:
            return _session(rest) if self._first_use(code) else _refusal(40163)
        if kind == "error" and re.fullmatch(r"-?[0-9]{1,6}", rest):
            return _refusal(int(rest))
        if kind == "slow" and re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", rest):
            time.sleep(min(float(rest), _SLOWEST_S))
            return _session("slow")
        return _refusal(40029)

    def _first_use(self, code: str) -> bool:
        with self._lock:
            first = code not in self._used
            self._used.add(code)
        return first


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: StandIn

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        if target.path != "/sns/jscode2session":
            self._reply(404, b"")
            return
        answer = self.server.sign_in(dict(parse_qsl(target.query)))
        body = b"<html>Bad Gateway</html>" if answer is None else json.dumps(answer).encode()
        self._reply(200, body)

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")  # as WeChat does, for JSON too
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (http.server's name)
        """Keeps quiet: a log of requests would show the secret."""


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tools.wechat_standin")
    parser.add_argument("--port", type=int, required=True, help="0: any free one")
    parser.add_argument("--host", default="127.0.0.1", help="an IPv4 loopback address")
    parser.add_argument("--app-id", default=DEMO_APP_ID)
    parser.add_argument("--app-secret", default=DEMO_APP_SECRET)
    given = parser.parse_args()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit())
    try:
        server = StandIn(given.host, given.port, given.app_id, given.app_secret)
    except (OSError, ValueError) as refused:
        parser.error(str(refused))
    with server:
        print(f"WeChat stand-in {server.url}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
