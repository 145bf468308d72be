"""Taking an action on a case with what a form says."""

from collections.abc import Mapping
from typing import Any

from app.auth import Work
from app.services import case
from app.services.actions import HANDLERS
from models.errors import InvalidInput
from models.fields import storable
from models.status import Action


def take(here: Work, number: str, action: Action, version: str, fields: Mapping[str, Any]) -> None:
    """Acts on the case whose `version` was seen, as the form has it.

    Raises:
        InvalidInput: no version. DomainError, ValidationError: as `case.act`.
    """
    if not version.isdecimal() or len(version) > 9:
        raise InvalidInput.at("/version", "页面不完整，请刷新后再试")
    target = fields.get("target")
    case.act(
        here.db,
        here.atlas,
        here.actor,
        number,
        action,
        int(version),
        lambda needs: needs.model_validate(fields),
        HANDLERS,
        and_lock=target if action is Action.MERGE and storable(target) else None,
    )
