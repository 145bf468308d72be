import logging
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.clients.broker import Broker
from app.clients.wechat import WeChat, WeChatIdentity
from app.clients.wechat_errors import (
    WeChatBusy,
    WeChatCodeRefused,
    WeChatError,
    WeChatMisconfigured,
    WeChatQuotaUsedUp,
)
from tests.clients.scripted import NO_BROKER, SECRET, answering, client

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = [sys.executable, "-m", "tools.wechat_standin"]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """URL of a stand-in in a process of its own, which must end quietly on SIGTERM."""
    command = [*STAND_IN, "--port", "0", "--app-secret", SECRET]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_a_demo_code_signs_in_the_same_resident_each_time(stand_in: str) -> None:
    wechat = client(stand_in)
    first = wechat.code_to_session("demo-alice")
    assert first == wechat.code_to_session("demo-alice")
    assert len(first.openid) == 28
    assert first.unionid is None
    assert wechat.code_to_session("demo-bob").openid != first.openid


def test_a_code_outside_ascii_arrives_whole(stand_in: str) -> None:
    wechat = client(stand_in)
    assert wechat.code_to_session("demo-张三") != wechat.code_to_session("demo-李四")


def test_threads_may_share_a_client(stand_in: str) -> None:
    codes = [f"demo-{i % 5}" for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        identities = list(pool.map(client(stand_in).code_to_session, codes))
    assert identities == identities[:5] * 8
    assert len(set(identities)) == 5


def test_a_code_is_refused_the_second_time(stand_in: str) -> None:
    wechat = client(stand_in)
    wechat.code_to_session("once-alice")
    with pytest.raises(WeChatCodeRefused) as refused:
        wechat.code_to_session("once-alice")
    assert refused.value.errcode == 40163


@pytest.mark.parametrize(
    ("code", "error", "errcode"),
    [
        ("nonsense", WeChatCodeRefused, 40029),
        ("error-40163", WeChatCodeRefused, 40163),
        ("error-40226", WeChatCodeRefused, 40226),
        ("error--1", WeChatBusy, -1),
        ("error-45011", WeChatBusy, 45011),
        ("error-45009", WeChatQuotaUsedUp, 45009),
        ("error-40013", WeChatMisconfigured, 40013),
        ("error-40125", WeChatMisconfigured, 40125),
        ("error-40001", WeChatMisconfigured, 40001),
        ("error-40164", WeChatMisconfigured, 40164),
        ("garbage", WeChatBusy, None),
    ],
)
def test_each_errcode_has_its_error(
    stand_in: str, code: str, error: type[WeChatError], errcode: int | None
) -> None:
    with pytest.raises(WeChatError) as failure:
        client(stand_in).code_to_session(code)
    assert (type(failure.value), failure.value.errcode) == (error, errcode)


def test_a_wrong_secret_and_a_wrong_app_are_misconfigured(stand_in: str) -> None:
    with pytest.raises(WeChatMisconfigured, match="40125"):
        client(stand_in, secret="wrong").code_to_session("demo-alice")
    with pytest.raises(WeChatMisconfigured, match="40013"):
        WeChat("other", SECRET, Broker(NO_BROKER), base_url=stand_in).code_to_session("demo-alice")


def test_a_slow_answer_is_busy(stand_in: str) -> None:
    with pytest.raises(WeChatBusy):
        client(stand_in, timeout_s=0.2).code_to_session("slow-2")
    assert client(stand_in, timeout_s=30).code_to_session("slow-0.3").openid


def test_only_the_documented_parameters_are_sent() -> None:
    with answering({"openid": "o1", "session_key": "k", "unionid": "u1"}) as (wechat, script):
        assert wechat.code_to_session("abc+/=") == WeChatIdentity("o1", "u1")
    target = urlsplit(script.asked[0])
    assert target.path == "/sns/jscode2session"
    assert parse_qs(target.query) == {
        "appid": ["demo-appid"],
        "secret": [SECRET],
        "js_code": ["abc+/="],
        "grant_type": ["authorization_code"],
    }
    assert len(script.asked) == 1


def test_busy_is_asked_again_until_it_passes() -> None:
    answers = {"errcode": -1}, {"errcode": 45011}, {"errcode": 0, "openid": "o1"}
    with answering(*answers) as (wechat, script):
        assert wechat.code_to_session("abc").openid == "o1"
    assert len(script.asked) == 3


def test_busy_is_not_asked_for_ever() -> None:
    with answering({"errcode": -1}) as (wechat, script):
        with pytest.raises(WeChatBusy):
            wechat.code_to_session("abc")
        assert len(script.asked) == 3


@pytest.mark.parametrize("errcode", [40029, 40163, 40001, 45009])
def test_what_will_not_pass_is_asked_once(errcode: int) -> None:
    with answering({"errcode": errcode}) as (wechat, script):
        with pytest.raises(WeChatError):
            wechat.code_to_session("abc")
        assert len(script.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe",
        b"[1]",
        b"null",
        {},
        {"openid": ""},
        {"openid": 7},
        {"openid": "o" * 129},
        {"openid": "o1", "unionid": 7},
        {"errcode": None},
        {"errcode": "x"},
        (500, b'{"openid": "o1"}'),
        (302, b""),
    ],
)
def test_an_answer_that_cannot_be_understood_is_busy_and_asked_once(answer: Any) -> None:
    with answering(answer) as (wechat, script):
        with pytest.raises(WeChatBusy):
            wechat.code_to_session("abc")
        assert len(script.asked) == 1


@pytest.mark.parametrize("code", ["", "a b", "a\n", "a\x00", "a&b", "a?b", "\ud800", "a" * 257])
def test_a_malformed_code_is_refused_without_asking(code: str) -> None:
    with answering({"openid": "o1"}) as (wechat, script):
        with pytest.raises(WeChatCodeRefused):
            wechat.code_to_session(code)
        assert script.asked == []


def test_a_proxy_of_the_environment_does_not_come_between(
    stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client(stand_in).code_to_session("demo-alice").openid


def ask_nobody(code: str, _url: str) -> None:
    client("http://127.0.0.1:9").code_to_session(code)  # the discard port: nobody listens


def ask_too_briefly(code: str, url: str) -> None:
    client(url, timeout_s=0.1).code_to_session(code)


def ask(code: str, url: str) -> None:
    client(url).code_to_session(code)


@pytest.mark.parametrize(
    ("code", "asking"),
    [
        ("invalid-code", ask),
        ("error-45009", ask),
        ("error-40125", ask),
        ("garbage", ask),
        ("slow-1.5", ask_too_briefly),
        ("demo-alice", ask_nobody),
        ("demo?alice", ask),
    ],
)
def test_neither_errors_nor_logs_show_secret_code_or_url(
    stand_in: str, caplog: pytest.LogCaptureFixture, code: str, asking: Callable[[str, str], None]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(WeChatError) as failure:
        asking(code, stand_in)
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None
    shown = "".join(traceback.format_exception(failure.value)) + repr(vars(failure.value))
    for told in (shown, caplog.text):
        assert SECRET not in told
        assert code not in told
        assert "js_code" not in told


def test_the_log_still_says_that_there_was_a_call(
    stand_in: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client(stand_in).code_to_session("demo-alice")
    assert "GET /sns/jscode2session?… HTTP/1.1" in caplog.text
    assert "alice" not in caplog.text


def test_the_stand_in_answers_as_text_and_names_what_is_missing(stand_in: str) -> None:
    url = f"{stand_in}/sns/jscode2session"
    whole = {"appid": "demo-appid", "secret": SECRET, "js_code": "demo-a"}
    errcodes = []
    for absent in (*whole, "grant_type"):
        query = {k: v for k, v in whole.items() if k != absent}
        answer = requests.get(url, params=query, timeout=5)
        assert answer.headers["Content-Type"] == "text/plain"
        errcodes.append(answer.json()["errcode"])
    assert errcodes == [41002, 41004, 41008, 40002]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104
def test_the_stand_in_refuses_any_host_but_loopback(host: str) -> None:
    done = subprocess.run(  # noqa: S603
        [*STAND_IN, "--port", "0", "--host", host],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "error:" in done.stderr
