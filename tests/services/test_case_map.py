"""What a map shows of cases: how each stands, which there are too many of, who answers where."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pytest

from app.console import words
from app.services import area_units, case_list, case_map
from app.services.case_list import Filter
from models import moment
from models.account import Actor, Grant, Role, Scope
from models.area import Level
from models.errors import InvalidInput
from models.status import Status
from tests.drive import Drive
from tests.factories import make_case
from tests.histories import local

NOW = local("2026-03-10 10:00")  # a Tuesday
SEES_ALL = Actor(1, "督查", (Grant(Role.SUPERVISOR, Scope.ALL, ""),))
SINCE, UNTIL = local("2026-03-02 00:00"), local("2026-03-09 00:00")


@pytest.mark.parametrize("due", [
    "2026-03-10 09:59", "2026-03-10 10:00", "2026-03-10 10:01", "2026-03-10 12:00",
    "2026-03-10 14:30", "2026-03-10 14:31", "2026-03-10 17:30", "2026-03-11 08:30",
])  # fmt: skip
@pytest.mark.parametrize("category", ["flyers", "road-damage", "exposed-garbage", "suggestion"])
@pytest.mark.parametrize("now", ["2026-03-10 10:00", "2026-03-10 15:30", "2026-03-10 21:00"])
def test_many_at_once_stand_as_one_by_one(drive: Drive, due: str, category: str, now: str) -> None:
    atlas, at = drive.kit.atlas(), local(now)
    columns = {
        "status": [status.value for status in Status] * 2,
        "category": [category] * 2 * len(Status),
        "unit": [""] * 2 * len(Status),
        "due_at": np.array([micros(local(due))] * len(Status) + [NEVER] * len(Status)),
    }
    found = [case_map.STATES[state] for state in case_map.states(atlas, columns, at)]
    for place, status in enumerate(Status):
        row = SimpleNamespace(status=status, category=category, unit=None, due_at=local(due))
        one = words.deadline(atlas, row, at)
        assert found[place] == (one[0] if one else "none")
    assert set(found[len(Status) :]) == {"none"}


NEVER = np.iinfo(np.int64).min


def micros(at: datetime) -> int:
    return (at - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def made(drive: Drive, submitted: str, **columns: Any) -> str:
    if "closed_at" in columns:
        columns |= {"status": "closed", "closed_at": local(columns["closed_at"])}
    atlas = drive.kit.atlas()
    return make_case(drive.db, atlas, submitted_at=local(submitted), **columns)


def numbers(shown: case_map.Cases) -> set[str]:
    return set(shown.columns["number"])


def in_period(drive: Drive, most: int = 100, **changes: Any) -> case_map.Cases:
    wanted = replace(Filter(since=SINCE, until=UNTIL), **changes)
    return case_map.in_period(drive.db, drive.kit.atlas(), SEES_ALL, wanted, most)


def test_a_period_has_what_was_open_in_it(drive: Drive) -> None:
    inside = made(drive, "2026-03-02 00:00")
    refused = made(drive, "2026-03-08 23:59", status="rejected")
    still = made(drive, "2025-01-01 08:00")
    ended_inside = made(drive, "2026-02-01 08:00", closed_at="2026-03-02 00:00")
    made(drive, "2026-02-01 08:00", closed_at="2026-03-01 23:59")
    made(drive, "2026-02-01 08:00", status="rejected")
    made(drive, "2026-03-09 00:00")
    assert numbers(in_period(drive)) == {inside, refused, still, ended_inside}
    assert numbers(in_period(drive, statuses=[Status.CLOSED])) == {ended_inside}
    assert numbers(in_period(drive, statuses=[Status.REJECTED])) == {refused}
    assert numbers(in_period(drive, statuses=[Status.SUBMITTED])) == {inside, still}


@pytest.mark.parametrize(("most", "kept", "more"), [(1, 1, True), (2, 2, True), (3, 3, False)])
def test_where_there_are_too_many_the_newest_are_shown(
    drive: Drive, most: int, kept: int, more: bool
) -> None:
    days = [made(drive, f"2026-03-0{day} 08:00") for day in (3, 4, 5)]
    shown = in_period(drive, most)
    assert numbers(shown) == set(days[-kept:])
    assert shown.more is more
    assert (shown.since is None) is not more


@pytest.mark.parametrize(("most", "more"), [(1, True), (2, True), (3, False)])
def test_earlier_cases_that_are_left_out_are_said(drive: Drive, most: int, more: bool) -> None:
    made(drive, "2026-03-03 08:00")
    made(drive, "2026-02-03 08:00")
    made(drive, "2026-02-03 08:00", closed_at="2026-03-05 08:00")
    shown = in_period(drive, most)
    assert (len(shown), shown.more, shown.since) == (most, more, None)


def test_in_hand_the_first_due_come_first(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    made(drive, "2026-03-03 08:00")
    first = made(drive, "2026-03-03 08:00", due_at=local("2026-03-04 08:00"))
    made(drive, "2026-03-03 08:00", closed_at="2026-03-04 08:00")
    shown = case_map.in_hand(drive.db, atlas, SEES_ALL, Filter(), most=1)
    assert numbers(shown) == {first}
    assert shown.more
    closed = Filter(statuses=[Status.CLOSED])
    assert case_map.in_hand(drive.db, atlas, SEES_ALL, closed) is case_map.NONE


def test_columns_tell_what_rows_told(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    late = made(
        drive,
        "2026-03-03 08:00",
        status="in_progress",
        category="road-damage",
        unit="U-SZ",
        due_at=local("2026-03-04 08:00"),
        emergency=True,
    )
    with moment.at(NOW):
        told = case_map.told(atlas, case_map.in_hand(drive.db, atlas, SEES_ALL, Filter()))
    cases = {name: column[0] for name, column in told["cases"].items()}
    assert (cases["number"], cases["x"], cases["y"]) == (late, 112.57, 26.9)
    assert told["statuses"][cases["status"]] == {"code": "in_progress", "name": "处置中"}
    assert case_map.STATES[cases["state"]] == "late"
    assert told["categories"][cases["category"]] == "道路破损"
    assert told["units"][cases["unit"]] == atlas.unit_name("U-SZ")
    assert cases["emergency"] == 1
    at = datetime.fromtimestamp(cases["submitted"] * 60, UTC)
    assert at == local("2026-03-03 08:00")
    assert cases["closed"] == cases["resolved"] == 0
    empty = case_map.told(atlas, case_map.NONE)["cases"]
    assert set(empty) == set(cases)
    assert [len(column) for column in empty.values()] == [0] * len(cases)


def test_counts_are_those_of_the_open_cases_in_scope(drive: Drive) -> None:

    atlas = drive.kit.atlas()
    made(drive, "2026-03-03 08:00", due_at=local("2026-03-04 08:00"), status="in_progress")
    made(drive, "2026-03-03 08:00", emergency=True)
    made(drive, "2026-03-03 08:00", closed_at="2026-03-04 08:00")
    rows = case_list.counts(drive.db, atlas, SEES_ALL, Filter())
    assert {(row.status, row.emergency, row.cases, row.due) for row in rows} == {
        ("in_progress", False, 1, 1),
        ("submitted", True, 1, 0),
    }
    elsewhere = Actor(2, "", (Grant(Role.DISPATCHER, Scope.AREA, "439900002001"),))
    both = replace(elsewhere, grants=(*elsewhere.grants, *SEES_ALL.grants))
    assert case_list.counts(drive.db, atlas, elsewhere, Filter()) == []
    assert len(case_list.counts(drive.db, atlas, both, Filter())) == 2


def test_who_answers_where_is_what_routing_says(drive: Drive) -> None:
    atlas, day = drive.kit.atlas(), date(2026, 3, 10)
    told = orjson.loads(area_units.answering(atlas, "exposed-garbage", day))
    grids = [a.code for a in atlas.areas.values() if a.level is Level.GRID]
    overlays = [a.code for a in atlas.areas.values() if a.level is Level.OVERLAY]
    assert set(told["areas"]) == {*grids, *overlays}
    for code in grids:
        point = atlas.inside(code)
        placement = atlas.locate(point, 0) if point else None
        assert placement is not None
        bare = replace(placement, overlays=())
        unit = told["units"][told["areas"][code]]
        assert unit["code"] == atlas.responsible(bare, "exposed-garbage", day)
        assert unit["name"] == atlas.unit_name(unit["code"])
    assert sum(unit["areas"] for unit in told["units"]) == len(told["areas"])


def test_a_group_of_which_units_differ_says_so_and_a_gap_is_nobodys(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    bare = replace(atlas, rules=(), replies={})
    told = orjson.loads(area_units.answering(bare, "flyers", date(2026, 3, 10)))
    assert [unit["name"] for unit in told["units"]] == ["无人负责"]
    group = f"group:{atlas.categories['exposed-garbage'].category_group}"
    each = {
        orjson.loads(area_units.answering(atlas, code, date(2026, 3, 10)))["units"][0]["code"]
        for code in area_units.categories_named(atlas, group)
    }
    names = [
        unit["name"]
        for unit in orjson.loads(area_units.answering(atlas, group, date(2026, 3, 10)))["units"]
    ]
    assert ("视小类而定" in names) == (len(each) > 1)


@pytest.mark.parametrize("name", ["", "none", "group:", "group:none", "group"])
def test_what_is_no_category_is_refused(drive: Drive, name: str) -> None:
    with pytest.raises(InvalidInput, match="没有这个类别"):
        area_units.categories_named(drive.kit.atlas(), name)
