"""Who hears of a case: the staff behind its holder, by role and scope."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from models.account import Account, Role, RoleGrant, Scope
from models.routing import Atlas


def holding_unit(holder: str) -> str | None:
    """The unit that a holder names: what an entry says stays true when the case moves on."""
    kind, _, code = holder.partition(":")
    return code if kind == "unit" else None


def listener(case: Any, holder: str) -> str:
    """Who hears of a case that waits for nobody here: the unit that answers for it; the desk of
    one that is outside."""
    if holder == "none" and case.unit is not None:
        return f"unit:{case.unit}"
    return "desk" if holder == "outside" else holder


def holders(people: "People", atlas: Atlas, case: Any, holder: str) -> set[int]:
    """Accounts of whom the case waits for."""
    kind, _, name = holder.partition(":")
    if kind == "worker":
        return {int(name)}
    if kind == "unit":
        if case.assignee_id is not None and name == case.unit:
            return {case.assignee_id}
        if name in atlas.units and atlas.units[name].kind == "duty":
            return people.duty_room(name)
        top = [code for code in atlas.unit_path(name) if code][-1:]
        return people.of_units(Role.UNIT_STAFF, top) | people.of_units(Role.GRID_WORKER, top)
    if kind == "desk":
        return people.in_scope(case, Role.DISPATCHER)
    return people.in_scope(case, Role.SUPERVISOR) if kind == "supervisor" else set()


class People:
    """Enabled staff by role and scope; each role is read once."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._roles: dict[Role, Sequence[Any]] = {}

    def _holding(self, role: Role) -> Sequence[Any]:
        if role not in self._roles:
            self._roles[role] = self._db.execute(
                select(RoleGrant.account_id, RoleGrant.scope, RoleGrant.code, Account.unit)
                .join(Account, Account.id == RoleGrant.account_id)
                .where(RoleGrant.role == role, Account.enabled)
            ).all()
        return self._roles[role]

    def in_scope(self, case: Any, role: Role) -> set[int]:
        """Who holds the role over everything or over an area of the case."""
        areas = {case.district, case.street, case.community, case.grid} - {None}
        return {
            row.account_id
            for row in self._holding(role)
            if row.scope == Scope.ALL or (row.scope == Scope.AREA and row.code in areas)
        }

    def of_units(self, role: Role, units: Collection[str]) -> set[int]:
        """Who holds the role over one of the units itself."""
        return {
            row.account_id
            for row in self._holding(role)
            if row.scope == Scope.UNIT and row.code in units
        }

    def duty_room(self, unit: str) -> set[int]:
        """The grid workers of a duty room, which verifies or checks but does not answer for a
        case."""
        return {row.account_id for row in self._holding(Role.GRID_WORKER) if row.unit == unit}

    def heads(self, units: Collection[str]) -> set[int]:
        """The heads of the units."""
        return {row.id for row in self._all_heads if row.unit in units}

    @cached_property
    def _all_heads(self) -> Sequence[Any]:
        heads = select(Account.id, Account.unit).where(Account.is_head, Account.enabled)
        return self._db.execute(heads).all()
