"""A server that gives written answers: for what the stand-in would never say."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from app.clients.broker import Broker
from app.clients.wechat import WeChat

NO_BROKER = "redis://127.0.0.1:9/0"  # the discard port: nobody listens
SECRET = "a-secret-that-nobody-may-read"
TOKEN_PATH = "/cgi-bin/stable_token"


def client(
    url: str, *, secret: str = SECRET, timeout_s: float = 5, broker: str = NO_BROKER
) -> WeChat:
    return WeChat("demo-appid", secret, Broker(broker), base_url=url, timeout_s=timeout_s)


@dataclass
class Script:
    """`answers` are given one by one, the last again and again; a token is given by itself, a
    new one each time: T1, T2 …"""

    answers: list[tuple[int, bytes, str]]
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    tokens: list[bool] = field(default_factory=list)
    same_token: bool = False
    url: str = ""
    token_after_s: float = 0.0
    dead: set[str] = field(default_factory=set)

    def answer(self, path: str, body: bytes) -> tuple[int, bytes, str]:
        if urlsplit(path).path == TOKEN_PATH:
            self.tokens.append(json.loads(body)["force_refresh"])
            serial = 1 + sum(self.tokens) if self.same_token else len(self.tokens)
            time.sleep(self.token_after_s)
            made = {"access_token": f"T{serial}", "expires_in": 7200}
            return 200, json.dumps(made).encode(), "text/plain"
        self.asked.append(path)
        if path.rpartition("=")[2] in self.dead:
            return 200, b'{"errcode": 40001}', "text/plain"
        self.bodies.append(json.loads(body) if body else None)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


class _Handler(BaseHTTPRequestHandler):
    script: Script

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer, kind = self.script.answer(self.path, body)
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815  (http.server's name)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


def _written(answer: Any) -> tuple[int, bytes, str]:
    """Bytes or JSON with status 200, or a pair of status and bytes, or with a content type."""
    if isinstance(answer, tuple):
        return answer if len(answer) == 3 else (*answer, "text/plain")
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return 200, body, "text/plain"


@contextmanager
def answering(*answers: Any, **how: Any) -> Iterator[tuple[WeChat, Script]]:
    """A client of a server that gives these answers."""
    of_script = {name: how.pop(name) for name in ("same_token", "token_after_s") if name in how}
    script = Script([_written(a) for a in answers], **of_script)
    handler = type("Handler", (_Handler,), {"script": script})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            script.url = f"http://127.0.0.1:{server.server_port}"
            yield client(script.url, **how), script
        finally:
            server.shutdown()
            serving.join()
