"""The table of who answers says what routing does, and its faults are those of the rules."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from shapely.geometry import box

from app.services import responsibility_faults as faults
from app.services.responsibility_matrix import Matrix
from models.area import Level
from models.routing import AreaShape, Atlas, Rule, UnitInfo

DAY = date(2026, 3, 2)


def category(code: str, group: str, kind: str = "event", *, emergency: bool = False) -> Any:
    return SimpleNamespace(
        code=code, category_group=group, name=code, kind=kind, emergency=emergency, retired_at=None
    )


def area(code: str, level: Level, parent: str | None, *bounds: float, priority: int = 0) -> Any:
    west, south, east, north = (x / 100 for x in bounds)
    return AreaShape(code, code, level, parent, priority, box(west, south, east, north))


def rule(area: str, unit: str, category: str | None = None, group: str | None = None) -> Rule:
    return Rule(area, category, group, unit, date(2026, 1, 1), None)


CATEGORIES = [category("a1", "a"), category("a2", "a", "component"), category("b1", "b")]
AREAS = [
    area("D", Level.DISTRICT, None, 0, 0, 4, 4),
    area("C1", Level.COMMUNITY, "D", 0, 0, 4, 2),
    area("C2", Level.COMMUNITY, "D", 0, 2, 4, 4),
    area("G1", Level.GRID, "C1", 0, 0, 2, 2),
    area("G2", Level.GRID, "C1", 2, 0, 4, 2),
    area("G3", Level.GRID, "C2", 0, 2, 4, 4),
    area("O1", Level.OVERLAY, None, 1, 1, 3, 2, priority=1),
    area("O2", Level.OVERLAY, None, 1, 1.5, 2, 3, priority=1),
]


def atlas(*rules: Rule) -> Atlas:
    units = {u: UnitInfo(u, u, None, "bureau", retired=u == "OLD") for u in ("X", "Y", "Z", "OLD")}
    return Atlas(
        revision=1,
        areas={one.code: one for one in AREAS},
        units=units,
        categories={one.code: one for one in CATEGORIES},
        rules=rules,
    )


def test_the_table_says_for_every_grid_what_routing_says(atlas: Atlas) -> None:
    day = date(2026, 3, 2)
    matrix = Matrix(atlas, day)
    grids = matrix.areas(Level.GRID)
    assert len(grids) == 70
    for grid in grids:
        placement = matrix.placement(grid)
        answers = matrix.answers(placement)
        assert {code: one and one.unit for code, one in answers.items()} == {
            code: atlas.responsible(placement, code, day) for code in atlas.categories
        }


def test_in_an_overlay_it_says_what_a_case_in_it_gets(atlas: Atlas) -> None:
    matrix = Matrix(atlas, DAY)
    overlay = next(one for one in matrix.overlays() if one.code in matrix.with_rules)
    point = atlas.inside(overlay.code)
    assert point is not None
    placed = atlas.locate(point, 0)
    assert placed is not None
    assert overlay.code in placed.overlays
    alone = replace(placed, overlays=(overlay.code,))
    unit = atlas.responsible(alone, "exposed-garbage", DAY)
    found = matrix.answers(matrix.placement(overlay))["exposed-garbage"]
    assert found is not None
    assert found.unit == unit


def test_a_cell_counts_units_and_tells_whose_rules_decide() -> None:
    found = Matrix(atlas(rule("D", "X"), rule("G1", "Y", "a2"), rule("C1", "Z", None, "b")), DAY)
    first, second = found.lines([found.atlas.areas["G1"], found.atlas.areas["C1"]])
    assert dict(first.cells["a"].units) == {"X": 1, "Y": 1}
    assert first.cells["a"].own
    assert first.cells["b"].areas == ("C1",)
    assert not first.cells["b"].own
    assert second.below == 1
    assert first.overlays == ()


def test_overlays_with_rules_are_told_of_the_areas_they_cross() -> None:
    found = Matrix(atlas(rule("O1", "X"), rule("D", "Y")), DAY)
    lines = found.lines([found.atlas.areas[code] for code in ("G1", "G3", "C1")])
    assert [line.overlays for line in lines] == [("O1",), (), ("O1",)]


def gaps_of(*rules: Rule) -> list[tuple[str, list[str]]]:
    found = faults.gaps(Matrix(atlas(*rules), DAY))
    return [(gap.area.code, [one.code for one in gap.categories]) for gap in found]


@pytest.mark.parametrize(
    ("rules", "gaps"),
    [
        ([], [("D", ["a1", "a2", "b1"])]),
        ([rule("D", "X")], []),
        ([rule("D", "X", None, "a")], [("D", ["b1"])]),
        ([rule("C1", "X")], [("C2", ["a1", "a2", "b1"])]),
        ([rule("G1", "X"), rule("C2", "X", "b1")],
         [("C2", ["a1", "a2"]), ("G2", ["a1", "a2", "b1"])]),
        ([rule("C1", "X", "a1"), rule("D", "OLD")], [("D", ["a2", "b1"]), ("C2", ["a1"])]),
        ([rule("O1", "X")], [("D", ["a1", "a2", "b1"])]),
    ],
    ids=["none", "all", "a group", "a community", "parts", "retired", "overlay only"],
)  # fmt: skip
def test_gaps_are_told_of_the_widest_area(
    rules: list[Rule], gaps: list[tuple[str, list[str]]]
) -> None:
    assert sorted(gaps_of(*rules)) == sorted(gaps)


def test_every_gap_is_one_of_routing() -> None:
    found = atlas(rule("C1", "X", "a1"), rule("G3", "Y", None, "b"))
    matrix = Matrix(found, DAY)
    told = {
        (grid.code, one.code)
        for gap in faults.gaps(matrix)
        for grid in matrix.areas(Level.GRID, gap.area.code)
        for one in gap.categories
    }
    assert told == {
        (grid.code, one.code)
        for grid in matrix.areas(Level.GRID)
        for one in CATEGORIES
        if found.responsible(matrix.placement(grid), one.code, DAY) is None
    }


def test_rules_that_contradict_or_decide_nothing_are_told() -> None:
    rules = [rule("D", "X", "a1"), rule("D", "Y", "a1"), rule("GONE", "X"), rule("C1", "OLD")]
    found = Matrix(atlas(*rules, rule("D", "X", None, "none")), DAY)
    assert [[one.unit for one in same] for same in faults.doubled(found)] == [["X", "Y"]]
    assert [(one.rule.area, one.why[:4]) for one in faults.unused(found)] == [
        ("GONE", "区域已不"),
        ("C1", "单位已停"),
        ("D", "大类已停"),
    ]


def test_overlays_over_each_other_are_told_with_who_wins() -> None:
    (found,) = faults.crossings(Matrix(atlas(rule("O1", "X"), rule("O2", "Y")), DAY))
    assert (found.wins.code, found.loses.code, found.level) == ("O1", "O2", True)
    assert found.square_metres > 100_000
    assert faults.crossings(Matrix(atlas(rule("O1", "X")), DAY)) == []
