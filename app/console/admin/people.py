"""Roles and their scopes as rows of a form, and back again."""

from collections.abc import Sequence
from typing import Any

from app.services.grants import EVERYWHERE
from models.account import GRANTABLE, ROLE_LABELS, Grant, Role, Scope
from models.area import LEVEL_LABELS, Level
from models.errors import FieldFault
from models.routing import Atlas

MOST_ROLES = 40
ROLES = [{"value": one.value, "label": ROLE_LABELS[one]} for one in Role if one in GRANTABLE]


def places(atlas: Atlas) -> dict[str, str]:
    """What a role may be held over, by what a person reads: `all`, `area:CODE`, `unit:CODE`."""
    found = {EVERYWHERE: Scope.ALL.value}
    for area in atlas.areas.values():
        above = f"{atlas.area_name(area.parent)} " if area.level is Level.GRID else ""
        found[f"{above}{area.name}（{LEVEL_LABELS[area.level]} {area.code}）"] = f"area:{area.code}"
    for unit in atlas.units.values():
        if not unit.retired:
            found[f"{unit.name}（单位 {unit.code}）"] = f"unit:{unit.code}"
    return found


def role_rows(atlas: Atlas, grants: Sequence[Grant], blank: int = 2) -> list[dict[str, str]]:
    """The rows of a form for these roles, and some blank ones."""
    shown = {scope: label for label, scope in places(atlas).items()}
    rows = [{"role": one.role.value, "place": shown.get(str(one), str(one))} for one in grants]
    return rows + [{"role": "", "place": ""}] * max(blank, 3 - len(rows))


def typed_rows(form: Any) -> list[dict[str, str]]:
    pairs = zip(form.getlist("role"), form.getlist("place"), strict=False)
    return [{"role": role, "place": place} for role, place in pairs][:MOST_ROLES]


def roles_typed(atlas: Atlas, rows: Sequence[dict[str, str]]) -> tuple[list[str], list[FieldFault]]:
    """The rows of a form as roles of the import; blank rows are left out."""
    known, found = places(atlas), []
    faults: list[FieldFault] = []
    for number, row in enumerate(rows, start=1):
        role, place = row["role"].strip(), row["place"].strip()
        scope = known.get(place, place)
        if not role and not place:
            continue
        if not role:
            faults.append(FieldFault("/roles", f"第 {number} 行没有选角色"))
        elif not place:
            faults.append(FieldFault("/roles", f"第 {number} 行没有填范围"))
        elif scope != Scope.ALL and not scope.startswith(("area:", "unit:")):
            faults.append(FieldFault("/roles", f"第 {number} 行的范围“{place}”不在列表里"))
        else:
            found.append(f"{role}@{scope}")
    return found, faults
