"""The stand-in, and somebody who takes its pushes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    PushTo,
    StandIn,
)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serves in a thread, and ends at once: there are many tests here."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def platform() -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving(found):
        yield found


class Receiver(BaseHTTPRequestHandler):
    """Takes pushes, answering what the test says."""

    answers: list[bytes]
    got: list[tuple[dict[str, list[str]], bytes]]

    slow: list[float]

    def do_GET(self) -> None:
        picture, size = b"\xff\xd8\xffpicture", None
        if self.path == "/moved.jpg":
            self.send_response(302)
            self.send_header("Location", "/x.jpg")
            self.end_headers()
            return
        if self.path == "/big.jpg":
            picture = bytes((10 << 20) + 1)
        elif self.path in {"/cut.jpg", "/hangs.jpg"}:
            size = 1000
        self._reply(picture, "text/html" if self.path == "/page.jpg" else "image/jpeg", size)
        if self.path == "/hangs.jpg":
            self.wfile.flush()
            time.sleep(0.5)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((parse_qs(urlsplit(self.path).query), body))
        if self.slow:
            time.sleep(self.slow.pop(0))
        self._reply(self.answers.pop(0) if self.answers else b"success", "text/plain")

    def _reply(self, body: bytes, kind: str, size: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size or len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def receiver(platform: StandIn) -> Iterator[Any]:
    handler = type("Handler", (Receiver,), {"answers": [], "got": [], "slow": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serving(server):
        url = f"http://127.0.0.1:{server.server_port}/push"
        platform.pusher.to = PushTo(url, "t", DEMO_PUSH_KEY, mode="plain", retry_s=0.01)
        yield handler
