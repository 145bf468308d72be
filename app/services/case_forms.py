"""Actions as buttons and forms, read off the moves."""

from functools import cache
from typing import Any

from models import fields
from models.spot_check import FINDINGS
from models.status import Action
from models.workflow import Move

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
    return {"action": move.action.value, "label": move.label, "fields": form}
