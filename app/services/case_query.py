"""The SQL of case lists: built once for each shape of filter, then only filled with values."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Double,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import UserDefinedType

from models.case import OPEN, Case
from models.geo import EARTH_RADIUS_M
from models.ledger import LedgerText
from models.report import Report, ReportWords

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


PLACES = (
    Case.id,
    Case.number,
    Case.status,
    Case.category,
    Case.emergency,
    Case.longitude,
    Case.latitude,
    Case.grid,
    Case.unit,
    Case.submitted_at,
    Case.due_at,
    Case.resolved_at,
    Case.closed_at,
)
"""What a map needs of a case; the id only puts them in order."""

NAMES = (*(str(column.key) for column in COLUMNS), "description", "address")
"""Names of a listed row's columns, in order."""


class Term(NamedTuple):
    """One test of a case: the name of a test below, the column it looks at, the value."""

    test: str
    column: str
    value: Any = None


class Shape(NamedTuple):
    """What decides the SQL: tests without values. `every` are all needed, each an alternative of
    tests; of `branches` one must hold. `only_open` leaves out what is finished; `all_open` asks
    for all the rest. `after`: none, a moment, or a row without due time. `packed`, of how many
    statuses: PLACES only, each column in one value."""

    every: tuple[tuple[tuple[str, str], ...], ...]
    branches: tuple[tuple[tuple[str, str], ...], ...]
    by_due: bool
    only_open: bool
    after: str
    all_open: bool = False
    packed: int = 0


class Box(UserDefinedType[str]):
    """PostgreSQL's box, as text `(east,north),(west,south)`."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "box"


def _circle(_column: Any, value: Any) -> Any:
    """Haversine; the value is [longitude, latitude, metres]."""
    centre = Grouping(value)
    half_lat = func.sin(func.radians(Case.latitude - centre[2]) / 2.0)
    half_lon = func.sin(func.radians(Case.longitude - centre[1]) / 2.0)
    chord = func.power(half_lat, 2) + (
        func.cos(func.radians(Case.latitude))
        * func.cos(func.radians(centre[2]))
        * func.power(half_lon, 2)
    )
    return 2 * EARTH_RADIUS_M * func.asin(func.sqrt(chord)) <= centre[3]


def _words(_column: Any, value: Any) -> ColumnElement[bool]:
    found = select(ReportWords.report_id).where(ReportWords.grams.contains(value))
    return Case.id.in_(select(Report.case_id).where(Report.id.in_(found)))


_PLACE: Any = type_coerce(text("box(point(longitude, latitude))"), Box())
TESTS: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "is": (Text(), lambda column, value: column == value),
    "among": (ARRAY(Text), lambda column, value: column == func.any(value)),
    "from": (DateTime(timezone=True), lambda column, value: column >= value),
    "before": (DateTime(timezone=True), lambda column, value: column < value),
    "begins": (Text(), lambda column, value: column.like(value)),
    "words": (ARRAY(Text), _words),
    "box": (Box(), lambda _column, value: _PLACE.op("&&", return_type=Boolean())(value)),
    "circle": (ARRAY(Double), _circle),
    "open": (Boolean(), lambda _column, _value: OPEN),
    "never": (Boolean(), lambda _column, _value: false()),
}
"""Tests by name: the type of the value, and the condition on the column."""


class _Names:
    """Numbers the parameters in the order in which `values_of` lists the values."""

    def __init__(self) -> None:
        self.count = 0

    def condition(self, test: tuple[str, str]) -> Any:
        name, column = test
        kind, make = TESTS[name]
        value: Any = bindparam(f"v{self.count}", type_=kind, required=False)
        self.count += 1
        return make(getattr(Case, column, None), value)


def values_of(
    every: Sequence[Sequence[Term]], branches: Sequence[Sequence[Term]]
) -> dict[str, Any]:
    """The parameters of a shape's statement."""
    terms = [term for group in (*every, *branches) for term in group]
    return {f"v{i}": t.value for i, t in enumerate(terms) if t.test not in {"open", "never"}}


@lru_cache(maxsize=512)
def statement(shape: Shape) -> Any:
    """The statement of a shape; its own parameters are `statuses`, `rows`, `at` and `last`."""
    if shape.packed:
        return _packed(_found(shape, PLACES))
    cases = _found(shape, COLUMNS).subquery()
    first, second = aliased(LedgerText), aliased(LedgerText)
    return (
        select(cases, first.content.label("description"), second.content.label("address"))
        .outerjoin(first, _text_of(first, cases, "description"))
        .outerjoin(second, _text_of(second, cases, "address"))
        .order_by(*_order(cases.c, by_due=shape.by_due))
        .limit(bindparam("rows"))
    )


def _found(shape: Shape, columns: Sequence[Any]) -> Any:
    """The first cases of a shape, of all branches together."""
    parts = _parts(shape)
    if shape.by_due:
        found = [_by_due(shape, columns, conditions) for conditions in parts]
    elif shape.packed:
        found = [_newest_side_by_side(shape, columns, conditions) for conditions in parts]
    else:
        found = [_newest(shape, columns, conditions) for conditions in parts]
    if len(found) == 1:
        return found[0]
    cases: Any = union(*found).subquery()
    return select(cases).order_by(*_order(cases.c, by_due=shape.by_due)).limit(bindparam("rows"))


def _packed(found: Any) -> Any:
    """Each column in one value: texts by lines, moments and degrees as eight bytes each."""
    nothing: Any = literal_column("''::bytea")
    line: Any = literal_column("E'\\n'")
    never: Any = literal_column("timestamptz '-infinity'")
    columns = []
    for column in found.subquery().c[1:]:
        if isinstance(column.type, Double):
            value = func.string_agg(func.float8send(column), nothing)
        elif isinstance(column.type, DateTime):
            moment = func.timestamptz_send(func.coalesce(column, never))
            value = func.string_agg(moment, nothing)
        else:
            value = func.string_agg(func.coalesce(cast(column, Text), ""), line)
        columns.append(value.label(column.key))
    return select(func.count().label("rows"), *columns)


@lru_cache(maxsize=128)
def tally(shape: Shape) -> Any:
    """How many cases of a shape there are of each status, emergency or not, and how many of them
    are due by `:at`; the parameters are `statuses` and `at`."""
    late = func.count().filter(Case.due_at < _AT).label("due")
    wanted = or_(*(and_(true(), *conditions) for conditions in _parts(shape)))
    found = select(Case.status, Case.emergency, func.count().label("cases"), late).where(wanted)
    if not _all_open(shape):
        found = found.where(Case.status == func.any(_STATUSES))
    return found.group_by(Case.status, Case.emergency)


_UNINDEXED = frozenset({"id", "district", "due_at", "submitted_at"})


def _all_open(shape: Shape) -> bool:
    """Whether it is said already that a case is open, in a shape that no index of statuses helps:
    said twice, it is taken for rare."""
    columns = {column for group in (*shape.every, *shape.branches) for _, column in group}
    return shape.only_open and shape.all_open and columns <= _UNINDEXED


def _parts(shape: Shape) -> list[list[Any]]:
    """The conditions of each branch."""
    names = _Names()
    needed: list[Any] = [or_(*map(names.condition, group)) for group in shape.every]
    if shape.only_open:
        needed.append(OPEN)
    return [[*needed, *map(names.condition, branch)] for branch in shape.branches]


def _text_of(table: Any, cases: Any, field: str) -> ColumnElement[bool]:
    return and_(table.case_id == cases.c.id, table.seq == 1, table.field == field)


def _order(columns: Any, *, by_due: bool) -> tuple[Any, ...]:
    if by_due:
        return (columns.due_at, columns.id)
    return (columns.submitted_at.desc(), columns.id.desc())


_STATUSES = bindparam("statuses", type_=ARRAY(Text))
_AT = bindparam("at", type_=DateTime(timezone=True))
_LAST = bindparam("last", type_=BigInteger())


def _newest(shape: Shape, columns: Sequence[Any], conditions: Sequence[Any]) -> Any:
    """Newest first: for each status its own short walk along an index ending in submitted_at."""
    each = func.unnest(_STATUSES).table_valued("status", name="wanted").render_derived()
    walk = select(*columns).where(Case.status == each.c.status, *conditions)
    if shape.after:
        walk = walk.where(tuple_(Case.submitted_at, Case.id) < tuple_(_AT, _LAST))
    steps = walk.order_by(*_order(Case, by_due=False)).limit(bindparam("rows")).lateral("walk")
    return (
        select(steps)
        .select_from(each.join(steps, true()))
        .order_by(*_order(steps.c, by_due=False))
        .limit(bindparam("rows"))
    )


def _newest_side_by_side(shape: Shape, columns: Sequence[Any], conditions: Sequence[Any]) -> Any:
    """The same in one merge of the walks: of very many rows each is read once only."""
    each = [
        select(*columns).where(Case.status == bindparam(f"status{i}", type_=Text), *conditions)
        for i in range(shape.packed)
    ]
    walks: Any = union_all(*each).subquery()
    return select(walks).order_by(*_order(walks.c, by_due=False)).limit(bindparam("rows"))


def _by_due(shape: Shape, columns: Sequence[Any], conditions: Sequence[Any]) -> Any:
    """Most urgent first; cases without a due time come last."""
    walk = select(*columns).where(*conditions)
    if not _all_open(shape):
        walk = walk.where(Case.status == func.any(_STATUSES))
    if shape.after == "undated":
        walk = walk.where(Case.due_at.is_(None), Case.id > _LAST)
    elif shape.after:
        later = tuple_(Case.due_at, Case.id) > tuple_(_AT, _LAST)
        walk = walk.where(or_(later, Case.due_at.is_(None)))
    return walk.order_by(*_order(Case, by_due=True)).limit(bindparam("rows"))
