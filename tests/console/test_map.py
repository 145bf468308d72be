"""The map of cases: its page, its columns within scope, areas, units and cards."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.api.story import Story
from tests.console.desk import Desk, sign_in
from tests.drive import Drive
from tests.statements import counted

HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'
CASES = "/console/map/cases.json"


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def told(desk: Desk, query: str = "") -> Any:
    answer = desk.answer("GET", f"{CASES}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_everybody_on_the_staff_has_the_map(drive: Drive) -> None:
    for username in ("desk", "supervisor", "unit1", "worker1", "admin"):
        page = sign_in(drive, username).get("/console/map")
        assert '<a href="/console/map" aria-current="page">地图</a>' in page


def test_filters_of_the_address_are_chosen_in_the_form(desk: Desk) -> None:
    page = desk.get(
        "/console/map?period=own&since=2026-03-02&until=2026-03-08&status=closed"
        "&category=group:environment&unit=U-HW&area=439900001&show=heat&day=20000"
    )
    for chosen in ("own", "closed", "group:environment", "U-HW", "439900001"):
        assert f'value="{chosen}" selected' in page
    assert 'name="since"' in page
    assert 'value="2026-03-02"' in page
    assert "筛选条件有误" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status=none", "没有这个状态：none"),
        ("period=2", "筛选条件有误（period）"),
        ("period=own", "请选择开始和结束日期"),
        ("period=own&since=2026-03-02&until=2026-03-01", "结束日期不能早于开始日期"),
        ("period=own&since=2024-01-01&until=2026-03-01", "最长 366 天"),
        ("period=own&since=yesterday&until=2026-03-01", "筛选条件有误（since）"),
        ("category=none", "没有这个类别：none"),
        ("category=group:none", "没有这个类别"),
        ("unit=<b>", "筛选条件有误（unit）"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(desk: Desk, query: str, words: str) -> None:
    page = desk.get(f"/console/map?{query}", status=422)
    assert words in page
    assert "<b>" not in page
    assert desk.answer("GET", f"{CASES}?{query}").status_code == 422


@pytest.mark.parametrize("query", ["unit=U-NONE", "unit=%00", "area=%00"])
def test_what_is_unknown_is_refused(desk: Desk, query: str) -> None:
    assert desk.answer("GET", f"{CASES}?{query}").status_code == 422


def test_the_columns_are_those_of_the_filter(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    other = drive.resident("b").report("flyers", photo_ids=[])["case_number"]
    assert set(told(desk)["cases"]["number"]) == {story.number, other}
    for query, numbers in {
        "?category=flyers": [other],
        "?unit=U-HW": [story.number],
        "?category=group:advertising": [other],
        "?status=assigned&unit=U-HW": [story.number],
        "?status=closed": [],
        "?period=7&category=exposed-garbage": [story.number],
        "?area=439900002": [],
    }.items():
        assert told(desk, query)["cases"]["number"] == numbers, query
    found = told(desk, "?period=1")
    assert found["days"] == [found["today"]] * 2
    assert len({len(column) for column in found["cases"].values()}) == 1


def test_what_is_out_of_scope_is_not_on_the_map(drive: Drive) -> None:
    story = Story(drive)
    stranger = sign_in(drive, "unit4")
    assert told(stranger)["cases"]["number"] == []
    assert told(stranger, "?period=7")["cases"]["number"] == []
    assert stranger.answer("GET", f"/console/map/cases/{story.number}").status_code == 404
    assert told(sign_in(drive, "unit1"))["cases"]["number"] == [story.number]


@pytest.mark.parametrize("cases", [1, 4])
@pytest.mark.parametrize(("query", "statements"), [("", 2), ("?period=7", 4)])
def test_the_columns_take_as_many_statements_whatever_there_is(
    drive: Drive, desk: Desk, cases: int, query: str, statements: int
) -> None:
    for i in range(cases):
        drive.resident(f"p{i}").report("flyers", photo_ids=[])
    with counted(drive.db) as seen:
        told(desk, query)
    assert len(seen) == statements


@pytest.mark.parametrize(
    "path",
    ["/console/map", "/console/map/areas/grid.json", "/console/map/units.json?category=flyers"],
)
def test_what_is_held_in_memory_takes_the_session_only(drive: Drive, desk: Desk, path: str) -> None:
    with counted(drive.db) as seen:
        desk.get(path)
    assert len(seen) == 1


def test_what_did_not_change_is_not_sent_again(drive: Drive, desk: Desk) -> None:
    Story(drive)
    for path in (
        CASES,
        "/console/map/areas/street.json",
        "/console/map/units.json?category=flyers",
    ):
        first = desk.answer("GET", path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = desk.answer("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    before = desk.answer("GET", CASES).headers["ETag"]
    drive.resident("b").report("flyers", photo_ids=[])
    assert desk.answer("GET", CASES).headers["ETag"] != before


@pytest.mark.parametrize("level", ["street", "community", "grid", "overlay"])
def test_areas_have_names_and_shapes(drive: Drive, desk: Desk, level: str) -> None:
    found = desk.answer("GET", f"/console/map/areas/{level}.json").json["features"]
    known = {a.code: a.name for a in drive.kit.atlas().areas.values() if a.level == level}
    assert {one["id"]: one["properties"]["name"] for one in found} == known != {}


def test_no_other_level_and_no_other_category(desk: Desk) -> None:
    for level in ("district", "none", "Level"):
        assert desk.answer("GET", f"/console/map/areas/{level}.json").status_code == 404
    for query in ("", "?category=none"):
        assert desk.answer("GET", f"/console/map/units.json{query}").status_code == 422


def test_a_card_tells_a_case_and_links_to_it(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    card = desk.get(f"/console/map/cases/{story.number}")
    assert f'href="/console/cases/{story.number}"' in card
    for words in ("待签收", "还剩", "工作时间", "暴露垃圾", drive.kit.atlas().unit_name("U-HW")):
        assert words in card
    assert re.search(r'src="/console/photos/[^"]+/thumb"', card)
    assert "<html" not in card


def test_hostile_words_stay_words(drive: Drive, desk: Desk) -> None:
    made = drive.resident().report("flyers", photo_ids=[], description=HOSTILE, address=HOSTILE)
    card = desk.get(f"/console/map/cases/{made['case_number']}")
    assert "<script>alert" not in card
    assert "<img src=x" not in card
    assert "&lt;script&gt;alert(1)" in card
    assert desk.answer("GET", "/console/map/cases/%3Cscript%3E").status_code == 404


def test_tiles_are_the_one_thing_that_may_come_from_elsewhere(drive: Drive, desk: Desk) -> None:
    policy = desk.answer("GET", "/console/map").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob:;" in policy
    app: Any = desk.client.application
    tiles = "https://{s}.tiles.test/{z}/{x}/{y}.png"
    settings = replace(drive.kit.settings, tile_url=tiles, tile_attribution='图商 "<b>')
    app.extensions["kit"] = replace(drive.kit, settings=settings)
    answer = desk.answer("GET", "/console/map")
    policy = answer.headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://*.tiles.test;" in policy
    assert "default-src 'self';" in policy
    assert f'data-tile-url="{tiles}"' in answer.text
    assert "图商 &#34;&lt;b&gt;" in answer.text


def test_without_a_session_nothing_is_told(drive: Drive) -> None:
    client = drive.client.application.test_client()
    for path in ("/console/map", CASES, "/console/map/areas/grid.json", "/console/map/units.json"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/console/sign-in" in answer.headers["Location"]
