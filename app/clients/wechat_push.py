"""What WeChat pushes to us: proven, decrypted and read, in every form it comes in.

Plain, safe and mixed mode, XML and JSON. wechatpy compares signatures in a time that tells how
much of them is right, and reads XML only: here they are compared in constant time first.
"""

import hashlib
import hmac
import re
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import orjson
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException

from app.clients.wechat import Verdict, verdict_of
from app.clients.wechat_errors import WeChatBusy
from models.errors import Forbidden, InvalidInput
from models.fields import storable

FRESH_S = 300
"""A signature is good for so long before and after its time: WeChat repeats within seconds."""
_NUMBER = re.compile(r"[0-9]{1,12}")
_LISTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}
UNREADABLE = "推送的内容无法读取"


def signature_of(token: str, timestamp: str, nonce: str, *more: str) -> str:
    """WeChat's signature over its parts, as 40 hexadecimal digits."""
    joined = "".join(sorted([token, timestamp, nonce, *more]))
    return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324  (WeChat's choice)


@dataclass(frozen=True, slots=True)
class Item:
    """A template in a subscribe event: what the person said (accept, reject), or how sending
    ended (errcode 0: delivered)."""

    template_id: str
    said: str | None = None
    errcode: int | None = None
    msg_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event; `name` is WeChat's. A media check has `trace_id` and, unless it failed, a verdict;
    subscribe events have `items`. `key` is the same however often and in whatever form it comes."""

    name: str
    openid: str
    key: str
    trace_id: str | None = None
    verdict: Verdict | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that is WeChat's: its event, and the signature that no other body may use."""

    event: Event
    proof: str
    body_sha256: bytes


class PushReader:
    """Knows the token and, for safe mode, the EncodingAESKey (43 characters)."""

    def __init__(self, app_id: str, token: str, aes_key: str) -> None:
        self._app_id = app_id
        self._token = token
        self._crypto = WeChatCrypto(token, aes_key, app_id) if aes_key else None

    def greet(self, query: Mapping[str, str]) -> str:
        """The answer to WeChat's question whether we are there.

        Raises:
            Forbidden: not signed by WeChat, or long ago.
        """
        self._prove(query.get("signature", ""), query)
        return query.get("echostr", "")

    def read(self, query: Mapping[str, str], body: bytes) -> Pushed:
        """The event of a push.

        Raises:
            Forbidden: not signed by WeChat, long ago, or for another app.
            InvalidInput: signed, and not to be understood.
        """
        safe = query.get("encrypt_type") == "aes" or "msg_signature" in query
        if not safe:  # who knows no token learns nothing of the form
            self._prove(query.get("signature", ""), query)
        outer = _parsed(body)
        proof = query.get("signature", "")
        if safe:
            proof = query.get("msg_signature", "")
            encrypted = outer.get("Encrypt")
            if not isinstance(encrypted, str) or self._crypto is None:
                raise Forbidden("推送没有加密，或本服务器没有配置 EncodingAESKey")
            self._prove(proof, query, encrypted)
            outer = _parsed(_opened(self._crypto, encrypted, query))
        return Pushed(self._event(outer), proof, hashlib.sha256(body).digest())

    def _prove(self, signature: str, query: Mapping[str, str], *more: str) -> None:
        stamp = query.get("timestamp", "")
        wanted = signature_of(self._token, stamp, query.get("nonce", ""), *more)
        if not hmac.compare_digest(signature.encode(), wanted.encode()):
            raise Forbidden("签名不正确")
        if not _NUMBER.fullmatch(stamp) or abs(time.time() - int(stamp)) > FRESH_S:
            raise Forbidden("推送的时间太早或太晚，请检查服务器时钟")

    def _event(self, given: Mapping[str, Any]) -> Event:
        name, openid = _text(given.get("Event")), _text(given.get("FromUserName"))
        if given.get("appid") not in (None, self._app_id):
            raise Forbidden("推送是给另一个小程序的")
        key = f"{openid}:{_text(given.get('CreateTime'))}:{name}"
        if name == "wxa_media_check":
            return _media_check(name, openid, given)
        if name in _LISTS:
            holder = given.get(_LISTS[name], given)
            listed = holder.get("List") if isinstance(holder, dict) else None
            items = tuple(map(_item, listed if isinstance(listed, list) else [listed]))
            told = "+".join(sorted(f"{i.template_id}/{i.msg_id}/{i.said}" for i in items))
            digest = hashlib.sha256(told.encode()).hexdigest()[:16]
            return Event(name, openid, f"{key}:{digest}", items=items)
        return Event(name, openid, f"{key}:{_text(given.get('MsgId'))}")


def _opened(crypto: WeChatCrypto, encrypted: str, query: Mapping[str, str]) -> bytes:
    try:
        opened = crypto.decrypt_message(
            {"Encrypt": encrypted},
            query.get("msg_signature", ""),
            query.get("timestamp", ""),
            query.get("nonce", ""),
        )
    except InvalidAppIdException:
        raise Forbidden("推送是给另一个小程序的") from None
    except (ValueError, IndexError, OverflowError, struct.error):
        raise InvalidInput("推送无法解密，请检查 EncodingAESKey") from None
    return str(opened).encode()


def _media_check(name: str, openid: str, given: Mapping[str, Any]) -> Event:
    trace_id = _text(given.get("trace_id"))
    if not trace_id:
        raise InvalidInput(UNREADABLE)
    failed = _text(given.get("errcode")) not in {"", "0"}
    try:
        verdict = None if failed else verdict_of(given.get("result"))
    except WeChatBusy:
        verdict = None
    return Event(name, openid, f"trace:{trace_id}", trace_id=trace_id, verdict=verdict)


def _item(given: Any) -> Item:
    if not isinstance(given, dict) or not _text(given.get("TemplateId")):
        raise InvalidInput(UNREADABLE)
    errcode = _text(given.get("ErrorCode"))
    return Item(
        _text(given["TemplateId"]),
        said=_text(given.get("SubscribeStatusString")) or None,
        errcode=int(errcode) if _NUMBER.fullmatch(errcode) else None,
        msg_id=_text(given.get("MsgID")) or None,
    )


def _text(value: Any) -> str:
    """A scalar as text; what is none, or too long to be meant, reads as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if storable(value) and len(value) <= 200 else ""


def _parsed(body: bytes) -> Mapping[str, Any]:
    """JSON or XML as a mapping. Entities and external parts of XML are refused."""
    try:
        if body.lstrip()[:1] == b"{":
            found = orjson.loads(body)
        else:
            found = xmltodict.parse(body, disable_entities=True).get("xml")
    except (orjson.JSONDecodeError, ExpatError, ValueError, UnicodeError):
        raise InvalidInput(UNREADABLE) from None
    if not isinstance(found, dict):
        raise InvalidInput(UNREADABLE)
    return found
