"""Giving several cases to another unit at once: each by its own action, with its own outcome."""

from typing import Any

from flask import Response, request
from pydantic import ValidationError

from app.auth import Access, access, kit
from app.console import forms
from app.console.pages import pages, render, work
from app.console.taking import take
from app.errors import faults_of
from models.errors import DomainError, FieldFault, SignedOut, StaleCase
from models.status import Action
from models.workflow import MOVES

MOST = 200


@pages.post("/cases/reassign")
@access(Access.STAFF)
def reassign() -> Response:
    """Acts on each case with the version that was seen: sent twice, the second time does nothing.

    What is refused is listed with its reason, and may be sent again.
    """
    picked = [one.partition(" ") for one in request.form.getlist("cases")][:MOST]
    given = {name: request.form.get(name, "").strip() for name in ("unit", "reason")}
    faults = _faults(given) if picked else []
    outcomes = [] if faults else [_one(number, version, given) for number, _, version in picked]
    with work(kit().autocommit) as here:
        units = forms.units(here.atlas)
        chosen = here.atlas.unit_name(given["unit"])
    return render(
        "reassign.html",
        422 if faults or not picked else 200,
        here.actor,
        picked=[
            {"number": number, "value": f"{number} {version}"} for number, _, version in picked
        ],
        done=[number for number, why in outcomes if why is None],
        refused=[one for one in outcomes if one[1] is not None],
        faults={fault.pointer[1:]: fault.message for fault in faults},
        typed=given,
        units=units,
        unit_name=chosen,
        back=request.form.get("back", ""),
    )


def _faults(given: dict[str, str]) -> list[FieldFault]:
    try:
        MOVES[Action.REASSIGN].needs.model_validate({k: v for k, v in given.items() if v})
    except ValidationError as error:
        return faults_of(error)
    return []


def _one(number: str, version: str, given: dict[str, Any]) -> tuple[str, str | None]:
    """The case's number, and why it was refused."""
    try:
        with work(kit().engine) as here:
            take(here, number, Action.REASSIGN, version, given)
    except SignedOut:
        raise
    except StaleCase:
        return number, "刚刚被他人更新，请看过最新情况再改派"
    except DomainError as error:
        return number, error.detail
    return number, None
