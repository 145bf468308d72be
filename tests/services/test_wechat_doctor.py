"""What the doctor says of each fault, in words an operator can act on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from app.clients.wechat import Template, WeChat
from app.clients.wechat_errors import WeChatError, error_of, no_answer
from app.clients.wechat_push import PushReader
from app.services import wechat_doctor
from app.services.safe import Safe
from app.services.wechat_doctor import Finding, SetUp
from models.errors import Forbidden
from tests.fake_wechat import FakeWeChat

TOKEN = "push-token"
READER = PushReader("app", TOKEN, "")
SAFE = Safe([Fernet.generate_key().decode()])
ROW: Any = SimpleNamespace(event="pass", template_id="T1", fields={"thing1": "x", "time2": "y"})


class OurServer(BaseHTTPRequestHandler):
    """Answers as a server of ours behind a proxy that works."""

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        body, status = b'{"status":"ok"}', 200
        if target.path == "/wechat/push":
            try:
                body = READER.greet(query).encode()
            except Forbidden:
                status = 403
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@contextmanager
def our_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OurServer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with our_server() as found:
        yield found


@pytest.fixture
def set_up(url: str) -> SetUp:
    return SetUp(TOKEN, "k" * 43, url, False, SAFE.fingerprint, [ROW])


@pytest.fixture
def wechat() -> FakeWeChat:
    return FakeWeChat(listed=[Template("T1", "结案通知", frozenset({"thing1", "time2"}))])


def examined(wechat: FakeWeChat | None, set_up: SetUp) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in wechat_doctor.examine(cast("WeChat | None", wechat), SAFE, set_up):
        found.setdefault(one.about, []).append(one)
    return found


def faults(wechat: FakeWeChat | None, set_up: SetUp) -> list[str]:
    found = examined(wechat, set_up)
    return [one.said for about in found.values() for one in about if one.good is False]


def test_a_good_set_up_has_no_fault(wechat: FakeWeChat, set_up: SetUp) -> None:
    found = examined(wechat, set_up)
    assert [one.said for about in found.values() for one in about if one.good is not True] == []
    assert set(found) == {
        "数据密钥",
        "AppID 和 AppSecret",
        "内容审核",
        "小程序码",
        "订阅消息",
        "公网地址",
        "消息推送",
    }


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (error_of(40013), "WECHAT_APP_ID"),
        (error_of(40125), "WECHAT_APP_SECRET"),
        (error_of(40164, "203.0.113.7"), "IP 白名单加入 203.0.113.7"),
        (error_of(40164), "本服务器的公网地址"),
        (error_of(45009), "明天零点"),
        (error_of(-1), "稍后再试"),
        (error_of(99999), "99999"),
        (no_answer(unclear=False), "WECHAT_BASE_URL"),
    ],
)
def test_credentials_that_fail_say_why_and_the_rest_is_not_tried(
    wechat: FakeWeChat, set_up: SetUp, error: WeChatError, words: str
) -> None:
    wechat.will("fetch_token", error)
    (said,) = faults(wechat, set_up)
    assert words in said
    assert wechat.calls("check_text") == []


@pytest.mark.parametrize("error", [error_of(40003), error_of(61010)])
def test_a_check_that_knows_nobody_proves_the_right_to_check(
    wechat: FakeWeChat, set_up: SetUp, error: WeChatError
) -> None:
    wechat.will("check_text", error)
    assert faults(wechat, set_up) == []


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("check_text", error_of(48001), "没有这个接口的权限"),
        ("place_code", error_of(41030), "请先发布小程序"),
        ("place_code", error_of(48001), "没有这个接口的权限"),
    ],
)
def test_each_right_that_is_missing_is_named(
    wechat: FakeWeChat, set_up: SetUp, call: str, error: WeChatError, words: str
) -> None:
    wechat.will(call, error)
    (said,) = faults(wechat, set_up)
    assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"push_token": ""}, "WECHAT_PUSH_TOKEN"),
        ({"push_key": ""}, "WECHAT_PUSH_KEY"),
        ({"public_url": ""}, "PUBLIC_URL"),
        ({"public_url": "http://127.0.0.1:9"}, "打不开"),
        ({"fingerprint": "other"}, "DATA_KEY"),
        ({"templates": []}, "flask messages import"),
        ({"push_token": "another"}, "没有正确应答"),
        ({"production": True}, "https://"),
    ],
)
def test_each_setting_that_is_wrong_is_named(
    wechat: FakeWeChat, set_up: SetUp, change: dict[str, Any], words: str
) -> None:
    (said,) = faults(wechat, replace(set_up, **change))
    assert words in said


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], "不在小程序的模板列表里"),
        ([Template("T1", "x", frozenset({"thing1", "date3"}))], "date3、time2"),
    ],
)
def test_templates_are_compared_with_those_of_the_platform(
    wechat: FakeWeChat, set_up: SetUp, listed: list[Template], words: str
) -> None:
    wechat.listed = listed
    (said,) = faults(wechat, set_up)
    assert words in said


def test_templates_that_cannot_be_listed_are_no_fault(wechat: FakeWeChat, set_up: SetUp) -> None:
    wechat.will("templates", error_of(48001), error_of(48001))
    assert faults(wechat, set_up) == []
    assert examined(wechat, set_up)["订阅消息"][0].good is None


def test_without_credentials_nothing_is_tried(set_up: SetUp) -> None:
    (said,) = faults(None, set_up)
    assert "WECHAT_APP_ID" in said
