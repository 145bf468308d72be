"""Every call with a token: what is sent, what comes back, and each error's handling."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from app.clients.wechat import Template, Verdict, WeChat
from app.clients.wechat_errors import (
    WeChatBusy,
    WeChatCodeRefused,
    WeChatError,
    WeChatInactive,
    WeChatMisconfigured,
    WeChatNoConsent,
    WeChatQuotaUsedUp,
    WeChatRefused,
    WeChatRisky,
)
from tests.clients.scripted import SECRET, answering, client

OK = {"errcode": 0, "errmsg": "ok"}
PASS = OK | {"trace_id": "t1", "result": {"suggest": "pass", "label": 100}}
INFO = {"phoneNumber": "13800138000", "purePhoneNumber": "13800138000", "countryCode": "86"}
PHONE = OK | {"phone_info": INFO}
JPEG = b"\xff\xd8\xff\xe0picture"
Call = Callable[[WeChat], Any]


def phone(wechat: WeChat) -> str:
    return wechat.phone_number("code-1")


def text(wechat: WeChat) -> Verdict:
    return wechat.check_text("o1", "路边垃圾")


def image(wechat: WeChat) -> str:
    return wechat.check_image("o1", "https://example.org/a.jpg")


def send(wechat: WeChat) -> None:
    wechat.send_message("o1", "tmpl", {"thing1": "暴露垃圾"}, "pages/report/detail?id=1")


def code(wechat: WeChat) -> bytes:
    return wechat.place_code("abc", "pages/report/report", width=300)


def templates(wechat: WeChat) -> list[Template]:
    return wechat.templates()


CALLS: list[tuple[Call, str, Any, Any, Any]] = [
    (
        phone,
        "/wxa/business/getuserphonenumber",
        {"code": "code-1"},
        PHONE,
        "13800138000",
    ),
    (
        text,
        "/wxa/msg_sec_check",
        {"version": 2, "openid": "o1", "scene": 3, "content": "路边垃圾"},
        PASS,
        Verdict("pass", 100),
    ),
    (
        image,
        "/wxa/media_check_async",
        {
            "media_url": "https://example.org/a.jpg",
            "media_type": 2,
            "version": 2,
            "openid": "o1",
            "scene": 3,
        },
        OK | {"trace_id": "t9"},
        "t9",
    ),
    (
        send,
        "/cgi-bin/message/subscribe/send",
        {
            "touser": "o1",
            "template_id": "tmpl",
            "page": "pages/report/detail?id=1",
            "data": {"thing1": {"value": "暴露垃圾"}},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        },
        OK,
        None,
    ),
    (
        code,
        "/wxa/getwxacodeunlimit",
        {
            "scene": "abc",
            "page": "pages/report/report",
            "check_path": True,
            "env_version": "release",
            "width": 300,
        },
        (200, JPEG, "image/jpeg"),
        JPEG,
    ),
    (
        templates,
        "/wxaapi/newtmpl/gettemplate",
        None,
        OK | {"data": [{"priTmplId": "p", "title": "t", "content": "事:{{thing1.DATA}}\n"}]},
        [Template("p", "t", frozenset({"thing1"}))],
    ),
]
NAMES = [call[0].__name__ for call in CALLS]


@pytest.mark.parametrize(("call", "path", "body", "answer", "found"), CALLS, ids=NAMES)
def test_a_call_sends_what_the_platform_documents(
    call: Call, path: str, body: Any, answer: Any, found: Any
) -> None:
    with answering(answer) as (wechat, script):
        assert call(wechat) == found
    assert script.asked == [f"{path}?access_token=T1"]
    assert script.bodies == [body]
    assert script.tokens == [False]


@pytest.mark.parametrize(
    ("errcode", "kind", "calls"),
    [
        (-1, WeChatBusy, 3),
        (45011, WeChatBusy, 3),
        (45009, WeChatQuotaUsedUp, 1),
        (40029, WeChatCodeRefused, 1),
        (40163, WeChatCodeRefused, 1),
        (40003, WeChatRefused, 1),
        (40037, WeChatRefused, 1),
        (41030, WeChatRefused, 1),
        (43101, WeChatNoConsent, 1),
        (47003, WeChatRefused, 1),
        (87014, WeChatRisky, 1),
        (61010, WeChatInactive, 1),
        (48001, WeChatMisconfigured, 1),
        (40164, WeChatMisconfigured, 1),
        (40001, WeChatMisconfigured, 2),
        (40014, WeChatMisconfigured, 2),
        (42001, WeChatMisconfigured, 2),
    ],
)
@pytest.mark.parametrize("call", [row[0] for row in CALLS], ids=NAMES)
def test_each_errcode_is_handled_as_documented(
    call: Call, errcode: int, kind: type[WeChatError], calls: int
) -> None:
    """Busy is asked again, a dead token is renewed once, what is final is asked once."""
    refusal = {"errcode": errcode, "errmsg": "no"}
    with answering(refusal) as (wechat, script), pytest.raises(WeChatError) as failure:
        call(wechat)
    assert (type(failure.value), failure.value.errcode) == (kind, errcode)
    assert len(script.asked) == calls
    assert len(script.tokens) == (2 if errcode in {40001, 40014, 42001} else 1)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
@pytest.mark.parametrize(("call", "path", "body", "answer", "found"), CALLS, ids=NAMES)
def test_a_dead_token_is_renewed_and_the_call_made_again(
    errcode: int, call: Call, path: str, body: Any, answer: Any, found: Any
) -> None:
    with answering({"errcode": errcode}, answer) as (wechat, script):
        assert call(wechat) == found
    assert script.asked == [f"{path}?access_token=T1", f"{path}?access_token=T2"]
    assert script.tokens == [False, False]


def test_a_token_that_is_given_again_though_it_is_dead_is_forced() -> None:
    with answering({"errcode": 40001}, PASS, same_token=True) as (wechat, script):
        assert text(wechat) == Verdict("pass", 100)
    assert script.tokens == [False, False, True]
    assert [path.rpartition("=")[2] for path in script.asked] == ["T1", "T2"]


def test_a_new_token_is_forced_a_few_times_only() -> None:
    """WeChat allows twenty a day; a platform that refuses every token must not use them up."""
    with answering({"errcode": 40001}, same_token=True) as (wechat, script):
        for _ in range(8):
            with pytest.raises(WeChatMisconfigured):
                text(wechat)
    assert sum(script.tokens) == 3


def test_busy_is_asked_again_until_it_passes() -> None:
    with answering({"errcode": -1}, {"errcode": 45011}, PASS) as (wechat, script):
        assert text(wechat) == Verdict("pass", 100)
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    "answer", [b"", b"\xff", b"<html>", [1], {"errcode": "x"}, (500, b"{}"), (302, b"")]
)
@pytest.mark.parametrize("call", [row[0] for row in CALLS if row[0] is not send])
def test_an_answer_that_cannot_be_understood_is_busy(call: Call, answer: Any) -> None:
    with answering(answer) as (wechat, script), pytest.raises(WeChatBusy):
        call(wechat)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (phone, OK),
        (phone, OK | {"phone_info": {"purePhoneNumber": "12a"}}),
        (text, OK),
        (text, OK | {"result": {"suggest": "fine"}}),
        (image, OK),
        (image, OK | {"trace_id": ""}),
        (code, OK),
        (code, (200, b"text", "text/plain")),
        (templates, OK),
    ],
)
def test_an_answer_that_lacks_what_was_asked_for_is_busy(call: Call, answer: Any) -> None:
    with answering(answer) as (wechat, _), pytest.raises(WeChatBusy):
        call(wechat)


@pytest.mark.parametrize("answer", [b"<html>", (502, b""), (200, b"\xff")])
def test_a_message_without_an_answer_may_have_gone_out(answer: Any) -> None:
    with answering(answer) as (wechat, _), pytest.raises(WeChatBusy) as busy:
        send(wechat)
    assert busy.value.unclear


def test_a_message_that_found_nobody_has_not_gone_out() -> None:
    with pytest.raises(WeChatBusy) as busy:
        send(client("http://127.0.0.1:9"))
    assert not busy.value.unclear


def test_a_platform_that_is_away_is_not_asked_again_at_once() -> None:
    with answering(b"<html>") as (wechat, script):
        for _ in range(3):
            with pytest.raises(WeChatBusy):
                text(wechat)
        assert len(script.asked) == 1
        with pytest.raises(WeChatBusy):
            wechat.code_to_session("demo-lily")
    assert len(script.asked) == 2, "somebody who signs in is always tried"


def test_a_number_from_abroad_keeps_its_country() -> None:
    info = {"purePhoneNumber": "5551234567", "countryCode": "1"}
    with answering(OK | {"phone_info": info}) as (wechat, _):
        assert phone(wechat) == "+15551234567"


def test_text_longer_than_the_platform_takes_is_cut() -> None:
    with answering(PASS) as (wechat, script):
        wechat.check_text("o1", "字" * 3000)
    assert script.bodies[0]["content"] == "字" * 2500


@pytest.mark.parametrize("given", ["", "a b", "a&b", "a" * 257])
def test_a_malformed_phone_code_is_refused_without_asking(given: str) -> None:
    with answering(PHONE) as (wechat, script), pytest.raises(WeChatCodeRefused):
        wechat.phone_number(given)
    assert script.asked == []


def test_the_operator_reads_which_address_is_not_known() -> None:
    said = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1"
    refusal = {"errcode": 40164, "errmsg": said}
    with answering(refusal) as (wechat, _), pytest.raises(WeChatMisconfigured) as refused:
        text(wechat)
    assert refused.value.hint == "203.0.113.7"


@pytest.mark.parametrize("answer", [{"errcode": 40001}, {"errcode": 47003}, b"<html>", (500, b"")])
@pytest.mark.parametrize("call", [text, send, code])
def test_neither_errors_nor_logs_show_secret_or_token(
    caplog: pytest.LogCaptureFixture, call: Call, answer: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(answer) as (wechat, _), pytest.raises(WeChatError) as failure:
        call(wechat)
    shown = "".join(traceback.format_exception(failure.value)) + repr(vars(failure.value))
    for told in (shown, caplog.text):
        assert SECRET not in told
        assert "access_token=" not in told
        assert "T1" not in told
    assert failure.value.__cause__ is None
