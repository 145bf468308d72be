"""Calling the stand-in as a mini program's server does."""

from typing import Any

import requests

from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    StandIn,
)

SEND = "/cgi-bin/message/subscribe/send"
THING = {"thing1": {"value": "暴露垃圾"}}


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


def message(platform: StandIn, **change: Any) -> dict[str, Any]:
    data = {"thing1": {"value": "暴露垃圾"}, "time2": {"value": "2026年1月2日 09:05"}}
    body = {"touser": signed_in(platform), "template_id": "demo-x", "page": "a/b?id=1"}
    return body | {"data": data} | change
