"""Actions as buttons and forms, read off the moves."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from models import fields
from models.moment import dated
from models.routing import Atlas
from models.spot_check import FINDINGS
from models.status import Action
from models.workflow import MOVES, Move

CHOICES: dict[tuple[Action, str], dict[str, str]] = {
    (Action.REJECT, "reason"): fields.REJECT_REASONS,
    (Action.ASK_SUSPENSION, "reason"): fields.SUSPENSION_REASONS,
    (Action.GRANT_SUSPENSION, "reason"): fields.SUSPENSION_REASONS,
    (Action.RESOLVE, "outcome"): fields.OUTCOMES,
    (Action.VERIFY, "finding"): fields.FINDINGS,
    (Action.CALL_BACK, "outcome"): fields.CALL_BACK_OUTCOMES,
    (Action.INSPECT, "finding"): FINDINGS,
    (Action.PASS, "method"): {"on_site": "现场核查", "desk": "资料核查"},
    (Action.TRANSFER_BACK, "outcome"): {"answered": "对方已办结答复", "returned": "对方退回"},
}


@cache
def action_form(move: Move) -> dict[str, Any]:
    """An action as a button and its form, read off the move's fields."""
    form = []
    for name, field in move.needs.model_fields.items():
        entry: dict[str, Any] = {
            "name": name,
            "label": field.title,
            "required": field.is_required(),
        }
        choices = CHOICES.get((move.action, name))
        if choices:
            entry["choices"] = [{"value": v, "label": label} for v, label in choices.items()]
        form.append(entry)
    return {
        "action": move.action.value,
        "label": move.label,
        "fields": form,
        "exactly_one": list(move.needs.exactly_one),
    }


MOMENTS = frozenset({"due_at", "review_at"})


def given(
    atlas: Atlas, action: Action, facts: Mapping[str, Any], worker: str | None
) -> list[dict[str, str]]:
    """What a step was given besides words and photos, as `label` and `text`, in the order of its
    form; `worker` is the name of whom its facts name."""
    return [
        {"label": str(field.title), "text": _text(atlas, action, name, facts[name], worker)}
        for name, field in MOVES[action].needs.model_fields.items()
        if facts.get(name) is not None
    ]


def _text(atlas: Atlas, action: Action, name: str, value: Any, worker: str | None) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in MOMENTS:
        return dated(datetime.fromisoformat(value))
    if name == "unit":
        return atlas.unit_name(value)
    if name == "category":
        return atlas.category_name(value)
    if name == "worker":
        return worker or str(value)
    return CHOICES.get((action, name), {}).get(value, str(value))
