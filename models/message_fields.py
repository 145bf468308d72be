"""Values of subscribe messages: what WeChat accepts for each kind of key. Pure.

WeChat counts characters, and refuses a message for one value that is too long or holds what its
kind does not allow. Lengths here are UTF-16 code units, the most that it may count.
"""

from datetime import datetime
from unicodedata import normalize

import regex

from models.calendar import LOCAL

_LIMITS = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "phrase": 5,
    "name": 20,
    "time": 41,
    "date": 41,
    "amount": 15,
    "phone_number": 17,
    "car_number": 8,
}
_CHINESE_NAME = 10
_KEY = regex.compile(rf"({'|'.join(_LIMITS)})[0-9]{{1,2}}")

_HAN = r"\p{Unified_Ideograph}〇"
_FOREIGN = {
    "character_string": regex.compile(r"[^!-~]"),
    "letter": regex.compile(r"[^A-Za-z]"),
    "symbol": regex.compile(r"[^\p{P}\p{S}]|\p{Emoji_Presentation}"),
    "phrase": regex.compile(rf"[^{_HAN}]"),
    "name": regex.compile(rf"[^{_HAN}·!-/:-~]"),
}
"""Characters that a kind does not allow."""

_DAY = r"[0-9]{4}年(?:1[0-2]|0?[1-9])月(?:3[01]|[12][0-9]|0?[1-9])日"
_CLOCK = r"(?:2[0-3]|[01]?[0-9]):[0-5][0-9](?::[0-5][0-9])?"
_TIME, _DATE = rf"(?:{_DAY} )?{_CLOCK}", rf"{_DAY}(?: {_CLOCK})?"
_MOMENTS = r"[0-9][0-9年月日:~ ]*[0-9日]"
_TAIL = "[挂学警港澳使领试]?"
_WHOLE = {
    kind: (regex.compile(run), regex.compile(form))
    for kind, run, form in (
        ("number", r"[-.0-9]*[0-9]", r"-?[0-9]+(?:\.[0-9]+)?"),
        (
            "amount",
            r"[¥￥$€£]?[-.0-9]*[0-9]元?",
            r"[¥￥$€£]?[0-9]{1,10}(?:\.[0-9]{1,2})?元?",
        ),
        ("time", _MOMENTS, rf"{_TIME}(?:~{_TIME})?"),
        ("date", _MOMENTS, rf"{_DATE}(?:~{_DATE})?"),
        ("phone_number", r"\+?\(?[0-9][-0-9*()]*[0-9]", r".{3,}"),
        (
            "car_number",
            rf"[{_HAN}]?[A-Za-z0-9]+{_TAIL}",
            rf"[{_HAN}]?[A-Za-z0-9]{{5,7}}{_TAIL}",
        ),
    )
}
"""Kinds of which a part would say something else: how one is found, and what it must be."""
_THOUSANDS = regex.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_SEPARATORS = {
    "number": _THOUSANDS,
    "amount": _THOUSANDS,
    "phone_number": regex.compile(r" "),
    "car_number": regex.compile(r"[ ·.-]"),
}

_UNSEEN = regex.compile(
    r"(?V1)[[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]"
    r"--[\s\u200c\u200d\ufe0e\ufe0f\U000e0020-\U000e007f]]"
)
"""Control characters and the like, but not what joins characters or makes a flag."""
_SEEN = regex.compile(r"[^\s\p{M}\p{Default_Ignorable_Code_Point}]")
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(0x5E)} | {ord("−"): "-"}


def kind_of(key: str) -> str | None:
    """`thing1` to `thing`; None for what is no key of a template."""
    match = _KEY.fullmatch(key)
    return match and match[1]


def fit(key: str, value: str) -> str | None:
    """The value as WeChat accepts it for the key; None where nothing is left of it.

    What the kind does not allow goes, white space and line breaks become one space, and the rest
    is cut between characters as a person sees them; a cut `thing` ends in "…". Numbers, amounts,
    times, phone and plate numbers are found in the text: the only one there, whole, or none.

    Raises:
        ValueError: `key` is no key of a template.
    """
    kind = kind_of(key)
    if kind is None:
        raise ValueError(f"no key of a template: {key!r}")
    text = _plain(value)
    if kind == "thing":
        fitted = _cut(text, _LIMITS[kind], "…")
    elif kind in _WHOLE:
        fitted = _only(kind, text.translate(_HALF_WIDTH))
    else:
        allowed = _FOREIGN[kind].sub("", text if kind == "symbol" else text.translate(_HALF_WIDTH))
        chinese = kind == "name" and regex.search(rf"[{_HAN}]", allowed)
        fitted = _cut(allowed, _CHINESE_NAME if chinese else _LIMITS[kind])
    return fitted if _SEEN.search(fitted) else None


def _plain(value: str) -> str:
    seen = _UNSEEN.sub("", value)
    return normalize("NFC", regex.sub(r"\s+", " ", seen).strip())


def _only(kind: str, text: str) -> str:
    run, form = _WHOLE[kind]
    separators = _SEPARATORS.get(kind)
    found = run.findall(separators.sub("", text) if separators else text)
    if len(found) != 1 or len(found[0]) > _LIMITS[kind] or not form.fullmatch(found[0]):
        return ""
    return str(found[0])


def _cut(text: str, limit: int, mark: str = "") -> str:
    if _length(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - len(mark)
    for cluster in regex.findall(r"\X", text):
        room -= _length(cluster)
        if room < 0:
            break
        kept.append(cluster)
    while kept and kept[-1] == " ":
        kept.pop()
    return "".join(kept) + mark if kept else ""


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def time_value(moment: datetime) -> str:
    """A moment with its zone as a `time`: `2019年10月1日 15:01`, by Asia/Shanghai."""
    return f"{date_value(moment)} {moment.astimezone(LOCAL):%H:%M}"


def date_value(moment: datetime) -> str:
    """The day of a moment with its zone as a `date`: `2019年10月1日`, by Asia/Shanghai."""
    here = moment.astimezone(LOCAL)
    return f"{here.year}年{here.month}月{here.day}日"
