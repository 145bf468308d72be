"""Pushes as WeChat sends them: in safe mode, JSON, each another event."""

import secrets
import time
from urllib.parse import urlencode

from benchmarks.load import request
from tools.wechat_standin import DEMO_APP_ID, DEMO_PUSH_KEY, DEMO_PUSH_TOKEN, make_push


def verdicts(count: int) -> list[bytes]:
    """Requests that bring the verdict on a photo each."""
    return [_push(f"bench-{secrets.token_hex(12)}") for _ in range(count)]


def _push(trace_id: str) -> bytes:
    event = {
        "FromUserName": "o-bench",
        "CreateTime": int(time.time()),
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": DEMO_APP_ID,
        "trace_id": trace_id,
        "version": 2,
        "errcode": 0,
        "result": {"suggest": "pass", "label": 100},
    }
    query, body, kind = make_push(
        event, token=DEMO_PUSH_TOKEN, key=DEMO_PUSH_KEY, app_id=DEMO_APP_ID
    )
    return request("POST", f"/wechat/push?{urlencode(query)}", {"Content-Type": kind}, body)
