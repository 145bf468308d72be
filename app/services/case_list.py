"""Lists of cases: one statement whatever the page, each filter on an index, keyset pages."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from app.services.case_query import Shape, Term, statement, tally, values_of
from app.services.timer import HANDLING
from models.account import Actor, Grant, Role, Scope
from models.area import Level
from models.errors import InvalidInput
from models.geo import EARTH_RADIUS_M, Point, distance_m
from models.routing import Atlas
from models.search import grams
from models.status import OPEN_STATUSES, Status

NEVER = Term("never", "id")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; lists are alternatives, empty means any. `near` is WGS-84 with metres;
    `after` is the last row's sort value and id."""

    statuses: Sequence[Status] = ()
    categories: Sequence[str] = ()
    area: Sequence[str] = ()
    unit: Sequence[str] = ()
    sources: Sequence[str] = ()
    mine: bool = False
    overdue: bool = False
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    closed_since: datetime | None = None
    near: tuple[Point, float] | None = None
    by_due: bool = False
    after: tuple[datetime | None, int] | None = None
    limit: int = 50


def cases(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter) -> Sequence[Row[Any]]:
    """The actor's cases, newest or most urgent first; one more than `limit` where there is
    more. By due time, only open cases are listed unless statuses say otherwise."""
    shape, values = _asked(atlas, actor, wanted)
    return db.execute(statement(shape), values).all()


def places(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter) -> Row[Any]:
    """Like `cases`, as one row: the number of `rows`, and each of `case_query.PLACES` packed into
    one value. Many cases are read in a third of the time."""
    shape, values = _asked(atlas, actor, wanted)
    values |= {f"status{i}": status for i, status in enumerate(values["statuses"])}
    shape = shape._replace(packed=len(values["statuses"]))
    return db.execute(statement(shape), values).one()


def counts(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter) -> Sequence[Row[Any]]:
    """How many of the actor's open cases there are of each status, emergency or not (`cases`),
    and how many of these are due already (`due`)."""
    shape, values = _asked(atlas, actor, replace(wanted, by_due=True, after=None))
    return db.execute(tally(shape), values | {"at": datetime.now(UTC)}).all()


def _asked(atlas: Atlas, actor: Actor, wanted: Filter) -> tuple[Shape, dict[str, Any]]:
    """The shape of a filter within the actor's scope, and its parameters."""
    statuses: Iterable[Status] = wanted.statuses or Status
    if not wanted.statuses and wanted.by_due:
        statuses = OPEN_STATUSES
    if wanted.overdue:
        statuses = set(statuses) & set(HANDLING)
    statuses = sorted(statuses)
    every, branches = _every(atlas, actor, wanted), _scopes(atlas, actor)
    shape = Shape(
        every=tuple(tuple(term[:2] for term in group) for group in every),
        branches=tuple(tuple(term[:2] for term in branch) for branch in branches),
        by_due=wanted.by_due,
        only_open=(wanted.by_due or wanted.mine) and set(statuses) <= OPEN_STATUSES,
        after=_after(wanted),
        all_open=set(statuses) == OPEN_STATUSES,
    )
    values = values_of(every, branches) | {"statuses": statuses, "rows": wanted.limit + 1}
    if wanted.after is not None:
        values |= {"at": wanted.after[0], "last": wanted.after[1]}
    return shape, values


def _after(wanted: Filter) -> str:
    if wanted.after is None:
        return ""
    return "undated" if wanted.after[0] is None else "dated"


def _every(atlas: Atlas, actor: Actor, wanted: Filter) -> list[list[Term]]:
    """All that a case must meet, each as alternatives."""
    found = [
        _among("category", wanted.categories),
        _grouped(_area_term(atlas, code) for code in wanted.area),
        _grouped(_unit_term(atlas, code) for code in wanted.unit),
        _among("source", wanted.sources),
        _among("holder", holders_of(atlas, actor) if wanted.mine else ()),
        [Term("before", "due_at", datetime.now(UTC))] if wanted.overdue else [],
        [Term("from", "submitted_at", wanted.since)] if wanted.since else [],
        [Term("before", "submitted_at", wanted.until)] if wanted.until else [],
        [Term("from", "closed_at", wanted.closed_since)] if wanted.closed_since else [],
        [_words_term(wanted.q.strip())] if wanted.q and wanted.q.strip() else [],
        *([term] for term in (_near_terms(*wanted.near) if wanted.near else ())),
    ]
    return [group for group in found if group]


def _among(column: str, values: Sequence[str]) -> list[Term]:
    if len(values) == 1:
        return [Term("is", column, values[0])]
    return [Term("among", column, list(values))] if values else []


def _grouped(terms: Iterable[Term]) -> list[Term]:
    """Alternatives, one for each column."""
    columns: dict[str, list[str]] = {}
    for term in terms:
        columns.setdefault(term.column, []).append(term.value)
    return [term for column, codes in columns.items() for term in _among(column, codes)]


def _area_term(atlas: Atlas, code: str) -> Term:
    """The column of an area's level; a code that is on no map any more counts as a grid."""
    area = atlas.areas.get(code)
    return Term("is", area.level.value if area else Level.GRID.value, code)


def _unit_term(atlas: Atlas, code: str) -> Term:
    if code not in atlas.units:
        raise InvalidInput.at("/unit", f"没有这个责任单位：{code}")
    return Term("is", f"unit_{atlas.unit_path(code).index(code) + 1}", code)


def _near_terms(centre: Point, metres: float) -> list[Term]:
    """A box around the circle for the index, then the circle."""
    reach = math.degrees(metres / EARTH_RADIUS_M)
    across = reach / max(0.01, math.cos(math.radians(centre.latitude)))
    east, west = centre.longitude + across, centre.longitude - across
    north, south = centre.latitude + reach, centre.latitude - reach
    return [
        Term("box", "longitude", f"({east},{north}),({west},{south})"),
        Term("circle", "longitude", [centre.longitude, centre.latitude, metres]),
    ]


def _words_term(words: str) -> Term:
    """A case number or its beginning, else words in a report's description or address."""
    if words.isascii() and words.isalnum() and any(c.isdigit() for c in words):
        return Term("begins", "number", f"{words.upper()}%")
    return Term("words", "id", grams(words)) if grams(words) else NEVER


def _scopes(atlas: Atlas, actor: Actor) -> list[list[Term]]:
    """Terms of which each opens a part of the cases to the actor."""
    if any(grant.scope is Scope.ALL for grant in actor.grants):
        return [[]]
    branches = [[_covered(atlas, grant)] for grant in _distinct(actor.grants)]
    if actor.holds(Role.GRID_WORKER):
        branches.append([Term("is", "holder", f"worker:{actor.id}"), Term("open", "id")])
    return branches or [[NEVER]]


def _distinct(grants: Iterable[Grant]) -> list[Grant]:
    return list({(grant.scope, grant.code): grant for grant in grants}.values())


def _covered(atlas: Atlas, grant: Grant) -> Term:
    if grant.scope is Scope.AREA:
        return _area_term(atlas, grant.code)
    return _unit_term(atlas, grant.code) if grant.code in atlas.units else NEVER


def holders_of(atlas: Atlas, actor: Actor) -> list[str]:
    """The holders that stand for this person: `holder=me`."""
    found = [f"worker:{actor.id}"]
    if actor.unit is not None and actor.holds(Role.GRID_WORKER):
        found.append(f"unit:{actor.unit}")  # a duty room
    for grant in actor.grants:
        if grant.role is Role.UNIT_STAFF and grant.scope is Scope.UNIT:
            found += [f"unit:{code}" for code in atlas.unit_subtree(grant.code)]
        elif grant.role is Role.DISPATCHER:
            found.append("desk")
        elif grant.role is Role.SUPERVISOR:
            found.append("supervisor")
    return found


_NEARBY = text(
    """
    SELECT number, category, status, longitude, latitude, reports, submitted_at FROM "case"
    WHERE box(point(longitude, latitude)) && CAST(:box AS box) AND public
      AND status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')
    LIMIT 200
    """
)


def public_nearby(db: Connection, atlas: Atlas, where: Point) -> list[dict[str, Any]]:
    """Public open cases within the policy's near distance, nearest first: what a resident may
    join instead of reporting anew. No words of their reporters."""
    metres = atlas.policy.near_m
    rows = db.execute(_NEARBY, {"box": _near_terms(where, metres)[0].value})
    found = [
        {
            "number": row.number,
            "category": row.category,
            "category_name": atlas.category_name(row.category),
            "status": row.status,
            "distance_m": distance_m(where, Point(row.longitude, row.latitude)),
            "reports": row.reports,
            "submitted_at": row.submitted_at,
        }
        for row in rows
    ]
    near = [case for case in found if case["distance_m"] <= metres]
    near.sort(key=lambda case: (case["distance_m"], case["number"]))
    return [case | {"distance_m": round(case["distance_m"])} for case in near]
