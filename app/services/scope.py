"""A person's scope as a condition on cases, for statements of their own."""

from collections.abc import Iterable
from typing import Any

from models.account import Actor, Grant, Role, Scope
from models.area import Level
from models.errors import Forbidden
from models.routing import Atlas

WITHIN = """(:everywhere OR c.district = ANY(:areas) OR c.street = ANY(:areas)
           OR c.community = ANY(:areas) OR c.grid = ANY(:areas) OR c.overlay = ANY(:areas)
           OR c.unit_1 = ANY(:units) OR c.unit_2 = ANY(:units) OR c.unit_3 = ANY(:units))"""
"""Whether the case `c` lies in a scope; its parameters are those of `values`."""


def values(grants: Iterable[Grant]) -> dict[str, Any]:
    held = list(grants)
    return {
        "everywhere": any(grant.scope is Scope.ALL for grant in held),
        "areas": [grant.code for grant in held if grant.scope is Scope.AREA],
        "units": [grant.code for grant in held if grant.scope is Scope.UNIT],
    }


def everywhere(atlas: Atlas, grants: Iterable[Grant]) -> bool:
    """Whether grants hold every district, by one over all or by areas: what is of no known place
    is theirs as well."""
    found = values(grants)
    tops = {code for code, area in atlas.areas.items() if area.level is Level.DISTRICT}
    return found["everywhere"] or (bool(tops) and tops <= set(found["areas"]))


def held(actor: Actor, roles: frozenset[Role], refusal: str) -> list[Grant]:
    """What the actor holds of these roles.

    Raises:
        Forbidden: none of them, with `refusal`.
    """
    found = [grant for grant in actor.grants if grant.role in roles]
    if not found:
        raise Forbidden(refusal)
    return found
