"""The stand-in behaves as the platform does where it matters."""

import csv
import io
import time
from typing import Any

import pytest
import requests
from PIL import Image

from app.cli.setup import MESSAGES
from config import DEMO_PUSH_KEY as OUR_PUSH_KEY
from config import Mode, Settings
from tests.island import eventually
from tests.tools.platform_calls import SEND, asked, call, message, signed_in, text, token
from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    DEMO_PUSH_TOKEN,
    StandIn,
    openid,
)
from tools.wechat_standin.platform import DEMO_TEMPLATES


def test_the_demo_settings_are_the_stand_ins() -> None:
    settings = Settings("postgresql://x", "redis://x", "file:///x", app_mode=Mode.DEMO)
    assert settings.wechat_credentials == (DEMO_APP_ID, DEMO_APP_SECRET)
    assert settings.wechat_push == (DEMO_PUSH_TOKEN, DEMO_PUSH_KEY)
    assert OUR_PUSH_KEY == DEMO_PUSH_KEY


def test_the_demos_table_of_messages_fills_the_demos_templates() -> None:
    used: dict[str, set[str]] = {}
    with MESSAGES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            keys = {part.partition("=")[0] for part in row["fields"].split(";")}
            assert used.setdefault(row["template_id"], keys) == keys
    assert used == {name: set(keys) for name, (_, keys) in DEMO_TEMPLATES.items()}


def test_the_token_is_stable_until_it_is_forced(platform: StandIn) -> None:
    first, second = token(platform), token(platform)
    assert first["access_token"] == second["access_token"]
    assert 7000 < first["expires_in"] <= 7200
    forced = token(platform, force=True)["access_token"]
    assert forced != first["access_token"]
    who = signed_in(platform)
    for good in (first["access_token"], forced):
        assert asked(platform, "/wxa/msg_sec_check", text(who), good)["errcode"] == 0


def test_tokens_are_forced_twenty_times_a_day(platform: StandIn) -> None:
    answers = [token(platform, force=True) for _ in range(21)]
    assert [a.get("errcode") for a in answers] == [None] * 20 + [45009]


def test_tokens_expire_and_are_revoked(platform: StandIn) -> None:
    who, dead = signed_in(platform), token(platform)["access_token"]
    platform.platform.expire_tokens()
    assert asked(platform, "/wxa/msg_sec_check", text(who), dead)["errcode"] == 42001
    again = token(platform)["access_token"]
    assert again != dead
    platform.platform.revoke_tokens()
    assert token(platform)["access_token"] == again
    assert asked(platform, "/wxa/msg_sec_check", text(who), again)["errcode"] == 40001
    fresh = token(platform, force=True)["access_token"]
    assert asked(platform, "/wxa/msg_sec_check", text(who), fresh)["errcode"] == 0


def test_a_token_lives_as_long_as_it_is_told() -> None:
    with StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET, token_s=0.05) as found:
        first = found.platform.token(forced=False)["access_token"]
        assert found.platform.token_fault(first) is None
        assert eventually(lambda: found.platform.token_fault(first) == 42001)
        assert found.platform.token(forced=False)["access_token"] != first


def test_a_token_that_was_replaced_ends_after_its_five_minutes(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = token(platform)["access_token"]
    second = token(platform, force=True)["access_token"]
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 299)
    assert platform.platform.token_fault(first) is None
    monkeypatch.setattr("time.time", lambda: now + 301)
    assert platform.platform.token_fault(first) == 42001
    assert platform.platform.token_fault(second) is None


def test_forced_tokens_are_counted_by_the_day(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [platform.platform.token(forced=True) for _ in range(21)]
    assert answers[-1]["errcode"] == 45009
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 86_400)
    assert platform.platform.token(forced=True)["access_token"]


@pytest.mark.parametrize(("given", "errcode"), [("", 41001), ("made-up", 40001)])
def test_a_call_needs_a_token(platform: StandIn, given: str, errcode: int) -> None:
    assert asked(platform, "/wxa/msg_sec_check", text("o"), given)["errcode"] == errcode


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"appid": "other"}, 40013),
        ({"secret": "other"}, 40125),
        ({"grant_type": "other"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
    ],
)
def test_wrong_credentials_get_no_token(
    platform: StandIn, change: dict[str, str], errcode: int
) -> None:
    body = {"grant_type": "client_credential", "appid": DEMO_APP_ID, "secret": DEMO_APP_SECRET}
    assert call(platform, "/cgi-bin/stable_token", body | change)["errcode"] == errcode


@pytest.mark.parametrize(
    ("code", "errcode"),
    [
        ("phone-13812345678", 0),
        ("phone-1", 40029),
        ("x", 40029),
        ("error--1", -1),
        ("phonecode--1", -1),
    ],
)
def test_phones(platform: StandIn, code: str, errcode: int) -> None:
    answer = asked(platform, "/wxa/business/getuserphonenumber", {"code": code})
    assert answer["errcode"] == errcode
    if errcode == 0:
        assert answer["phone_info"]["purePhoneNumber"] == "13812345678"


def test_a_phone_code_is_good_once(platform: StandIn) -> None:
    path, body = "/wxa/business/getuserphonenumber", {"code": "phoneonce-13812345678"}
    assert [asked(platform, path, body)["errcode"] for _ in range(2)] == [0, 40163]


@pytest.mark.parametrize(
    ("words", "suggest"), [("路边垃圾", "pass"), ("可疑的人", "review"), ("违规内容", "risky")]
)
def test_words_have_their_verdict(platform: StandIn, words: str, suggest: str) -> None:
    answer = asked(platform, "/wxa/msg_sec_check", text(signed_in(platform), words))
    assert answer["result"]["suggest"] == answer["detail"][0]["suggest"] == suggest


def test_content_is_checked_for_people_who_were_here(platform: StandIn) -> None:
    who = signed_in(platform)
    path = "/wxa/msg_sec_check"
    assert asked(platform, path, text(openid("stranger")))["errcode"] == 40003
    platform.platform.forget_activity()
    assert asked(platform, path, text(who))["errcode"] == 61010
    platform.platform.active_s = 0
    signed_in(platform)
    assert asked(platform, path, text(who))["errcode"] == 61010
    platform.platform.active_s = 60
    for wrong in ({"version": 1}, {"scene": 9}):
        assert asked(platform, path, text(who) | wrong)["errcode"] == 47001
    for words in ("", "字" * 2501):
        assert asked(platform, path, text(who, words))["errcode"] == 44991


def test_a_message_takes_a_consent(platform: StandIn) -> None:
    body = message(platform)
    assert asked(platform, SEND, body)["errcode"] == 43101
    platform.control("consents", {"name": "lily", "template_id": "demo-x", "count": 2})
    assert [asked(platform, SEND, body)["errcode"] for _ in range(3)] == [0, 0, 43101]
    shown = requests.get(f"{platform.url}/_standin/messages", timeout=5).json()
    assert [one["data"]["thing1"] for one in shown] == ["暴露垃圾"] * 2
    assert {(one["name"], one["state"]) for one in shown} == {("lily", "formal")}


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "x y"}, 40037),
        ({"page": "/a"}, 41030),
        ({"miniprogram_state": "release"}, 47003),
        ({"data": {}}, 47003),
        ({"data": {"thing1": {"value": "字" * 21}}}, 47003),
        ({"data": {"thing1": {"value": ""}}}, 47003),
        ({"data": {"thing1": {"value": "a\nb"}}}, 47003),
        ({"data": {"phrase1": {"value": "六个字的短语"}}}, 47003),
        ({"data": {"phrase1": {"value": "abc"}}}, 47003),
        ({"data": {"time1": {"value": "2026-01-02"}}}, 47003),
        ({"data": {"character_string1": {"value": "编号"}}}, 47003),
        ({"data": {"color1": {"value": "red"}}}, 47003),
        ({"data": {"thing1": "bare"}}, 47003),
        ({"data": {"thing1": {"value": "\ud800"}}}, 47003),
        ({"data": {"number1": {"value": "１２"}}}, 47003),
        ({"data": ["thing1"]}, 47003),
        ({"touser": ["o"]}, 40003),
        ({"template_id": None}, 40037),
        ({"page": ["a/b"]}, 41030),
        ({"miniprogram_state": ["formal"]}, 47003),
    ],
)
def test_a_message_that_is_wrong_is_refused(
    platform: StandIn, change: dict[str, Any], errcode: int
) -> None:
    body = message(platform, **change)
    platform.control("consents", {"name": "lily", "template_id": str(body["template_id"])})
    assert asked(platform, SEND, body)["errcode"] == errcode


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "字" * 20),
        ("number1", "12.50"),
        ("letter1", "abc"),
        ("symbol1", "#"),
        ("character_string1", "HY-2026/0001"),
        ("time1", "15:01"),
        ("time1", "2019年10月1日 15:01~2019年10月2日 16:01"),
        ("date1", "2019年10月1日"),
        ("amount1", "￥100.5元"),
        ("phone_number1", "+86-0766-66888866"),
        ("car_number1", "粤A8Z888挂"),
        ("name1", "王小明"),
        ("phrase1", "已受理"),
    ],
)
def test_a_message_of_each_kind_is_taken(platform: StandIn, key: str, value: str) -> None:
    platform.control("consents", {"name": "lily", "template_id": "demo-x"})
    body = message(platform, data={key: {"value": value}})
    assert asked(platform, SEND, body)["errmsg"] == "ok"


def test_what_is_no_json_is_a_format_error_and_nothing_is_printed(
    platform: StandIn, capfd: pytest.CaptureFixture[str]
) -> None:
    url, query = f"{platform.url}{SEND}", {"access_token": token(platform)["access_token"]}
    for data in (b"{", b"\xff", b"[1]", b"[" * 200_000, {"touser": "o"}):
        answer = requests.post(url, params=query, data=data, timeout=5)
        assert answer.json()["errcode"] == 47001
    assert capfd.readouterr() == ("", "")


def test_known_templates_ask_for_their_keys(platform: StandIn) -> None:
    platform.platform.templates = {"T1": ("通知", {"thing1": "事项", "time2": "时间"})}
    listed = call(
        platform, "/wxaapi/newtmpl/gettemplate", access_token=token(platform)["access_token"]
    )
    assert "事项:{{thing1.DATA}}" in listed["data"][0]["content"]
    assert asked(platform, SEND, message(platform))["errcode"] == 40037
    short = message(platform, template_id="T1", data={"thing1": {"value": "x"}})
    assert asked(platform, SEND, short)["errcode"] == 47003


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"scene": "abc", "page": "pages/report/report"}, 0),
        ({"scene": "abc", "page": "pages/other"}, 41030),
        ({"scene": "abc", "page": "pages/other", "check_path": False}, 0),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "空"}, 40169),
        ({"scene": "abc", "page": "/pages/report/report", "check_path": False}, 41030),
        ({"scene": "abc", "page": ["pages/report/report"]}, 41030),
        ({"scene": "abc", "width": 279}, 47001),
        ({"scene": "abc", "env_version": "formal"}, 40097),
    ],
)
def test_codes(platform: StandIn, body: dict[str, Any], errcode: int) -> None:
    url = f"{platform.url}/wxa/getwxacodeunlimit"
    query = {"access_token": token(platform)["access_token"]}
    answer = requests.post(url, params=query, json=body, timeout=5)
    if errcode:
        assert answer.json()["errcode"] == errcode
    else:
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.content)).size == (430, 430)


def test_each_scene_has_its_own_picture(platform: StandIn) -> None:
    query = {"access_token": token(platform)["access_token"]}
    url = f"{platform.url}/wxa/getwxacodeunlimit"
    first, second, again = (
        requests.post(url, params=query, json={"scene": scene}, timeout=5).content
        for scene in ("a", "b", "a")
    )
    assert first == again
    assert first != second


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(-1, "errcode"), ("garbage", "garbage"), ("http502", "status"), ("reset", "cut")],
)
def test_faults_come_once_and_in_order(platform: StandIn, fault: Any, kind: str) -> None:
    who = signed_in(platform)
    platform.control("faults", {"path": "/wxa/msg_sec_check", "answers": [fault]})
    url = f"{platform.url}/wxa/msg_sec_check"
    query = {"access_token": token(platform)["access_token"]}
    if kind == "cut":
        with pytest.raises(requests.ConnectionError):
            requests.post(url, params=query, json=text(who), timeout=5)
    else:
        answer = requests.post(url, params=query, json=text(who), timeout=5)
        assert answer.status_code == (502 if kind == "status" else 200)
        assert (kind == "errcode") == (answer.text.startswith("{"))
    assert asked(platform, "/wxa/msg_sec_check", text(who))["errcode"] == 0


def test_a_slow_answer_is_late_and_done(platform: StandIn) -> None:
    platform.control("consents", {"name": "lily", "template_id": "demo-x"})
    body = message(platform)
    platform.platform.fault(SEND, {"slow": 0.2})
    began = time.monotonic()
    assert asked(platform, SEND, body)["errcode"] == 0
    assert time.monotonic() - began >= 0.2


def test_a_platform_that_is_down_answers_nobody(platform: StandIn) -> None:
    platform.control("down", {"down": True})
    with pytest.raises(requests.ConnectionError):
        token(platform)
    platform.control("down", {"down": False})
    assert token(platform)["access_token"]


def test_quotas_run_out(platform: StandIn) -> None:
    who, key = signed_in(platform), token(platform)["access_token"]
    platform.platform.daily = 2
    found = [asked(platform, "/wxa/msg_sec_check", text(who), key)["errcode"] for _ in range(3)]
    platform.platform.daily, platform.platform.per_minute = 1000, 2
    fast = asked(platform, "/wxa/msg_sec_check", text(who), key)
    assert (found, fast["errcode"]) == ([0, 0, 45009], 45011)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("nothing", {}),
        ("faults", {"path": "x"}),
        ("faults", {"path": "x", "answers": "reset"}),
        ("faults", {"path": "x", "answers": ["http"]}),
        ("faults", {"path": "x", "answers": [{"slow": "1"}]}),
        ("verdicts", {"images": ["sillent"]}),
        ("verdicts", {"images": [["fine", 100]]}),
        ("consents", {"template_id": "x"}),
        ("consents", {"name": 3, "template_id": "x"}),
        ("consents", {"name": "lily", "template_id": []}),
        ("settings", {"name": "lily", "template_id": "x", "accept": True}),
        ("push", {"formm": "xml"}),
        ("push", {"form": "yaml"}),
        ("push", {"repeat": 0}),
        ("down", []),
    ],
)
def test_a_control_that_makes_no_sense_says_so(
    platform: StandIn, path: str, body: dict[str, Any]
) -> None:
    answer = requests.post(f"{platform.url}/_standin/{path}", json=body, timeout=5)
    assert answer.status_code in {400, 404}
    assert requests.get(f"{platform.url}/cgi-bin/token", timeout=5).status_code == 404
