"""The committed demo district: valid, whole, and as promised."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import shapely

from models.geo import Point, distance_m
from tools.district import files

DATA = Path(__file__).parents[2] / "data"
DEMO = DATA / "demo"
DISTRICT = "439900"
CONTRACT_POINT = shapely.Point(112.5700, 26.9000)
METRES_PER_DEGREE = 99_000  # the shorter of the two at 26.9° N, longitude: errs on the safe side
CHILD_OF = {"grid": "community", "community": "street", "street": "district"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


COLLECTION = json.loads((DEMO / "areas.geojson").read_text(encoding="utf-8"))
AREAS = {item["properties"]["code"]: item["properties"] for item in COLLECTION["features"]}
SHAPES = {
    item["properties"]["code"]: shapely.Polygon(*item["geometry"]["coordinates"])
    for item in COLLECTION["features"]
}
CATEGORIES = {row["code"]: row for row in rows("catalogue.csv")}
UNITS = {row["code"]: row for row in rows("demo/units.csv")}
RULES = rows("demo/responsibilities.csv")
DUTIES = rows("demo/duties.csv")
ACCOUNTS = {row["username"]: row for row in rows("demo/accounts.csv")}


def codes(level: str) -> list[str]:
    return [code for code, area in AREAS.items() if area["level"] == level]


def ancestors(unit: str) -> list[str]:
    """The unit itself and everything above it."""
    return [unit, *ancestors(UNITS[unit]["parent"])] if unit else []


def grants(username: str) -> list[str]:
    return [grant for grant in ACCOUNTS[username]["roles"].split(";") if grant]


def contract_grid() -> str:
    (grid,) = [code for code in codes("grid") if SHAPES[code].contains(CONTRACT_POINT)]
    return grid


def test_committed_files_are_what_the_generator_writes() -> None:
    for name, text in files().items():
        assert (DEMO / name).read_text(encoding="utf-8") == text, (
            f"run python -m tools.district: {name}"
        )


# The map


def test_the_district_says_that_it_is_synthetic() -> None:
    assert COLLECTION["synthetic"] is True
    assert "虚构" in COLLECTION["notice"]


def test_there_are_enough_areas_of_each_level() -> None:
    assert len(AREAS) == len(COLLECTION["features"])
    assert {item["geometry"]["type"] for item in COLLECTION["features"]} == {"Polygon"}
    counts = Counter(area["level"] for area in AREAS.values())
    assert (counts["district"], counts["street"], counts["community"]) == (1, 2, 10)
    assert counts["grid"] >= 60
    assert counts["overlay"] >= 6


def test_codes_are_of_a_fixed_length_and_begin_with_the_parent() -> None:
    lengths = {"district": 6, "street": 9, "community": 12, "grid": 14}
    for code, area in AREAS.items():
        if area["level"] == "overlay":
            assert re.fullmatch(r"Y-[A-Z]+-\d", code)
            assert area["parent"] is None
            assert area["priority"] > 0
        else:
            assert re.fullmatch(rf"{DISTRICT}\d*", code)
            assert len(code) == lengths[area["level"]]
            assert code.startswith(area["parent"] or DISTRICT)
            assert "priority" not in area


def test_where_two_overlays_meet_one_has_the_priority() -> None:
    meeting = [
        (AREAS[a]["priority"], AREAS[b]["priority"])
        for a, b in combinations(codes("overlay"), 2)
        if SHAPES[a].intersects(SHAPES[b])
    ]
    assert meeting
    assert all(a != b for a, b in meeting)


@pytest.mark.parametrize("code", SHAPES)
def test_shapes_are_valid_polygons_of_seven_decimals_turning_left(code: str) -> None:
    shape = SHAPES[code]
    assert shape.is_valid
    assert shape.exterior.is_ccw
    assert all(value == round(value, 7) for pair in shape.exterior.coords for value in pair)


@pytest.mark.parametrize("level", CHILD_OF)
def test_children_tile_their_parent_exactly(level: str) -> None:
    families = defaultdict(list)
    for code in codes(level):
        families[AREAS[code]["parent"]].append(SHAPES[code])
    assert set(families) == set(codes(CHILD_OF[level]))
    for parent, children in families.items():
        assert sum(child.area for child in children) == pytest.approx(
            SHAPES[parent].area, rel=1e-12
        )
        assert shapely.union_all(children).equals(SHAPES[parent])


def test_no_two_grids_overlap() -> None:
    for a, b in combinations((SHAPES[code] for code in codes("grid")), 2):
        assert a.intersection(b).area == 0


def test_neighbouring_grids_share_their_border_vertex_by_vertex() -> None:
    edges: Counter[frozenset[tuple[float, ...]]] = Counter()
    for code in codes("grid"):
        edges.update(frozenset(edge) for edge in pairwise(SHAPES[code].exterior.coords))
    outline = {frozenset(edge) for edge in pairwise(SHAPES[DISTRICT].exterior.coords)}
    assert {edge for edge, count in edges.items() if count == 1} == outline
    assert max(edges.values()) == 2


def test_grids_are_no_mere_lattice() -> None:
    ratios = [SHAPES[code].area / SHAPES[code].convex_hull.area for code in codes("grid")]
    assert sum(ratio < 0.9 for ratio in ratios) >= 20


def test_overlays_lie_in_the_district() -> None:
    assert all(SHAPES[DISTRICT].contains(SHAPES[code]) for code in codes("overlay"))


# Units, rules, duties, accounts


def test_units_are_a_tree_at_most_three_deep() -> None:
    assert len(UNITS) >= 12
    assert all(1 <= len(ancestors(code)) <= 3 for code in UNITS)
    assert {row["kind"] for row in UNITS.values()} == {
        *("street_office", "bureau", "property", "contractor", "duty")
    }
    assert {row["calendar"] for row in UNITS.values()} <= {"", "office", "street", "always"}


def test_every_code_that_is_referred_to_exists() -> None:
    groups = {row["group"] for row in CATEGORIES.values()}
    for rule in RULES:
        assert rule["area"] in AREAS
        assert rule["unit"] in UNITS
        assert rule["category"] in {"", *CATEGORIES}
        assert rule["group"] in {"", *groups}
        assert not (rule["category"] and rule["group"])
    for duty in DUTIES:
        assert duty["area"] in AREAS
        assert {duty["worker"], duty["backup"]} <= {"", *ACCOUNTS}
        assert duty["duty_unit"] in {"", *UNITS}
    for account in ACCOUNTS.values():
        assert account["unit"] in {"", *UNITS}
        for grant in grants(account["username"]):
            role, scope, code = re.fullmatch(
                r"(grid_worker|unit_staff|dispatcher|supervisor|admin)@(all|area|unit):?(.*)", grant
            ).groups()  # type: ignore[union-attr]
            assert code in {"all": [""], "area": AREAS, "unit": UNITS}[scope], (role, code)


def test_rules_never_contradict_each_other_on_one_day() -> None:
    spans = defaultdict(list)
    for rule in RULES:
        ends = date.fromisoformat(rule["valid_to"]) if rule["valid_to"] else date.max
        key = (rule["area"], rule["category"], rule["group"])
        spans[key].append((date.fromisoformat(rule["valid_from"]), ends))
    for key, dates in spans.items():
        assert all(start <= end for start, end in dates)
        assert all(a[1] < b[0] for a, b in pairwise(sorted(dates))), key


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_a_unit_at_the_district(category: str) -> None:
    wanted = {(category, ""), ("", CATEGORIES[category]["group"])}
    valid = [rule for rule in RULES if rule["area"] == DISTRICT and not rule["valid_to"]]
    assert any((rule["category"], rule["group"]) in wanted for rule in valid)


def test_every_responsible_unit_has_staff_who_may_act() -> None:
    held = {grant for username in ACCOUNTS for grant in grants(username)}
    for unit in {rule["unit"] for rule in RULES}:
        assert held & {f"unit_staff@unit:{above}" for above in ancestors(unit)}, unit


def test_every_grid_has_workers_with_backups_and_a_duty_unit_above() -> None:
    units = {duty["area"] for duty in DUTIES if duty["duty_unit"]}
    assert units == {DISTRICT, *codes("street")}
    manned = [duty for duty in DUTIES if duty["worker"]]
    assert {duty["area"] for duty in manned} == set(codes("grid"))
    for duty in manned:
        assert duty["backup"] not in {"", duty["worker"]}
        for person in (duty["worker"], duty["backup"]):
            areas = [grant.partition("@area:")[2] for grant in grants(person)]
            assert any(duty["area"].startswith(area) for area in areas)


def test_hours_of_duty_are_well_formed_and_do_not_overlap() -> None:
    taken: Counter[tuple[str, str]] = Counter()
    for duty in DUTIES:
        assert re.fullmatch(r"[1-7]-[1-7]|[1-7](,[1-7])*", duty["weekdays"])
        assert "00:00" <= duty["starts"] < duty["ends"] <= "24:00"
        date.fromisoformat(duty["valid_from"])
        days = {"1-7": "1234567", "1-5": "12345", "6,7": "67"}[duty["weekdays"]]
        taken.update((duty["area"], day) for day in days)
    assert set(taken.values()) == {1}


def test_the_accounts_are_the_promised_ones() -> None:
    promised = {"desk", "supervisor", "supervisor2", "admin"}
    promised |= {f"{kind}{number}" for kind in ("worker", "unit") for number in range(1, 13)}
    assert promised <= set(ACCOUNTS)
    assert grants("desk") == [f"dispatcher@area:{DISTRICT}"]
    heads = [row["unit"] for row in ACCOUNTS.values() if row["head"] == "yes"]
    assert len(heads) == len(set(heads)) >= 12


# What the demo promises at 112.57 E, 26.90 N


def test_the_contract_point_is_well_inside_one_grid_and_far_from_every_overlay() -> None:
    border = SHAPES[contract_grid()].exterior
    assert border.distance(CONTRACT_POINT) * METRES_PER_DEGREE >= 60
    corners = [distance_m(Point(*pair), Point(112.57, 26.90)) for pair in border.coords]
    assert min(corners) >= 60
    for code in codes("overlay"):
        assert SHAPES[code].distance(CONTRACT_POINT) * METRES_PER_DEGREE >= 60


def test_worker1_is_on_duty_at_the_contract_point_at_all_hours() -> None:
    (duty,) = [duty for duty in DUTIES if duty["area"] == contract_grid()]
    hours = (duty["worker"], duty["weekdays"], duty["starts"], duty["ends"], duty["valid_to"])
    assert hours == ("worker1", "1-7", "00:00", "24:00", "")


def test_exposed_garbage_at_the_contract_point_belongs_to_the_unit_of_unit1() -> None:
    grid = contract_grid()
    path = [grid, grid[:12], grid[:9], DISTRICT]
    wanted = [("exposed-garbage", ""), ("", "environment"), ("", "")]
    found = [
        rule["unit"]
        for area in path
        for category, group in wanted
        for rule in RULES
        if (rule["area"], rule["category"], rule["group"]) == (area, category, group)
        and not rule["valid_to"]
    ]
    assert found[0] == ACCOUNTS["unit1"]["unit"]
    assert ACCOUNTS["worker1"]["unit"] not in ancestors(found[0])
    assert grants("unit1") == [f"unit_staff@unit:{found[0]}"]


def test_some_grid_workers_belong_to_units_that_hold_cases() -> None:
    holding = {rule["unit"] for rule in RULES}
    workers = [row for row in ACCOUNTS.values() if "grid_worker@" in row["roles"]]
    assert sum(row["unit"] in holding for row in workers) >= 3
