"""What the units and people of an action's form may be, for who cannot look them up."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.services import case_view, staff
from models.account import Actor, Role
from models.routing import Atlas
from models.status import Action

Choice = dict[str, str]
_HOLDING = {Action.ASK_VERIFICATION: Role.GRID_WORKER}


def choices(
    db: Connection, atlas: Atlas, actor: Actor, number: str, action: Action
) -> dict[str, list[Choice]]:
    """By field, where the action is open to the actor now; a delegation only names those below the
    unit that holds the case.

    Raises:
        NotFound: no such case in the actor's scope.
    """
    case = case_view.detail(db, atlas, actor, number)
    offered = next((one for one in case["actions"] if one["action"] == action), None)
    names = {field["name"] for field in offered["fields"]} if offered else set()
    below = None
    if action is Action.DELEGATE:
        below = frozenset(atlas.unit_subtree(case["unit"]))
    found: dict[str, list[Choice]] = {}
    if "unit" in names:
        found["unit"] = list(_units(atlas, below, case["unit"] if below is not None else None))
    if "worker" in names:
        people = staff.holding(db, _HOLDING.get(action, Role.UNIT_STAFF))
        found["worker"] = [
            {
                "value": str(one.id),
                "label": f"{one.display_name}（{atlas.unit_name(one.unit) or '无单位'}）",
            }
            for one in people
            if below is None or one.unit in below
        ]
    return found


def _units(atlas: Atlas, within: frozenset[str] | None, but: str | None) -> Iterator[Choice]:
    for unit in atlas.units.values():
        if unit.retired or unit.code == but or (within is not None and unit.code not in within):
            continue
        yield {"value": unit.code, "label": unit.name}
