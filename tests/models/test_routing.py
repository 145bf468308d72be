"""Point to grid, grid to unit, grid to worker, on small made maps."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from models.area import Level
from models.geo import Point
from models.routing import AreaShape, Atlas, Placement, Rule, UnitInfo

WEST, SOUTH = 112.5, 26.9
SIDE = 0.002  # degrees: about 200 m
METRE_EAST = 1 / (111_195 * 0.8917)  # degrees of longitude at 26.9° N
METRE_NORTH = 1 / 111_195
DAY = date(2026, 3, 2)  # a Monday, no holiday


def square(column: int, row: int, side: float = SIDE) -> shapely.Polygon:
    west, south = WEST + column * side, SOUTH + row * side
    return shapely.box(west, south, west + side, south + side)


def area(code: str, level: Level, parent: str | None, shape: Any, priority: int = 0) -> AreaShape:
    return AreaShape(code, code, level, parent, priority, shape)


def grids() -> dict[str, AreaShape]:
    """Four by four grids, numbered against the order of their places, in one community."""
    whole = shapely.box(WEST, SOUTH, WEST + 4 * SIDE, SOUTH + 4 * SIDE)
    found = {
        "d": area("d", Level.DISTRICT, None, whole),
        "s": area("s", Level.STREET, "d", whole),
        "c": area("c", Level.COMMUNITY, "s", whole),
    }
    for column in range(4):
        for row in range(4):
            code = f"g{(7 * (column * 4 + row) + 3) % 16:02}"
            found[code] = area(code, Level.GRID, "c", square(column, row))
    return found


MAP = Atlas(1, grids(), {}, {})
OVERLAY_SHAPE = square(0, 0)


def code_at(column: int, row: int) -> str:
    return f"g{(7 * (column * 4 + row) + 3) % 16:02}"


def placed(point: Point, tolerance: float = 50) -> tuple[str, str] | None:
    found = MAP.locate(point, tolerance)
    return None if found is None else (found.grid, found.how)


@given(
    st.integers(0, 3), st.integers(0, 3),
    st.floats(0.002, 0.998), st.floats(0.002, 0.998),
)  # fmt: skip
def test_a_point_strictly_inside_one_grid_gets_that_grid(
    column: int, row: int, across: float, up: float
) -> None:
    point = Point(WEST + (column + across) * SIDE, SOUTH + (row + up) * SIDE)
    assert placed(point) == (code_at(column, row), "inside")


@pytest.mark.parametrize("metres", [-0.09, -0.05, 0, 0.05, 0.09])
@pytest.mark.parametrize("up", [0.1, 0.5, 0.9])
def test_on_a_shared_border_the_lowest_code_from_both_sides(metres: float, up: float) -> None:
    for column in range(3):
        for row in range(4):
            lowest = min(code_at(column, row), code_at(column + 1, row))
            point = Point(
                WEST + (column + 1) * SIDE + metres * METRE_EAST, SOUTH + (row + up) * SIDE
            )
            assert placed(point) == (lowest, "inside")
    for column in range(4):
        lowest = min(code_at(column, 1), code_at(column, 2))
        point = Point(WEST + (column + up) * SIDE, SOUTH + 2 * SIDE + metres * METRE_NORTH)
        assert placed(point) == (lowest, "inside")


def test_past_a_tenth_of_a_metre_the_grid_itself() -> None:
    for metres, column in ((-0.12, 0), (0.12, 1)):
        point = Point(WEST + SIDE + metres * METRE_EAST, SOUTH + 0.5 * SIDE)
        assert placed(point) == (code_at(column, 0), "inside")


def test_where_four_grids_meet_the_lowest_of_the_four() -> None:
    corner = Point(WEST + SIDE, SOUTH + SIDE)
    four = [code_at(column, row) for column in (0, 1) for row in (0, 1)]
    assert placed(corner) == (min(four), "inside")


@pytest.mark.parametrize(("metres", "how"), [(0.05, "inside"), (1, "nearest"), (49, "nearest")])
def test_just_outside_the_nearest_within_the_tolerance(metres: float, how: str) -> None:
    point = Point(WEST - metres * METRE_EAST, SOUTH + 1.5 * SIDE)
    assert placed(point) == (code_at(0, 1), how)


def test_farther_outside_is_nowhere() -> None:
    assert placed(Point(WEST - 51 * METRE_EAST, SOUTH + SIDE / 2)) is None
    assert placed(Point(WEST - 51 * METRE_EAST, SOUTH + SIDE / 2), 60) is not None
    for point in (Point(0, 0), Point(0, 90), Point(180, -90), Point(-180, 0)):
        assert placed(point) is None
    assert Atlas(1, {}, {}, {}).locate(Point(WEST, SOUTH), 50) is None


def test_overlays_hold_by_priority_then_code_and_lie_beside_the_tree() -> None:
    areas = grids() | {
        code: area(code, Level.OVERLAY, None, OVERLAY_SHAPE, priority)
        for code, priority in (("y2", 5), ("y1", 5), ("y0", 1), ("y9", 9))
    }
    atlas = Atlas(1, areas, {}, {})
    found = atlas.locate(Point(WEST + SIDE / 2, SOUTH + SIDE / 2), 50)
    assert found is not None
    assert found.overlays == ("y9", "y1", "y2", "y0")
    assert found.levels_up() == ["y9", "y1", "y2", "y0", code_at(0, 0), "c", "s", "d"]
    elsewhere = atlas.locate(Point(WEST + 3.5 * SIDE, SOUTH + SIDE / 2), 50)
    assert elsewhere is not None
    assert elsewhere.overlays == ()


# Units are named for the rule that leads to them, as area:key.
LEVELS = ("y", "g", "c", "s", "d")
KEYS = {"category": ("k", None), "group": (None, "grp"), "any": (None, None)}
PLACE = Placement("d", "s", "c", "g", ("y",), "inside")


def category(kind: str = "event", *, emergency: bool = False) -> SimpleNamespace:
    return SimpleNamespace(code="k", category_group="grp", kind=kind, emergency=emergency)


def routed(
    names: list[str], known: SimpleNamespace, retired: str = "", day: date = DAY, **dates: Any
) -> str | None:
    rules = []
    for name in names:
        where, key = name.split(":")
        begins, ends = dates.get(where, (date(2020, 1, 1), None))
        rules.append(Rule(where, *KEYS[key], name, begins, ends))
    units = {name: UnitInfo(name, name, None, "bureau", name == retired) for name in names}
    return Atlas(1, {}, units, {"k": known}, rules).responsible(PLACE, "k", day)


BY_AREA = [f"{level}:{key}" for level in LEVELS for key in KEYS]
BY_CATEGORY = [f"{level}:{key}" for key in KEYS for level in LEVELS]


@pytest.mark.parametrize(
    ("known", "order"),
    [
        (category("event"), BY_AREA),
        (category("component"), BY_CATEGORY),
        (category("event", emergency=True), BY_CATEGORY),
        (category("component", emergency=True), BY_CATEGORY),
    ],
    ids=["event", "component", "emergency", "emergency component"],
)
def test_the_first_rule_in_the_order_of_the_kind_wins(
    known: SimpleNamespace, order: list[str]
) -> None:
    left = list(order)
    while left:
        assert routed(left[::-1], known) == left[0]
        left.pop(0)
    assert routed([], known) is None


def test_another_category_or_group_leads_nowhere() -> None:
    rules = [Rule("g", "other", None, "u", DAY, None), Rule("g", None, "other", "u", DAY, None)]
    units = {"u": UnitInfo("u", "u", None, "bureau", retired=False)}
    atlas = Atlas(1, {}, units, {"k": category()}, rules)
    assert atlas.responsible(PLACE, "k", DAY) is None


def test_without_a_category_only_the_rules_for_any_count() -> None:
    rules = [Rule("g", "k", None, "u", DAY, None), Rule("d", None, None, "any", DAY, None)]
    units = {n: UnitInfo(n, n, None, "bureau", retired=False) for n in ("u", "any")}
    atlas = Atlas(1, {}, units, {"k": category()}, rules)
    assert atlas.responsible(PLACE, None, DAY) == "any"


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), "g:any"),
        (date(2026, 3, 3), None, "d:any"),
        (date(2020, 1, 1), date(2026, 3, 1), "d:any"),
        (date(2020, 1, 1), None, "g:any"),
    ],
)
def test_a_rule_counts_from_its_first_to_its_last_day(
    begins: date, ends: date | None, expected: str
) -> None:
    assert routed(["g:any", "d:any"], category(), g=(begins, ends)) == expected


def test_a_retired_unit_answers_for_nothing() -> None:
    assert routed(["g:any", "d:any"], category(), retired="g:any") == "d:any"


def test_a_unit_knows_its_path_its_subtree_and_its_contractors() -> None:
    tree = {"a": None, "b": "a", "c": "b", "d": "b"}
    kinds = {"c": "contractor", "d": "bureau"}
    units = {
        code: UnitInfo(code, code, parent, kinds.get(code, "bureau"), retired=False)
        for code, parent in tree.items()
    }
    atlas = Atlas(1, {}, units, {})
    assert atlas.unit_path("c") == ("a", "b", "c")
    assert atlas.unit_path("a") == ("a", None, None)
    assert atlas.unit_path(None) == (None, None, None)
    assert sorted(atlas.unit_subtree("b")) == ["b", "c", "d"]
    assert atlas.contractors("a") == frozenset({"c"})
    assert atlas.contractors(None) == frozenset()
