"""Pushes in every form, and all that is no push of WeChat's."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.wechat import Verdict
from app.clients.wechat_push import PushReader
from models.errors import DomainError, Forbidden, InvalidInput
from tools.wechat_standin import make_push

APP, TOKEN, KEY = "wx1234567890abcdef", "push-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
READER = PushReader(APP, TOKEN, KEY)
MEDIA = {
    "ToUserName": "gh_1",
    "FromUserName": "o1",
    "CreateTime": 1700000000,
    "MsgType": "event",
    "Event": "wxa_media_check",
    "appid": APP,
    "trace_id": "t-1",
    "version": 2,
    "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100}],
    "errcode": 0,
    "errmsg": "ok",
    "result": {"suggest": "risky", "label": 20002},
}
POPUP = {
    "FromUserName": "o1",
    "CreateTime": 1700000000,
    "MsgType": "event",
    "Event": "subscribe_msg_popup_event",
}
ACCEPT = {"TemplateId": "A", "SubscribeStatusString": "accept", "PopupScene": "0"}
REJECT = {"TemplateId": "B", "SubscribeStatusString": "reject", "PopupScene": "0"}


def push(
    event: dict[str, Any], form: str, mode: str, *, at: float | None = None, **changes: str
) -> tuple[dict[str, str], bytes]:
    """Query and body as the platform sends them."""
    how = {"token": TOKEN, "key": KEY, "app_id": APP} | changes
    stamp = int(at or time.time())
    return make_push(event, form=form, mode=mode, timestamp=stamp, nonce="n-1", **how)[:2]


def xml(event: dict[str, Any]) -> bytes:
    return push(event, "xml", "plain")[1]


FORMS = pytest.mark.parametrize("form", ["xml", "json"])
MODES = pytest.mark.parametrize("mode", ["plain", "safe", "compat"])


def test_the_signature_is_that_of_the_documents_example(monkeypatch: pytest.MonkeyPatch) -> None:
    signature = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    monkeypatch.setattr(time, "time", lambda: 1714036504.0)
    query = {"signature": signature, "timestamp": "1714036504", "nonce": "1514711492"}
    reader = PushReader(APP, "AAAAA", KEY)
    assert reader.greet(query | {"echostr": "4375120948345356249"}) == "4375120948345356249"


@FORMS
@MODES
def test_a_verdict_is_read_in_every_form(form: str, mode: str) -> None:
    event = READER.read(*push(MEDIA, form, mode)).event
    assert event.trace_id == "t-1"
    assert event.verdict == Verdict("risky", 20002)
    assert event.key == "trace:t-1"


@FORMS
@MODES
@pytest.mark.parametrize(
    ("listed", "said"), [(ACCEPT, ["accept"]), ([ACCEPT, REJECT], ["accept", "reject"])]
)
def test_a_list_of_one_and_of_many_is_read(form: str, mode: str, listed: Any, said: Any) -> None:
    inside = {"List": listed}
    event = POPUP | (inside if form == "json" else {"SubscribeMsgPopupEvent": inside})
    found = READER.read(*push(event, form, mode)).event
    assert [item.said for item in found.items] == said
    assert found.openid == "o1"


def test_json_may_also_wrap_its_list_as_xml_does() -> None:
    event = POPUP | {"SubscribeMsgPopupEvent": {"List": [ACCEPT]}}
    found = READER.read(*push(event, "json", "plain")).event
    assert [(i.template_id, i.said) for i in found.items] == [("A", "accept")]


@FORMS
def test_a_sent_report_is_read(form: str) -> None:
    item = {"TemplateId": "A", "MsgID": "77", "ErrorCode": "43101", "ErrorStatus": "refused"}
    event = POPUP | {
        "Event": "subscribe_msg_sent_event",
        "SubscribeMsgSentEvent": {"List": item},
    }
    found = READER.read(*push(event, form, "safe")).event.items[0]
    assert (found.template_id, found.errcode, found.msg_id) == ("A", 43101, "77")


def test_the_same_event_has_one_key_in_every_form_and_another_event_another() -> None:
    event = POPUP | {"SubscribeMsgPopupEvent": {"List": ACCEPT}}
    keys = {
        READER.read(*push(event, form, mode)).event.key
        for form in ("xml", "json")
        for mode in ("plain", "safe", "compat")
    }
    assert len(keys) == 1
    other = event | {"SubscribeMsgPopupEvent": {"List": REJECT}}
    assert READER.read(*push(other, "xml", "plain")).event.key not in keys


def test_a_check_that_failed_has_no_verdict() -> None:
    failed = MEDIA | {"errcode": -1008, "errmsg": "download failed"}
    assert READER.read(*push(failed, "xml", "plain")).event.verdict is None
    without = {k: v for k, v in MEDIA.items() if k != "result"}
    assert READER.read(*push(without, "json", "plain")).event.verdict is None


def test_an_unknown_event_is_read_and_left_alone() -> None:
    event = READER.read(*push(POPUP | {"Event": "user_enter_tempsession"}, "xml", "plain")).event
    assert (event.name, event.items, event.trace_id) == ("user_enter_tempsession", (), None)


@FORMS
@MODES
@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce", "msg_signature"])
def test_a_push_whose_signature_does_not_fit_is_refused(form: str, mode: str, name: str) -> None:
    query, body = push(MEDIA, form, mode)
    if name not in query or (name == "signature" and mode != "plain"):
        return
    for wrong in ("", "0", query[name][:-1] + ("0" if query[name][-1] != "0" else "1")):
        with pytest.raises(Forbidden):
            READER.read(query | {name: wrong}, body)
    with pytest.raises(Forbidden):
        READER.read({k: v for k, v in query.items() if k != name}, body)


@FORMS
@MODES
@pytest.mark.parametrize("seconds", [-3600, -301, 301])
def test_an_old_or_early_push_is_refused(form: str, mode: str, seconds: int) -> None:
    with pytest.raises(Forbidden, match="时间"):
        READER.read(*push(MEDIA, form, mode, at=time.time() + seconds))


def test_another_encrypted_text_under_the_same_signature_is_refused() -> None:
    query, _ = push(MEDIA, "json", "safe")
    _, other = push(MEDIA | {"trace_id": "t-2"}, "json", "safe")
    with pytest.raises(Forbidden):
        READER.read(query, other)


@pytest.mark.parametrize("app", ["wx0000000000000000", ""])
def test_a_push_for_another_app_is_refused(app: str) -> None:
    with pytest.raises(Forbidden):
        READER.read(*push(MEDIA, "json", "safe", app_id=app))
    with pytest.raises(Forbidden):
        READER.read(*push(MEDIA | {"appid": "wx0000000000000000"}, "xml", "plain"))


def test_what_another_key_encrypted_cannot_be_opened() -> None:
    with pytest.raises(DomainError):
        READER.read(*push(MEDIA, "json", "safe", key="Z" * 43))


def test_safe_mode_needs_a_key() -> None:
    with pytest.raises(Forbidden, match="EncodingAESKey"):
        PushReader(APP, TOKEN, "").read(*push(MEDIA, "xml", "safe"))
    assert PushReader(APP, TOKEN, "").read(*push(MEDIA, "xml", "plain")).event.trace_id == "t-1"


HOSTILE = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>',
    "laughs": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b"<xml><Event>&b;&b;</Event></xml>",
    "file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><E>&a;</E></xml>',
    "parameter": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]><xml/>',
    "deep": b"<xml>" + b"<a>" * 80_000 + b"</a>" * 80_000 + b"</xml>",
    "deep json": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "unclosed": b"<xml><Event>",
    "empty": b"",
    "bytes": b"\xff\xfe\x00",
    "list": b"[1]",
    "no root": b"<other><Event>x</Event></other>",
    "text root": b"<xml>x</xml>",
    "bare list": xml(POPUP | {"SubscribeMsgPopupEvent": {"List": "x"}}),
    "no trace": xml(MEDIA | {"trace_id": ""}),
    "object trace": json.dumps(MEDIA | {"trace_id": {"a": 1}}).encode(),
    "nul": json.dumps(MEDIA | {"trace_id": "a\x00b"}).encode(),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_content_is_harmless_even_when_signed(body: bytes) -> None:
    query, _ = push(MEDIA, "xml", "plain")
    try:
        event = READER.read(query, body).event
    except InvalidInput:
        return
    assert event.trace_id is None
    assert event.name == ""


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    query, _ = push(MEDIA, "xml", "plain")
    for more in ({}, {"encrypt_type": "aes", "msg_signature": "0" * 40}):
        try:
            READER.read(query | more, body)
        except (InvalidInput, Forbidden):
            continue


def test_the_greeting_is_echoed_to_who_knows_the_token() -> None:
    query, _ = push(MEDIA, "xml", "plain")
    assert READER.greet(query | {"echostr": "hello"}) == "hello"
    with pytest.raises(Forbidden):
        READER.greet(query | {"echostr": "hello", "nonce": "other"})
    old, _ = push(MEDIA, "xml", "plain", at=time.time() - 400)
    with pytest.raises(Forbidden):
        READER.greet(old | {"echostr": "hello"})
