"""Actions as forms of a page: what each field looks like, and what was typed in it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.auth import Work
from app.services import case_choices
from models.calendar import LOCAL
from models.geo import CoordType
from models.routing import Atlas
from models.status import Action
from models.submission import Submission
from models.workflow import MOVES

Form = MultiDict[str, str]
LONG = frozenset({"reason", "reply", "comment", "question", "paraphrase"})
MOMENTS = frozenset({"due_at", "review_at", "external_due_at"})
GRAVE = frozenset({Action.REJECT, Action.HAND_BACK, Action.MERGE, Action.REWORK})
"""Actions whose button warns."""


_LABELS = {
    name: str(field.title)
    for move in MOVES.values()
    for name, field in move.needs.model_fields.items()
} | {name: str(field.title) for name, field in Submission.model_fields.items()}


def label(name: str) -> str:
    """What a field is called; an unknown one by its own name."""
    return _LABELS.get(name.partition(".")[0], name)


def shaped(work: Work, case: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    """An action's form with the kind, choices and present value of each field."""
    kind = Action(action["action"])
    fields = [_field(work, case, kind, field) for field in action["fields"]]
    return action | {"fields": fields, "grave": kind in GRAVE}


def _field(
    work: Work, case: dict[str, Any], action: Action, field: dict[str, Any]
) -> dict[str, Any]:
    name = field["name"]
    if "choices" in field:
        return field | {"kind": "choice"}
    if name == "unit":
        allowed = case_choices.units(work.atlas, case["unit"], action)
        found = field | {"kind": "choice", "choices": allowed}
        accepting = {"value": case["unit"], "blank": _routing(work.atlas, case)}
        return found | accepting if action is Action.ACCEPT else found
    if name == "worker":
        people = case_choices.workers_by_unit(
            work.db, work.atlas, case["unit"], case["routed_unit"], action
        )
        return field | {"kind": "groups", "groups": people, "blank": _NOBODY.get(action)}
    shape = _SHAPES.get(name)
    return field | (shape(work, case) if shape else {"kind": "line"})


_NOBODY = {
    Action.ACCEPT: "由责任单位安排",
    Action.ASK_VERIFICATION: "当班的网格员",
}
"""What happens where no person is chosen."""


def _routing(atlas: Atlas, case: dict[str, Any]) -> str:
    """What happens where no unit is chosen: that of the category, which may be chosen just now."""
    unit = atlas.unit_name(case["routed_unit"]) if case["category"] else None
    return f"按权责清单（{case['category_name']}：{unit}）" if unit else "按权责清单"


_Shape = Callable[[Work, dict[str, Any]], dict[str, Any]]
_SHAPES: dict[str, _Shape] = {
    "category": lambda work, case: {
        "kind": "groups",
        "groups": groups(work.atlas),
        "value": case["category"],
    },
    "location": lambda _, case: {"kind": "place", "value": case["location"]["wgs84"]},
    "photo_ids": lambda *_: {"kind": "photos"},
    **{name: lambda *_: {"kind": "moment"} for name in MOMENTS},
    **{name: lambda *_: {"kind": "long"} for name in LONG},
}


def units(atlas: Atlas) -> list[dict[str, str]]:
    known = (unit for unit in atlas.units.values() if not unit.retired)
    return [{"value": unit.code, "label": unit.name} for unit in known]


def groups(atlas: Atlas) -> dict[str, list[dict[str, str]]]:
    """Categories by the name of their group, in the catalogue's order."""
    found: dict[str, list[dict[str, str]]] = {}
    for one in atlas.categories.values():
        if one.retired_at is None:
            members = found.setdefault(one.group_name, [])
            members.append({"value": one.code, "label": one.name})
    return found


def given(form: Form, photo_ids: list[str]) -> dict[str, Any]:
    """What was typed, as the action's fields take it: blank is absent, moments are local."""
    found: dict[str, Any] = {}
    for name, value in form.items():
        if name in ("csrf", "version", "back") or "." in name or not value.strip():
            continue
        found[name] = _moment(value) if name in MOMENTS else value
    if form.get("location.longitude") or form.get("location.latitude"):
        found["location"] = {
            "longitude": form.get("location.longitude"),
            "latitude": form.get("location.latitude"),
            "coord_type": CoordType.WGS84.value,
        }
    return found | ({"photo_ids": photo_ids} if photo_ids else {})


def _moment(value: str) -> str:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=LOCAL).isoformat()
    except ValueError:
        return value
