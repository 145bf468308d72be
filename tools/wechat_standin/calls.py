"""The platform's calls: each takes the query and the body, and gives its answer.

`GET /sns/jscode2session` knows these codes:

    demo-NAME        signs in the resident NAME, as often as you like
    once-NAME        signs in NAME once; then 40163, as real codes do
    error-ERRCODE    answers that errcode: error--1, error-45011
    slow-SECONDS     signs in the resident `slow` after so long, a minute at most
    garbage          answers something that is not JSON
    anything else    40029, an invalid code

The phone call knows `phone-NUMBER`, `phoneonce-NUMBER`, and `phonecode-ERRCODE` or `error-ERRCODE`.
Words that contain 违规 are risky, those with 可疑 are to be reviewed.
"""

import base64
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.wechat_standin import picture
from tools.wechat_standin.errcodes import refusal
from tools.wechat_standin.platform import Json, Platform, Sent, Verdict
from tools.wechat_standin.push import Pusher
from tools.wechat_standin.values import fault_of
from tools.wechat_standin.web import fetched, may_fetch

OK: Json = {"errcode": 0, "errmsg": "ok"}
_SLOWEST_S = 60.0
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
_TEMPLATE = re.compile(r"(demo-|T)[\w-]{1,60}")
_PAGE = re.compile(r"[\w-][\w/-]*(\?[\w=&%.-]*)?", re.ASCII)
_MOST_WORDS = 2500
_ERRCODE = re.compile(r"-?[0-9]{1,6}")


@dataclass(frozen=True)
class Asked:
    """One call: the platform and its pusher, the query, the JSON body."""

    platform: Platform
    pusher: Pusher
    query: Mapping[str, str]
    body: Json


Answer = Json | bytes | None
"""JSON, an image, or None for something that is no JSON."""


def session(asked: Asked) -> Answer:
    query, platform = asked.query, asked.platform
    fault = _credentials(platform, query, "js_code", "authorization_code")
    if fault is not None:
        return fault
    code = query["js_code"]
    if code == "garbage":
        return None
    kind, _, rest = code.partition("-")
    if kind == "error" and _ERRCODE.fullmatch(rest):
        return refusal(int(rest))
    if kind == "slow" and re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", rest):
        time.sleep(min(float(rest), _SLOWEST_S))
        rest = "slow"
    elif kind not in {"demo", "once"} or not rest:
        return refusal(40029)
    if kind == "once" and not platform.first_use(code):
        return refusal(40163)
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return {"session_key": key, "openid": platform.welcome(rest)}


def _credentials(
    platform: Platform, given: Mapping[str, str], code: str | None, grant: str
) -> Json | None:
    wanted = [("appid", 41002), ("secret", 41004), *([(code, 41008)] if code else [])]
    for name, missing in wanted:
        if not given.get(name):
            return refusal(missing)
    if given["appid"] != platform.app_id:
        return refusal(40013)
    if given["secret"] != platform.app_secret:
        return refusal(40125)
    return refusal(40002) if given.get("grant_type") != grant else None


def stable_token(asked: Asked) -> Answer:
    fault = _credentials(asked.platform, asked.body, None, "client_credential")
    return fault or asked.platform.token(forced=asked.body.get("force_refresh") is True)


def phone(asked: Asked) -> Answer:
    code = asked.body.get("code")
    kind, _, rest = code.partition("-") if isinstance(code, str) else ("", "", "")
    if kind in {"error", "phonecode"} and _ERRCODE.fullmatch(rest):
        return refusal(int(rest))
    if kind not in {"phone", "phoneonce"} or not re.fullmatch(r"[0-9]{11}", rest):
        return refusal(40029)
    if kind == "phoneonce" and not asked.platform.first_use(f"{code}"):
        return refusal(40163)
    watermark = {"timestamp": int(time.time()), "appid": asked.platform.app_id}
    return OK | {
        "phone_info": {
            "phoneNumber": rest,
            "purePhoneNumber": rest,
            "countryCode": "86",
            "watermark": watermark,
        }
    }


def check_text(asked: Asked) -> Answer:
    fault = _person(asked)
    if fault is not None:
        return fault
    words = asked.body.get("content")
    if not isinstance(words, str) or not 0 < len(words) <= _MOST_WORDS:
        return refusal(44991)
    suggest, label = ("pass", 100)
    if "违规" in words:
        suggest, label = ("risky", 20001)
    elif "可疑" in words:
        suggest, label = ("review", 20012)
    one = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label}
    return OK | {
        "trace_id": secrets.token_hex(16),
        "result": {"suggest": suggest, "label": label},
        "detail": [one | {"prob": 90}],
    }


def _person(asked: Asked) -> Json | None:
    """Why content of this person is not checked."""
    body = asked.body
    if body.get("version") != 2 or body.get("scene") not in (1, 2, 3, 4):
        return refusal(47001)
    fault = asked.platform.person_fault(str(body.get("openid")))
    return None if fault is None else refusal(fault)


def check_image(asked: Asked) -> Answer:
    fault = _person(asked)
    if fault is not None:
        return fault
    url = asked.body.get("media_url")
    if asked.body.get("media_type") != 2 or not isinstance(url, str) or not may_fetch(url):
        return refusal(47001)
    trace_id = secrets.token_hex(16)
    verdict = asked.platform.next_verdict()
    if verdict != "silent":
        who = str(asked.body["openid"])
        given = (asked, trace_id, who, url, verdict)
        threading.Thread(target=_judge, args=given, daemon=True).start()
    return OK | {"trace_id": trace_id}


def _judge(asked: Asked, trace_id: str, who: str, url: str, verdict: Verdict) -> None:
    """Fetches the picture as the platform does, and pushes what it thinks of it."""
    event: Json = {
        "Event": "wxa_media_check",
        "appid": asked.platform.app_id,
        "trace_id": trace_id,
        "version": 2,
    }
    if isinstance(verdict, str) or not fetched(url, asked.platform.fetch_s):
        asked.pusher.push(who, event | {"errcode": -1008, "errmsg": "media download failed"})
        return
    suggest, label = verdict
    found = {"suggest": suggest, "label": label}
    detail = [{"strategy": "content_model", "errcode": 0, **found, "prob": 90}]
    event |= {"errcode": 0, "errmsg": "ok", "result": found, "detail": detail}
    asked.pusher.push(who, event)


def send(asked: Asked) -> Answer:
    body, platform = asked.body, asked.platform
    wrong = _message_fault(platform, body)
    if wrong is not None:
        return wrong
    who, template, page = body["touser"], body["template_id"], body.get("page") or ""
    data = {key: one["value"] for key, one in body["data"].items()}
    state = body.get("miniprogram_state", "formal")
    if not platform.deliver(Sent(who, template, page, data, time.time(), state)):
        return refusal(43101)
    number = secrets.randbelow(10**15)
    report = {"TemplateId": template, "MsgID": str(number)}
    report |= {"ErrorCode": "0", "ErrorStatus": "success"}
    asked.pusher.push_list(who, "subscribe_msg_sent_event", "SubscribeMsgSentEvent", [report])
    return OK | {"msgid": number}


def _message_fault(platform: Platform, body: Json) -> Json | None:
    who, template, page = body.get("touser"), body.get("template_id"), body.get("page") or ""
    template = template if isinstance(template, str) else ""
    keys = platform.templates.get(template)
    wrong = fault_of(body.get("data"), keys and set(keys[1]))
    state = body.get("miniprogram_state", "formal")
    faults = (
        (not isinstance(who, str) or not platform.knows(who), refusal(40003)),
        (keys is None and bool(platform.templates), refusal(40037)),
        (not _TEMPLATE.fullmatch(template) and keys is None, refusal(40037)),
        (page != "" and not (isinstance(page, str) and _PAGE.fullmatch(page)), refusal(41030)),
        (state not in ("developer", "trial", "formal"), refusal(47003, " miniprogram_state")),
        (wrong is not None, refusal(47003, f" {wrong} is invalid")),
    )
    return next((fault for applies, fault in faults if applies), None)


def place_code(asked: Asked) -> Answer:
    body = asked.body
    scene, page = body.get("scene"), body.get("page") or ""
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        return refusal(40169)
    if not isinstance(page, str) or page.startswith("/"):
        return refusal(41030)
    if page and body.get("check_path") is not False and page not in asked.platform.pages:
        return refusal(41030)
    width = body.get("width", 430)
    if not isinstance(width, int) or not 280 <= width <= 1280:
        return refusal(47001)
    if body.get("env_version", "release") not in ("release", "trial", "develop"):
        return refusal(40097)
    return picture.place_code(scene, width)


def templates(asked: Asked) -> Answer:
    listed = [
        {
            "priTmplId": template,
            "title": title,
            "content": "".join(f"{name}:{{{{{key}.DATA}}}}\n" for key, name in keys.items()),
            "example": "",
            "type": 2,
        }
        for template, (title, keys) in asked.platform.templates.items()
    ]
    return OK | {"data": listed}


Call = Callable[[Asked], Answer]
OPEN: dict[str, Call] = {
    "/sns/jscode2session": session,
    "/cgi-bin/stable_token": stable_token,
}
WITH_TOKEN: dict[str, Call] = {
    "/wxa/business/getuserphonenumber": phone,
    "/wxa/msg_sec_check": check_text,
    "/wxa/media_check_async": check_image,
    "/cgi-bin/message/subscribe/send": send,
    "/wxa/getwxacodeunlimit": place_code,
    "/wxaapi/newtmpl/gettemplate": templates,
}
