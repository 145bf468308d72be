"""The page of phones: what is shown, escaped, and what its button does."""

import json
from typing import Any

import requests

from tests.island import eventually
from tests.tools.platform_calls import SEND, THING, asked, message, signed_in
from tools.wechat_standin import (
    StandIn,
    openid,
)


def test_the_page_shows_what_phones_got_and_nothing_runs_in_it(platform: StandIn) -> None:
    evil = "<script>alert(1)</script>"
    signed_in(platform, evil)
    signed_in(platform, "tom")
    for name in (evil, "tom"):
        platform.control("consents", {"name": name, "template_id": "demo-closed"})
    body = {"template_id": "demo-closed", "page": "a/b", "touser": openid("tom")}
    asked(platform, SEND, body | {"data": {"thing1": {"value": "<b>清走了</b>"}}})
    shown = requests.get(platform.url, timeout=5).text
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "办结通知" in shown
    assert "还没有消息" in shown
    assert "演示" in shown


def test_the_page_calls_configured_templates_by_their_names(platform: StandIn) -> None:
    platform.platform.templates = {"T1": ("停水<通知>", {"thing1": "小<区>"})}
    signed_in(platform)
    platform.control("consents", {"name": "lily", "template_id": "T1", "count": 2})
    assert asked(platform, SEND, message(platform, template_id="T1", data=THING))["errcode"] == 0
    shown = requests.get(platform.url, timeout=5).text
    assert "<h3>停水&lt;通知&gt;</h3>" in shown
    assert "<dt>小&lt;区&gt;</dt>" in shown
    assert "还可以收到：停水&lt;通知&gt; 1\u00a0条" in shown


def test_the_page_says_whose_messages_did_not_arrive(platform: StandIn) -> None:
    asked(platform, SEND, message(platform))
    assert "有消息没有送达" in requests.get(platform.url, timeout=5).text
    platform.control("consents", {"name": "lily", "template_id": "demo-x"})
    assert "有消息没有送达" not in requests.get(platform.url, timeout=5).text


def test_the_pages_button_is_one_tap(platform: StandIn, receiver: Any) -> None:
    who = signed_in(platform)
    form = {"openid": who, "templates": "demo-closed demo-progress", "count": "x"}
    requests.post(f"{platform.url}/_standin/consents", data=form, timeout=5)
    assert eventually(lambda: receiver.got)
    assert len(json.loads(receiver.got[0][1])["List"]) == 2


def test_the_pages_button_gives_a_consent_to_each(platform: StandIn) -> None:
    who = signed_in(platform)
    form = {"openid": who, "templates": "demo-closed demo-progress"}
    done = requests.post(f"{platform.url}/_standin/consents", data=form, timeout=5)
    assert done.url.rstrip("/") == platform.url
    assert platform.platform.consents(who, "demo-progress") == 1
