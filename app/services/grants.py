"""Roles written as text: `role@all`, `role@area:CODE`, `role@unit:CODE`; or in Chinese, as in
`网格员@区域:CODE`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from app.services.import_batch import newest_areas
from models.account import GRANTABLE, ROLE_LABELS, Grant, Role, RoleGrant, Scope
from models.area import Unit
from models.routing import Atlas

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
USERNAME_SHAPE = "应为字母、数字和 . _ -，最多 64 个"
EVERYWHERE = "全部范围"
SCOPE_LABELS = {Scope.ALL: "全部", Scope.AREA: "区域", Scope.UNIT: "单位"}
_ROLES = {label: role.value for role, label in ROLE_LABELS.items()}
_SCOPES = {label: scope.value for scope, label in SCOPE_LABELS.items()}
_WIDE = str.maketrans("＠：", "@:")


def written(grant: Grant) -> str:
    """The grant in Chinese, as `grant` reads it."""
    place = SCOPE_LABELS[grant.scope] + (f":{grant.code}" if grant.code else "")
    return f"{ROLE_LABELS[grant.role]}@{place}"


def in_words(atlas: Atlas, grants: Iterable[Grant]) -> list[tuple[str, str]]:
    """Each role with what it is held over by name, the areas or units of one role together."""
    found: dict[Role, list[str]] = {}
    for grant in grants:
        place = atlas.unit_name if grant.scope is Scope.UNIT else atlas.area_name
        name = EVERYWHERE if grant.scope is Scope.ALL else place(grant.code)
        found.setdefault(grant.role, []).append(name)
    return [(ROLE_LABELS[role], "、".join(scopes)) for role, scopes in found.items()]


@dataclass(frozen=True, slots=True)
class Codes:
    """What roles may be held over: the areas of the current map and the units in use."""

    areas: frozenset[str]
    units: frozenset[str]

    @classmethod
    def read(cls, db: Connection) -> "Codes":
        units = db.execute(select(Unit.code).where(Unit.retired_at.is_(None))).scalars()
        return cls(frozenset(newest_areas(db)), frozenset(units))

    def grant(self, text: str) -> Grant:
        """`role@scope:code` as a grant; ValueError says in Chinese what is wrong."""
        role, _, place = (part.strip() for part in text.translate(_WIDE).partition("@"))
        scope, colon, code = (part.strip() for part in place.partition(":"))
        role, scope = _ROLES.get(role, role), _SCOPES.get(scope, scope)
        if role not in GRANTABLE:
            known = "、".join(f"{one}（{ROLE_LABELS[one]}）" for one in sorted(GRANTABLE))
            raise ValueError(f"“{text}”的角色应为：{known}")
        if scope not in list(Scope) or (scope == Scope.ALL) == bool(colon):
            raise ValueError(
                f"“{text}”的范围应为 all、area:编码 或 unit:编码（全部、区域:编码、单位:编码）"
            )
        if scope == Scope.AREA and code not in self.areas:
            raise ValueError(f"当前地图中没有区域“{code}”")
        if scope == Scope.UNIT and code not in self.units:
            raise ValueError(f"没有单位“{code}”，或已停用")
        return Grant(Role(role), Scope(scope), code)

    def grants(self, texts: Iterable[str]) -> tuple[list[Grant], list[str]]:
        """The grants, each once, and what is wrong with the other texts."""
        found: list[Grant] = []
        wrong: list[str] = []
        for text in texts:
            try:
                found.append(self.grant(text))
            except ValueError as error:
                wrong.append(str(error))
        return list(dict.fromkeys(found)), wrong


def give(db: Connection, grants: dict[int, Sequence[Grant]]) -> None:
    """Adds the grants, by account."""
    values = [
        {
            "account_id": account_id,
            "role": one.role.value,
            "scope": one.scope.value,
            "code": one.code,
        }
        for account_id, held in grants.items()
        for one in held
    ]
    if values:
        db.execute(insert(RoleGrant), values)
