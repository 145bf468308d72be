"""What the platform accepts as values of a subscribe message."""

import re
from typing import Any

_DAY = r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
_MOMENT = rf"({_DAY} )?{_CLOCK}"
_KINDS = {
    "thing": re.compile(r"[^\n\r\ud800-\udfff]{1,20}"),
    "number": re.compile(r"-?[0-9]{1,32}(\.[0-9]+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s\ud800-\udfff]{1,5}"),
    "character_string": re.compile(r"[!-~]{1,32}"),
    "time": re.compile(rf"{_MOMENT}(~{_MOMENT})?"),
    "date": re.compile(rf"{_DAY}( {_CLOCK})?(~{_DAY}( {_CLOCK})?)?"),
    "amount": re.compile(r"[¥￥$]?[0-9]{1,10}(\.[0-9]+)?元?"),
    "phone_number": re.compile(r"[+0-9][0-9*()-]{0,16}"),
    "car_number": re.compile(r"[\u4e00-\u9fff]?[A-Za-z0-9]{5,7}[\u4e00-\u9fff]?"),
    "name": re.compile(r"[\u4e00-\u9fff·]{1,10}|[A-Za-z !-/.]{1,20}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
}
_KEY = re.compile(r"([a-z_]+?)[0-9]{1,2}")


def fault_of(data: Any, keys: set[str] | None) -> str | None:
    """Which value is wrong, as the platform says it; `keys` are the template's, where known."""
    if not isinstance(data, dict) or not data:
        return "data"
    if keys is not None and set(data) != keys:
        wrong = min(set(data) ^ keys)
        return f"data.{wrong}"
    for key, given in data.items():
        value = given.get("value") if isinstance(given, dict) else None
        kind = _KEY.fullmatch(key)
        rule = _KINDS.get(kind[1]) if kind else None
        if rule is None or not isinstance(value, str) or not rule.fullmatch(value):
            return f"data.{key}.value"
    return None
