"""What the units and people of an action's form may be, for who cannot look them up."""

from sqlalchemy import Connection, Row

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
    found: dict[str, list[Choice]] = {}
    if "unit" in names:
        found["unit"] = units(atlas, case["unit"], action)
    if "worker" in names:
        found["worker"] = workers(db, atlas, case["unit"], action)
    return found


def units(atlas: Atlas, holding: str | None, action: Action) -> list[Choice]:
    """Units that an action on a case of the unit `holding` may name."""
    below = _below(atlas, holding, action)
    return [
        {"value": unit.code, "label": unit.name}
        for unit in atlas.units.values()
        if not unit.retired and (below is None or (unit.code in below and unit.code != holding))
    ]


def workers(db: Connection, atlas: Atlas, holding: str | None, action: Action) -> list[Choice]:
    """People that an action on a case of the unit `holding` may name, by account id."""
    return [
        {"value": str(one.id), "label": f"{one.display_name}（{_unit_of(atlas, one)}）"}
        for one in _people(db, atlas, holding, action)
    ]


def workers_by_unit(
    db: Connection, atlas: Atlas, holding: str | None, routed: str | None, action: Action
) -> dict[str, list[Choice]]:
    """The same by the name of their unit: first that which holds the case, or which the
    responsibilities name, with those below it; then the others."""
    unit = holding or routed
    first = frozenset(atlas.unit_subtree(unit)) if unit else frozenset[str]()
    order = {code: place for place, code in enumerate(atlas.units)}
    people = sorted(
        _people(db, atlas, holding, action),
        key=lambda one: (one.unit not in first, order.get(one.unit, len(order))),
    )
    found: dict[str, list[Choice]] = {}
    for one in people:
        choice = {"value": str(one.id), "label": one.display_name}
        found.setdefault(_unit_of(atlas, one), []).append(choice)
    return found


def _people(
    db: Connection, atlas: Atlas, holding: str | None, action: Action
) -> list[Row[int, str, str | None]]:
    below = _below(atlas, holding, action)
    people = staff.holding(db, _HOLDING.get(action, Role.UNIT_STAFF))
    return [one for one in people if below is None or one.unit in below]


def _unit_of(atlas: Atlas, person: Row[int, str, str | None]) -> str:
    return atlas.unit_name(person.unit) or "无单位"


def _below(atlas: Atlas, holding: str | None, action: Action) -> frozenset[str] | None:
    """Codes that a delegation stays within; None: any."""
    if action is not Action.DELEGATE or holding is None:
        return None
    return frozenset(atlas.unit_subtree(holding))
