"""Servers on loopback, made of a function or of an application."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

Answers = Callable[[Request], Response]


@contextmanager
def serving(answer: Answers) -> Iterator[str]:
    """The address of a server that answers so."""
    with serving_app(Request.application(answer)) as url:
        yield url


@contextmanager
def serving_app(app: Any) -> Iterator[str]:
    """The address of a WSGI application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
