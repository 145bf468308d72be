"""Who appears in made cases: the district's staff, and residents made up for it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, select, text

from models.account import Account, Actor, Grant, Role, RoleGrant, Scope
from models.routing import Atlas

_ADD = text(
    """
    INSERT INTO account (display_name, openid)
    SELECT '市民', :prefix || n FROM generate_series(1, :count) n
    ON CONFLICT (openid) DO NOTHING
    """
)


@dataclass(frozen=True)
class People:
    """`residents` are account ids; `staff` everybody who holds a role."""

    residents: list[int]
    staff: list[Actor]

    @cached_property
    def by_unit(self) -> dict[str | None, Actor]:
        """One unit_staff of each unit that has any."""
        return {a.unit: a for a in reversed(self.staff) if a.holds(Role.UNIT_STAFF)}

    @cached_property
    def by_role(self) -> dict[Role, list[Actor]]:
        return {role: [a for a in self.staff if a.holds(role)] for role in Role}

    @cached_property
    def by_id(self) -> dict[int | None, Actor]:
        return {a.id: a for a in self.staff}

    def answering_for(self, atlas: Atlas, unit: str) -> Actor:
        """Somebody of the unit, or of the nearest unit above it that has staff."""
        code: str | None = unit
        while code is not None:
            if code in self.by_unit:
                return self.by_unit[code]
            code = atlas.units[code].parent
        raise LookupError(f"nobody works for {unit}")


def add_residents(db: Connection, prefix: str, count: int) -> None:
    """Adds the accounts `prefix`1 to `prefix`count, by their WeChat identity, unless there."""
    db.execute(_ADD, {"prefix": prefix, "count": count})


def residents(db: Connection, prefix: str) -> list[int]:
    """Ids of the accounts that `add_residents` made, in order."""
    found = select(Account.id).where(Account.openid.startswith(prefix, autoescape=True))
    return list(db.execute(found.order_by(Account.id)).scalars())


def load(db: Connection, prefix: str) -> People:
    """The district's staff, and the residents of this prefix."""
    grants = defaultdict(list)
    for row in db.execute(select(RoleGrant.__table__).order_by(RoleGrant.id)):
        grants[row.account_id].append(Grant(Role(row.role), Scope(row.scope), row.code))
    rows = db.execute(select(Account.__table__).where(Account.id.in_(grants)).order_by(Account.id))
    staff = [Actor(r.id, r.display_name, tuple(grants[r.id]), r.unit, r.phone_blind) for r in rows]
    return People(residents(db, prefix), staff)
