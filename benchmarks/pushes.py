"""Pushes as WeChat sends them: in safe mode, JSON, each another event."""

import base64
import hashlib
import json
import secrets
import struct
import time
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks.load import request
from config import DEMO_PUSH_KEY

APP, TOKEN = "demo-appid", "demo-push-token"


def verdicts(count: int) -> list[bytes]:
    """Requests that bring the verdict on a photo each."""
    return [_push(f"bench-{secrets.token_hex(12)}") for _ in range(count)]


def _push(trace_id: str) -> bytes:
    event = {
        "FromUserName": "o-bench",
        "CreateTime": int(time.time()),
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": APP,
        "trace_id": trace_id,
        "version": 2,
        "errcode": 0,
        "result": {"suggest": "pass", "label": 100},
    }
    encrypted = _encrypted(json.dumps(event))
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    joined = "".join(sorted([TOKEN, stamp, nonce, encrypted]))
    query = {
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": hashlib.sha1(joined.encode()).hexdigest(),  # noqa: S324
    }
    body = json.dumps({"ToUserName": "gh_bench", "Encrypt": encrypted}).encode()
    headers = {"Content-Type": "application/json"}
    return request("POST", f"/wechat/push?{urlencode(query)}", headers, body)


def _encrypted(message: str) -> str:
    key = base64.b64decode(DEMO_PUSH_KEY + "=")
    body = message.encode()
    whole = secrets.token_bytes(16) + struct.pack(">I", len(body)) + body + APP.encode()
    padding = 32 - len(whole) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    made = encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(made).decode()
