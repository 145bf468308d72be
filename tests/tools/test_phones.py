"""Phones in the browser: their way to the service, and how members of staff are bound to them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Request, Response

from tests.little_server import serving
from tests.tools.conftest import serving as serving_here
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn
from tools.wechat_standin.phones import Phones


class Service:
    """Knows one member of staff, who may be bound already."""

    def __init__(self) -> None:
        self.bound = False
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if request.path == "/api/v1/sessions":
            return self.session(request.get_json())
        if request.path == "/api/v1/me/binding-code":
            known = request.headers["Authorization"] == "Bearer of-password"
            return answer(201 if known else 401, {"code": "123456"})
        body: dict[str, str | None] = {"method": request.method}
        body["query"] = request.query_string.decode()
        body["key"] = request.headers.get("Idempotency-Key")
        body["body"] = request.get_data().decode()
        return answer(207, body)

    def session(self, given: dict[str, str]) -> Response:
        if given == {"username": "worker1", "password": "secret"}:
            return session("worker", "of-password")
        if "username" in given:
            return answer(401, {"title": "用户名或密码不对"})
        if given.get("binding_code") == "123456":
            self.bound = True
        return session("worker" if self.bound else "citizen", "of-wechat")


def answer(status: int, body: Any) -> Response:
    headers = {"X-Request-Id": "7", "Connection": "close"}
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def session(role: str, token: str) -> Response:
    account = {"display_name": "赵甲", "roles": [{"role": role}]}
    return answer(201, {"token": token, "account": account})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service, tmp_path: Path) -> Iterator[str]:
    """The address of the phones."""
    with serving(service) as behind:
        standin = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
        (tmp_path / "app.js").write_text("1")
        standin.phones = Phones(tmp_path, tmp_path, behind, {"T1": "办结通知"}, "secret")
        with serving_here(standin):
            yield f"{standin.url}/phone"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_requests_are_handed_on_as_they_are(url: str, method: str) -> None:
    headers = {"Idempotency-Key": "k"}
    got = requests.request(
        method, f"{url}/server/api/v1/x?a=%E4%BD%A0", data=b"body", headers=headers, timeout=5
    )
    assert got.status_code == 207
    assert got.headers["X-Request-Id"] == "7"
    told = {"method": method, "query": "a=%E4%BD%A0", "key": "k", "body": "body"}
    assert got.json() == told


def test_a_service_that_is_away_is_a_bad_gateway(tmp_path: Path) -> None:
    phones = Phones(tmp_path, tmp_path, "http://127.0.0.1:9", {}, "")
    assert phones.answer("GET", "/phone/server/x", {}, b"").status == 502
    assert phones.answer("POST", "/phone/bind", {}, b'{"person": "unit1"}').status == 502


def test_phones_are_told_where_things_are(url: str) -> None:
    assert requests.get(f"{url}/config.json", timeout=5).json() == {
        "server": "/phone/server",
        "consents": "/_standin/consents",
        "templates": {"T1": "办结通知"},
    }
    assert requests.get(f"{url}/app.js", timeout=5).text == "1"
    assert requests.get(url, timeout=5, allow_redirects=False).headers["Location"] == "/phone/"


def bind(url: str, person: Any) -> tuple[int, str]:
    got = requests.post(f"{url}/bind", json={"person": person}, timeout=5)
    return got.status_code, got.json()["said"]


def test_a_member_of_staff_is_bound_once(url: str, service: Service) -> None:
    assert bind(url, "worker1") == (200, "赵甲，刚刚绑定")
    calls = len(service.asked)
    assert bind(url, "worker1") == (200, "赵甲，已经绑定")
    assert len(service.asked) == calls + 1


def test_who_has_no_account_is_not_bound(url: str) -> None:
    assert bind(url, "desk") == (409, "没有绑定成功：用户名或密码不对")
    for person in ("", "a b", "a" * 41, 7, None):
        assert bind(url, person) == (400, "没有说是谁")


def test_without_phones_there_are_none(platform: StandIn) -> None:
    assert requests.get(f"{platform.url}/phone/", timeout=5).status_code == 404
    assert requests.put(f"{platform.url}/phone/", timeout=5).status_code == 405
