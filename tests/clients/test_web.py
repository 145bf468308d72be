"""Pictures of other people's servers: where the worker goes, and where it never goes."""

import socket
import time
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from app.clients.web import PictureAway, PictureRefused, Reach, Web
from tests.little_server import serving

PICTURE = b"\xff\xd8\xff a picture"


def answer(_request: Request) -> Response:
    return Response(PICTURE, mimetype="image/jpeg")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost"),
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "[64:ff9b::a00:1]"),
    ],
)
def test_addresses_that_are_not_public_are_refused(host: str) -> None:
    with pytest.raises(PictureRefused, match=r"公网|无法访问"):
        Web().picture(f"http://{host}:9/a.jpg", 1000)


def test_a_name_is_judged_by_what_it_resolves_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.0.7", port or 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(PictureRefused, match="公网"):
        Web().picture("http://pictures.example/a.jpg", 1000)
    assert asked == ["pictures.example"], "resolved once: it cannot change between look and call"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "http://", "http://[/a", ""])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(PictureRefused):
        Web().picture(url, 1000)


def test_loopback_is_asked_only_where_a_test_allows_it() -> None:
    with serving(answer) as url:
        assert Web(Reach.LOOPBACK_TOO).picture(url, 1000) == PICTURE
        assert Web(Reach.ANYWHERE).picture(url, 1000) == PICTURE
        with pytest.raises(PictureRefused):
            Web().picture(url, 1000)


def test_a_named_server_leads_nowhere_else() -> None:
    def elsewhere(_request: Request) -> Response:
        return Response("", 302, {"Location": "http://127.0.0.1:9/"})

    with serving(elsewhere) as url, pytest.raises(PictureRefused, match="302"):
        Web(Reach.ANYWHERE).picture(url, 1000)


def test_a_server_that_dribbles_is_left() -> None:
    def dribble(_request: Request) -> Response:
        def parts() -> Any:
            for _ in range(40):
                yield b"x" * 70_000
                time.sleep(0.05)

        return Response(parts(), mimetype="image/jpeg")

    with serving(dribble) as url, pytest.raises(PictureAway, match="slow"):
        Web(Reach.LOOPBACK_TOO).picture(url, 10_000_000, whole_s=0.2)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(answer) as url:
        assert Web(Reach.LOOPBACK_TOO).picture(url, 1000) == PICTURE
