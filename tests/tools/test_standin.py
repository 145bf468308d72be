"""The stand-in behaves as the platform does where it matters."""

import base64
import csv
import hashlib
import io
import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from PIL import Image

from app.cli.setup import MESSAGES
from config import DEMO_PUSH_KEY as OUR_PUSH_KEY
from config import Mode, Settings
from tests.island import eventually
from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    DEMO_PUSH_TOKEN,
    PushTo,
    StandIn,
    make_push,
    openid,
)
from tools.wechat_standin.platform import DEMO_TEMPLATES
from tools.wechat_standin.web import fetched

SEND = "/cgi-bin/message/subscribe/send"
THING = {"thing1": {"value": "暴露垃圾"}}


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serves in a thread, and ends at once: there are many tests here."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def platform() -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving(found):
        yield found


def call(platform: StandIn, path: str, body: Any = None, **query: str) -> Any:
    url = f"{platform.url}{path}"
    if body is None:
        return requests.get(url, params=query, timeout=5).json()
    return requests.post(url, params=query, json=body, timeout=5).json()


def token(platform: StandIn, *, force: bool = False) -> Any:
    body = {
        "grant_type": "client_credential",
        "appid": DEMO_APP_ID,
        "secret": DEMO_APP_SECRET,
        "force_refresh": force,
    }
    return call(platform, "/cgi-bin/stable_token", body)


def asked(platform: StandIn, path: str, body: Any, key: str | None = None) -> Any:
    given = token(platform)["access_token"] if key is None else key
    return call(platform, path, body, access_token=given)


def signed_in(platform: StandIn, name: str = "lily") -> str:
    found: str = call(
        platform,
        "/sns/jscode2session",
        appid=DEMO_APP_ID,
        secret=DEMO_APP_SECRET,
        js_code=f"demo-{name}",
        grant_type="authorization_code",
    )["openid"]
    return found


def text(who: str, words: str = "路边垃圾", **more: Any) -> dict[str, Any]:
    return {"version": 2, "openid": who, "scene": 3, "content": words} | more


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


def message(platform: StandIn, **change: Any) -> dict[str, Any]:
    data = {"thing1": {"value": "暴露垃圾"}, "time2": {"value": "2026年1月2日 09:05"}}
    body = {"touser": signed_in(platform), "template_id": "demo-x", "page": "a/b?id=1"}
    return body | {"data": data} | change


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


class Receiver(BaseHTTPRequestHandler):
    """Takes pushes, answering what the test says."""

    answers: list[bytes]
    got: list[tuple[dict[str, list[str]], bytes]]

    slow: list[float]

    def do_GET(self) -> None:
        picture, size = b"\xff\xd8\xffpicture", None
        if self.path == "/moved.jpg":
            self.send_response(302)
            self.send_header("Location", "/x.jpg")
            self.end_headers()
            return
        if self.path == "/big.jpg":
            picture = bytes((10 << 20) + 1)
        elif self.path in {"/cut.jpg", "/hangs.jpg"}:
            size = 1000
        self._reply(picture, "text/html" if self.path == "/page.jpg" else "image/jpeg", size)
        if self.path == "/hangs.jpg":
            self.wfile.flush()
            time.sleep(0.5)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((parse_qs(urlsplit(self.path).query), body))
        if self.slow:
            time.sleep(self.slow.pop(0))
        self._reply(self.answers.pop(0) if self.answers else b"success", "text/plain")

    def _reply(self, body: bytes, kind: str, size: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size or len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def receiver(platform: StandIn) -> Iterator[Any]:
    handler = type("Handler", (Receiver,), {"answers": [], "got": [], "slow": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serving(server):
        url = f"http://127.0.0.1:{server.server_port}/push"
        platform.pusher.to = PushTo(url, "t", DEMO_PUSH_KEY, mode="plain", retry_s=0.01)
        yield handler


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
