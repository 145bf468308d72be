"""Extra fields of a category: what a report of it is asked besides, and whether an answer fits.

The kinds are the datatypes of GeoReport v2's service definitions.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.errors import FieldFault, InvalidInput
from models.fields import storable

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST = 500
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class Datatype(StrEnum):
    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    SINGLE = "singlevaluelist"
    MULTI = "multivaluelist"


DATATYPE_LABELS = {
    Datatype.STRING: "一行文字",
    Datatype.NUMBER: "数字",
    Datatype.DATETIME: "日期时间",
    Datatype.TEXT: "多行文字",
    Datatype.SINGLE: "单选",
    Datatype.MULTI: "多选",
}
CHOICES = frozenset({Datatype.SINGLE, Datatype.MULTI})
Field = Mapping[str, Any]
"""code, datatype, required, description, hint, and values: a list of key and name."""
Answers = dict[str, str | list[str]]


def fitting(fields: Sequence[Field], given: Mapping[str, Any], *, complete: bool) -> Answers:
    """The answers in the fields' order, without blank ones; `complete` wants the required ones.

    Raises:
        InvalidInput: names every answer that does not fit, at /attributes/CODE.
    """
    known = {field["code"] for field in fields}
    faults = [_fault(code, "该类别没有这一项") for code in given if code not in known]
    answers: Answers = {}
    for field in fields:
        values = _values(given.get(field["code"]))
        said = _unfit(field, values)
        if said is None and not values and complete and field["required"]:
            said = f"请填写“{field['description']}”"
        if said is not None:
            faults.append(_fault(field["code"], said))
        elif values:
            answers[field["code"]] = values if field["datatype"] == Datatype.MULTI else values[0]
    if faults:
        raise InvalidInput(faults[0].message, faults)
    return answers


def told(fields: Sequence[Field], answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Answers for people: description and words; of a field that is gone its code stands in."""
    known = {field["code"]: field for field in fields}
    rows = []
    for code, answer in answers.items():
        field = known.get(code, {"description": code, "values": []})
        names = {choice["key"]: choice["name"] for choice in field["values"]}
        words = "、".join(names.get(value, value) for value in _values(answer))
        rows.append({"code": code, "description": field["description"], "text": words})
    return rows


def _fault(code: str, message: str) -> FieldFault:
    return FieldFault(f"/attributes/{code}", message)


def _values(given: Any) -> list[str]:
    values = given if isinstance(given, list) else [] if given is None else [given]
    return [value.strip() for value in values if value.strip()]


def _unfit(field: Field, values: Sequence[str]) -> str | None:
    kind = field["datatype"]
    if len(values) > 1 and kind != Datatype.MULTI:
        return "只能填一个值"
    if len(set(values)) < len(values):
        return "同一个值选了两次"
    if kind in CHOICES:
        keys = [choice["key"] for choice in field["values"]]
        wrong = next((value for value in values if value not in keys), None)
        return wrong and f"“{wrong[:20]}”不在选项中，可选：{'、'.join(keys)}"
    return next((said for value in values if (said := _unfit_text(kind, value))), None)


def _unfit_text(kind: str, value: str) -> str | None:
    if not storable(value) or len(value) > LONGEST:
        return f"最多 {LONGEST} 个字"
    if kind == Datatype.NUMBER and not NUMBER.fullmatch(value):
        return "应为数字"
    if kind == Datatype.DATETIME and not _is_moment(value):
        return "应为带时区的时间，如 2026-11-25T08:00:00+08:00"
    return None


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
