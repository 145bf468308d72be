"""Lists of cases: one statement whatever the page, each filter on an index, keyset pages."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
    type_coerce,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from models.account import Actor, Grant, Role, Scope
from models.area import Level
from models.case import OPEN, Case
from models.errors import InvalidInput
from models.geo import EARTH_RADIUS_M, Point, distance_m
from models.ledger import LedgerText
from models.report import Report
from models.routing import Atlas
from models.search import grams
from models.status import OPEN_STATUSES, Status

COLUMNS = (
    Case.id,
    Case.number,
    Case.version,
    Case.round,
    Case.status,
    Case.holder,
    Case.source,
    Case.category,
    Case.emergency,
    Case.longitude,
    Case.latitude,
    Case.street,
    Case.community,
    Case.grid,
    Case.unit,
    Case.paraphrase,
    Case.flags,
    Case.reports,
    Case.submitted_at,
    Case.due_at,
    Case.closed_at,
)


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
    near: tuple[Point, float] | None = None
    by_due: bool = False
    after: tuple[datetime | None, int] | None = None
    limit: int = 50


def cases(db: Connection, atlas: Atlas, actor: Actor, wanted: Filter) -> Sequence[Row[Any]]:
    """The actor's cases, newest or most urgent first; one more than `limit` where there is
    more. By due time, only open cases are listed unless statuses say otherwise."""
    statuses = tuple(wanted.statuses)
    if not statuses:
        statuses = (
            tuple(sorted(OPEN_STATUSES)) if wanted.by_due or wanted.overdue else tuple(Status)
        )
    conditions = _conditions(atlas, actor, wanted)
    if set(statuses) <= OPEN_STATUSES:
        conditions.append(OPEN)
    one = _by_due if wanted.by_due else _newest
    branches = [one(statuses, [*conditions, *scope], wanted) for scope in _scopes(atlas, actor)]
    found = branches[0].subquery() if len(branches) == 1 else union(*branches).subquery()
    first, second = aliased(LedgerText), aliased(LedgerText)
    page = (
        select(
            found,
            first.content.label("description"),
            second.content.label("address"),
        )
        .outerjoin(first, _text_of(first, found, "description"))
        .outerjoin(second, _text_of(second, found, "address"))
        .order_by(*_order(found.c, by_due=wanted.by_due))
        .limit(wanted.limit + 1)
    )
    return db.execute(page).all()


def _text_of(table: Any, found: Any, field: str) -> ColumnElement[bool]:
    return and_(table.case_id == found.c.id, table.seq == 1, table.field == field)


def _order(columns: Any, *, by_due: bool) -> tuple[Any, ...]:
    if by_due:
        return (columns.due_at, columns.id)
    return (columns.submitted_at.desc(), columns.id.desc())


def _newest(statuses: Sequence[Status], conditions: Sequence[Any], wanted: Filter) -> Any:
    """Newest first: for each status its own short walk along an index ending in submitted_at."""
    each = func.unnest(cast(list(statuses), ARRAY(Text))).table_valued("status", name="wanted")
    statement = select(*COLUMNS).where(Case.status == each.c.status, *conditions)
    if wanted.after is not None:
        at, last = wanted.after
        statement = statement.where(tuple_(Case.submitted_at, Case.id) < tuple_(at, last))
    walk = (
        statement.order_by(Case.submitted_at.desc(), Case.id.desc())
        .limit(wanted.limit + 1)
        .lateral("walk")
    )
    return (
        select(walk)
        .select_from(each.join(walk, true()))
        .order_by(walk.c.submitted_at.desc(), walk.c.id.desc())
        .limit(wanted.limit + 1)
    )


def _by_due(statuses: Sequence[Status], conditions: Sequence[Any], wanted: Filter) -> Any:
    """Most urgent first; cases without a due time come last."""
    statement = select(*COLUMNS).where(Case.status.in_(statuses), *conditions)
    if wanted.after is not None:
        at, last = wanted.after
        later = (
            and_(Case.due_at.is_(None), Case.id > last)
            if at is None
            else or_(tuple_(Case.due_at, Case.id) > tuple_(at, last), Case.due_at.is_(None))
        )
        statement = statement.where(later)
    return statement.order_by(Case.due_at, Case.id).limit(wanted.limit + 1)


def _conditions(atlas: Atlas, actor: Actor, wanted: Filter) -> list[Any]:
    either: tuple[tuple[object, Callable[[], Any]], ...] = (
        (wanted.categories, lambda: _among(Case.category, wanted.categories)),
        (wanted.area, lambda: or_(*(_in_area(atlas, code) for code in wanted.area))),
        (wanted.unit, lambda: or_(*(_in_unit(atlas, code) for code in wanted.unit))),
        (wanted.sources, lambda: _among(Case.source, wanted.sources)),
        (wanted.mine, lambda: Case.holder.in_(holders_of(atlas, actor))),
        (wanted.overdue, lambda: Case.due_at < datetime.now(UTC)),
        (wanted.since, lambda: Case.submitted_at >= wanted.since),
        (wanted.until, lambda: Case.submitted_at < wanted.until),
        (wanted.q, lambda: _matching((wanted.q or "").strip())),
    )
    found = [condition() for given, condition in either if given]
    return found if wanted.near is None else [*found, near_to(*wanted.near)]


def _among(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    result: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return result


def _in_area(atlas: Atlas, code: str) -> ColumnElement[bool]:
    area = atlas.areas.get(code)
    if area is None:
        return or_(*(column == code for column in (Case.street, Case.community, Case.grid)))
    columns: dict[Level, Any] = {
        Level.DISTRICT: Case.district,
        Level.STREET: Case.street,
        Level.COMMUNITY: Case.community,
        Level.GRID: Case.grid,
        Level.OVERLAY: Case.overlay,
    }
    result: ColumnElement[bool] = columns[area.level] == code
    return result


def _in_unit(atlas: Atlas, code: str) -> ColumnElement[bool]:
    if code not in atlas.units:
        raise InvalidInput.at("/unit", f"没有这个责任单位：{code}")
    depth = atlas.unit_path(code).index(code)
    return (Case.unit_1, Case.unit_2, Case.unit_3)[depth] == code


def near_to(centre: Point, metres: float) -> Any:
    """A box around the circle on the GiST index, then the haversine distance."""
    reach = math.degrees(metres / EARTH_RADIUS_M)
    across = reach / max(0.01, math.cos(math.radians(centre.latitude)))
    box = text(
        "box(point(longitude, latitude)) && box(point(:west, :south), point(:east, :north))"
    ).bindparams(
        west=centre.longitude - across,
        east=centre.longitude + across,
        south=centre.latitude - reach,
        north=centre.latitude + reach,
    )
    half_lat = func.sin(func.radians(Case.latitude - centre.latitude) / 2)
    half_lon = func.sin(func.radians(Case.longitude - centre.longitude) / 2)
    chord = func.power(half_lat, 2) + func.cos(func.radians(Case.latitude)) * literal(
        math.cos(math.radians(centre.latitude))
    ) * func.power(half_lon, 2)
    return and_(
        type_coerce(box, Boolean), 2 * EARTH_RADIUS_M * func.asin(func.sqrt(chord)) <= metres
    )


def _matching(words: str) -> ColumnElement[bool]:
    """A case number or its beginning, else words in a report's description or address."""
    if words.isascii() and any(c.isdigit() for c in words):
        return Case.number.startswith(words.upper(), autoescape=True)
    reports = select(Report.case_id).where(Report.grams.contains(grams(words)))
    return Case.id.in_(reports)


def _scopes(atlas: Atlas, actor: Actor) -> list[list[Any]]:
    """Conditions of which each opens a part of the cases to the actor."""
    if any(grant.scope is Scope.ALL for grant in actor.grants):
        return [[]]
    branches: list[list[Any]] = [[_covered(atlas, grant)] for grant in _distinct(actor.grants)]
    if actor.holds(Role.GRID_WORKER):
        branches.append([Case.holder == f"worker:{actor.id}", OPEN])
    return branches or [[literal(value=False)]]


def _distinct(grants: Iterable[Grant]) -> list[Grant]:
    return list({(grant.scope, grant.code): grant for grant in grants}.values())


def _covered(atlas: Atlas, grant: Grant) -> ColumnElement[bool]:
    if grant.scope is Scope.AREA:
        return _in_area(atlas, grant.code)
    if grant.code not in atlas.units:
        return literal(value=False)
    return _in_unit(atlas, grant.code)


def holders_of(atlas: Atlas, actor: Actor) -> list[str]:
    """The holders that stand for this person: `holder=me`."""
    found = [f"worker:{actor.id}"]
    for grant in actor.grants:
        if grant.role is Role.UNIT_STAFF and grant.scope is Scope.UNIT:
            found += [f"unit:{code}" for code in atlas.unit_subtree(grant.code)]
        elif grant.role is Role.DISPATCHER:
            found.append("desk")
        elif grant.role is Role.SUPERVISOR:
            found.append("supervisor")
    return found


def public_nearby(db: Connection, atlas: Atlas, where: Point) -> list[dict[str, Any]]:
    """Public open cases within the policy's near distance, nearest first: what a resident may
    join instead of reporting anew. No words of their reporters."""
    rows = db.execute(
        select(
            Case.number,
            Case.category,
            Case.status,
            Case.longitude,
            Case.latitude,
            Case.reports,
            Case.submitted_at,
        )
        .where(near_to(where, atlas.policy.near_m), OPEN, Case.public)
        .limit(50)
    ).all()
    found = [
        {
            "number": row.number,
            "category": row.category,
            "category_name": atlas.category_name(row.category),
            "status": row.status,
            "distance_m": round(distance_m(where, Point(row.longitude, row.latitude))),
            "reports": row.reports,
            "submitted_at": row.submitted_at,
        }
        for row in rows
    ]
    return sorted(found, key=lambda case: (case["distance_m"], case["number"]))
