"""What the stand-in pushes, in every form, and when it pushes again."""

import base64
import hashlib
import json
import struct
from typing import Any

import pytest
import requests
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.island import eventually
from tests.tools.platform_calls import SEND, asked, message, signed_in, token
from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_PUSH_KEY,
    StandIn,
    make_push,
    openid,
)
from tools.wechat_standin.web import fetched


def opened(encrypted: str) -> str:
    key = base64.b64decode(DEMO_PUSH_KEY + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    whole = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    (length,) = struct.unpack(">I", whole[16:20])
    padding = whole[-1]
    assert 1 <= padding <= 32
    assert whole[-padding:] == bytes([padding]) * padding
    assert whole[20 + length : -padding] == DEMO_APP_ID.encode()
    return whole[20 : 20 + length].decode()


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("mode", ["plain", "safe", "compat"])
def test_pushes_are_the_platforms_in_every_form(form: str, mode: str) -> None:
    event = {
        "FromUserName": "o1",
        "Event": "wxa_media_check",
        "trace_id": "<&]]>",
        "detail": [1, 2],
    }
    query, body, kind = make_push(
        event,
        token="t",
        key=DEMO_PUSH_KEY,
        app_id=DEMO_APP_ID,
        form=form,
        mode=mode,
        timestamp=1,
        nonce="n",
    )
    assert (query["timestamp"], query["nonce"], query["openid"]) == ("1", "n", "o1")
    assert query["signature"] == signature("t", "1", "n")
    read = json.loads if form == "json" else (lambda data: xmltodict.parse(data)["xml"])
    outer = read(body)
    assert ("json" in kind) == (form == "json")
    assert ("msg_signature" in query) == (mode != "plain")
    if mode == "safe":
        assert set(outer) == {"ToUserName", "Encrypt"}
    if mode != "plain":
        assert query["encrypt_type"] == "aes"
        assert query["msg_signature"] == signature("t", "1", "n", outer["Encrypt"])
    inner = outer if mode == "plain" else read(opened(outer["Encrypt"]))
    assert inner["trace_id"] == "<&]]>"
    assert [int(one) for one in inner["detail"]] == [1, 2]


def image(platform: StandIn, receiver: Any, path: str = "/x.jpg") -> Any:
    url = str(platform.pusher.to.url).replace("/push", path)
    body = {"media_url": url, "media_type": 2, "version": 2, "openid": signed_in(platform)}
    return asked(platform, "/wxa/media_check_async", body | {"scene": 3})


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [(None, "pass"), (["risky", 20002], "risky"), ("error", None)],
)
def test_an_image_is_fetched_and_its_verdict_pushed(
    platform: StandIn, receiver: Any, verdict: Any, expected: str | None
) -> None:
    if verdict is not None:
        platform.control("verdicts", {"images": [verdict]})
    answer = image(platform, receiver)
    assert eventually(lambda: receiver.got)
    event = json.loads(receiver.got[0][1])
    assert event["trace_id"] == answer["trace_id"]
    assert event.get("result", {}).get("suggest") == expected
    assert (event["errcode"] == 0) == (expected is not None)


def test_an_image_that_cannot_be_fetched_is_said(platform: StandIn, receiver: Any) -> None:
    body = {"media_url": "http://127.0.0.1:9/x.jpg", "media_type": 2, "version": 2, "scene": 3}
    asked(platform, "/wxa/media_check_async", body | {"openid": signed_in(platform)})
    assert eventually(lambda: receiver.got)
    assert json.loads(receiver.got[0][1])["errcode"] == -1008
    away = body | {"media_url": "http://example.org/x", "openid": signed_in(platform)}
    assert asked(platform, "/wxa/media_check_async", away)["errcode"] == 47001


@pytest.mark.parametrize("path", ["/moved", "/big", "/cut", "/hangs", "/page"])
def test_what_is_no_whole_picture_is_no_pass(platform: StandIn, receiver: Any, path: str) -> None:
    platform.platform.fetch_s = 0.2 if path == "/hangs" else 5
    image(platform, receiver, f"{path}.jpg")
    assert eventually(lambda: receiver.got)
    assert json.loads(receiver.got[0][1])["errcode"] == -1008


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1@example.org/x.jpg",
        "http://127.0.0.1:x/x.jpg",
        "http://127.0.0.1.example.org/x.jpg",
        "http://10.0.0.1/x.jpg",
        "https:///x.jpg",
        "file:///etc/hosts",
        ["http://127.0.0.1/x.jpg"],
    ],
)
def test_only_this_machine_is_asked_without_https(platform: StandIn, url: Any) -> None:
    body = {"media_url": url, "media_type": 2, "version": 2, "scene": 3}
    body |= {"openid": signed_in(platform)}
    assert asked(platform, "/wxa/media_check_async", body)["errcode"] == 47001


def test_no_proxy_comes_between_on_this_machine(
    platform: StandIn, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = image(platform, receiver)
    assert eventually(lambda: receiver.got)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    url = str(platform.pusher.to.url).replace("/push", "/x.jpg")
    assert fetched(url, 5)
    platform.pusher.push("o1", {"Event": "wxa_media_check"})
    assert eventually(lambda: len(receiver.got) == 2)
    assert answer["errcode"] == 0


def test_a_verdict_may_be_given_in_the_process_too(platform: StandIn, receiver: Any) -> None:
    platform.platform.verdicts([("review", 20012)])
    image(platform, receiver)
    assert eventually(lambda: receiver.got)
    assert json.loads(receiver.got[0][1])["result"] == {"suggest": "review", "label": 20012}


def test_a_silent_check_pushes_nothing(platform: StandIn, receiver: Any) -> None:
    platform.control("verdicts", {"images": ["silent"]})
    image(platform, receiver)
    image(platform, receiver)
    assert eventually(lambda: receiver.got)
    assert len(platform.pusher.made) == 1


def test_what_is_not_taken_is_pushed_three_times(platform: StandIn, receiver: Any) -> None:
    receiver.answers += [b"no", b"no", b"no", b"no"]
    platform.control("settings", {"name": "lily", "template_id": "demo-x"})
    assert eventually(lambda: len(platform.pusher.made[0]["attempts"]) == 3)
    assert len(receiver.got) == 3


def test_who_does_not_answer_in_time_is_asked_again(platform: StandIn, receiver: Any) -> None:
    platform.control("push", {"wait_s": 0.1})
    receiver.slow += [0.3]
    platform.control("settings", {"name": "lily", "template_id": "demo-x"})
    attempts = platform.pusher.made[0]["attempts"]
    assert eventually(lambda: len(attempts) == 2)
    assert [one["status"] for one in attempts] == [None, 200]
    assert all(set(one) == {"status", "body", "seconds"} for one in attempts)


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("templates", ["demo-a", ["demo-a", "demo-b"]])
def test_a_tap_on_several_is_one_event_with_a_list(
    platform: StandIn, receiver: Any, form: str, templates: Any
) -> None:
    platform.control("push", {"format": form, "mode": "safe"})
    platform.control("consents", {"name": "lily", "template_id": templates})
    assert eventually(lambda: receiver.got)
    body = receiver.got[0][1]
    if form == "json":
        found = json.loads(opened(json.loads(body)["Encrypt"]))["List"]
    else:
        event = xmltodict.parse(opened(xmltodict.parse(body)["xml"]["Encrypt"]))["xml"]
        found = event["SubscribeMsgPopupEvent"]["List"]
    assert isinstance(found, list) == isinstance(templates, list)
    listed = found if isinstance(found, list) else [found]
    assert [one["TemplateId"] for one in listed] == ([templates] if len(listed) == 1 else templates)


def test_a_change_of_the_settings_has_no_scene(platform: StandIn, receiver: Any) -> None:
    platform.control("consents", {"name": "lily", "template_id": "demo-x", "count": 2})
    platform.control("settings", {"name": "lily", "template_id": "demo-x"})
    assert platform.platform.consents(openid("lily"), "demo-x") == 0
    assert eventually(lambda: len(receiver.got) == 3)
    events = [json.loads(body) for _, body in receiver.got]
    changes = [one["List"] for one in events if one["Event"] == "subscribe_msg_change_event"]
    assert changes == [{"TemplateId": "demo-x", "SubscribeStatusString": "reject"}]


def test_a_reset_forgets_all_but_the_configuration(platform: StandIn, receiver: Any) -> None:
    old = token(platform)["access_token"]
    platform.control("consents", {"name": "lily", "template_id": "demo-x", "count": 2})
    assert asked(platform, SEND, message(platform), old)["errcode"] == 0
    platform.fault("*", -1)
    platform.control("down", {"down": True})
    assert eventually(lambda: len(receiver.got) == 3)
    requests.post(f"{platform.url}/_standin/reset", json={}, timeout=5)
    state = requests.get(f"{platform.url}/_standin/state", timeout=5).json()
    assert not any(state.values())
    assert platform.platform.token_fault(old) == 40001
    assert asked(platform, SEND, message(platform))["errcode"] == 43101
    assert platform.pusher.to.url


def test_a_push_can_come_five_times_at_once(platform: StandIn, receiver: Any) -> None:
    platform.control("push", {"repeat": 5, "form": "xml"})
    platform.control("consents", {"name": "lily", "template_id": "demo-x"})
    assert eventually(lambda: len(receiver.got) == 5)
    assert len({body for _, body in receiver.got}) == 1
    inner = xmltodict.parse(receiver.got[0][1])["xml"]["SubscribeMsgPopupEvent"]["List"]
    assert inner["SubscribeStatusString"] == "accept"
