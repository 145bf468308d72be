"""Giving a case to a unit: first acceptance of a round, and every later change of unit."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.services import timer
from app.services.draft import Draft
from models.account import Account, RoleGrant
from models.calendar import LOCAL
from models.errors import InvalidInput
from models.facts import Facts
from models.geo import Point
from models.routing import Atlas, Placement
from models.timer import Clock


def place(case: Any, placement: Placement, atlas: Atlas) -> None:
    """Writes where a case lies into its row."""
    case.district, case.street = placement.district, placement.street
    case.community, case.grid = placement.community, placement.grid
    case.overlay, case.placed = placement.overlay, placement.how
    case.revision = atlas.revision


def propose_unit(
    atlas: Atlas, placement: Placement, category: str | None, now: datetime
) -> str | None:
    """The unit that the rules name on the local day, or None."""
    return atlas.responsible(placement, category, now.astimezone(LOCAL).date())


def give_to(draft: Draft, unit: str) -> None:
    """Makes the unit answer for the case; evidence counts from now on."""
    case = draft.case
    case.unit = unit
    case.unit_1, case.unit_2, case.unit_3 = draft.atlas.unit_path(unit)
    case.assignee_id = None
    case.assigned_at = case.evidence_since = draft.now


def release(draft: Draft) -> None:
    """Takes the case from its unit: it is nobody's until the desk decides."""
    case = draft.case
    case.unit = case.unit_1 = case.unit_2 = case.unit_3 = case.assignee_id = None
    case.assigned_at = case.started_at = None


def accept_round(draft: Draft) -> None:
    """The round's first acceptance: every limit of handling counts from here."""
    case = draft.case
    if case.accepted_at is not None:
        return
    case.accepted_at = draft.now
    case.due_at = timer.handling_due(draft.atlas, case, draft.now, Facts())
    control = timer.control_deadline(draft.atlas, case, draft.now)
    if control is not None:
        draft.start(Clock.CONTROL, control.at, control.calendar)


def known_unit(atlas: Atlas, code: str, pointer: str = "/unit") -> str:
    unit = atlas.units.get(code)
    if unit is None or unit.retired:
        raise InvalidInput.at(pointer, f"没有这个责任单位：{code}")
    return code


def known_category(atlas: Atlas, code: str, pointer: str = "/category") -> Any:
    category = atlas.categories.get(code)
    if category is None or category.retired_at is not None:
        raise InvalidInput.at(pointer, f"没有这个类别：{code}")
    return category


def staff_account(db: Connection, account_id: str, role: str, pointer: str = "/worker") -> Any:
    """An enabled account that holds the role, else InvalidInput."""
    found = None
    if account_id.isdecimal() and len(account_id) < 19:
        found = db.execute(
            select(Account.id, Account.unit, Account.display_name)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(Account.id == int(account_id), Account.enabled, RoleGrant.role == role)
            .limit(1)
        ).one_or_none()
    if found is None:
        raise InvalidInput.at(pointer, "没有这个人员，或该人员没有相应角色")
    return found


def point_of(case: Any) -> Point:
    return Point(case.longitude, case.latitude)
