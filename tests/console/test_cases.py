"""Pages of cases: the list whose filters stand in the address, one case, and acting on it."""

import io
import re
from typing import Any

import pytest

from tests.api.story import Story
from tests.console.desk import Desk, sign_in
from tests.drive import Drive
from tests.statements import counted
from tools.pictures import make_photo

HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def test_the_list_shows_cases_and_keeps_filters_in_the_address(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    other = drive.resident("b").report("flyers", photo_ids=[])["case_number"]
    page = desk.get("/console/cases")
    assert story.number in page
    assert other in page
    chosen = desk.get("/console/cases?category=flyers&q=%E5%9E%83%E5%9C%BE&sort=due_at")
    assert '<option value="flyers" selected>' in chosen
    assert 'value="垃圾"' in chosen
    assert story.number not in chosen


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?q=HY1", "没有符合条件的案卷"),
        ("?holder=me&sort=due_at", "没有等您办理的案卷"),
        ("?overdue=true&sort=due_at", "没有超期的案卷"),
        ("", "您的范围内还没有案卷"),
    ],
)
def test_an_empty_list_says_what_to_do(desk: Desk, query: str, words: str) -> None:
    assert words in desk.get(f"/console/cases{query}")


def test_a_filter_that_makes_no_sense_is_named(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    page = desk.get("/console/cases?status=none", status=422)
    assert "筛选条件有误（status）" in page
    assert story.number in page


def test_pages_follow_each_other(drive: Drive, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.console.cases.PAGE", 2)
    numbers = [
        drive.resident(f"p{i}").report("flyers", photo_ids=[])["case_number"] for i in range(3)
    ]
    first = desk.get("/console/cases?category=flyers")
    (following,) = re.findall(r'class="button" href="([^"]+)">下一页', first)
    second = desk.get(following.replace("&amp;", "&"))
    seen = re.findall(r"/console/cases/(HY\d+)", first + second)
    assert seen == numbers[::-1]
    assert "回到第一页" in second


@pytest.mark.parametrize("cases", [1, 4])
def test_the_list_takes_three_statements(drive: Drive, desk: Desk, cases: int) -> None:
    for i in range(cases):
        drive.resident(f"p{i}").report("flyers", photo_ids=[])
    with counted(drive.db) as seen:
        desk.get("/console/cases")
    assert len(seen) == 3, "person, cases, kept lists"


def test_the_same_list_as_a_spreadsheet(drive: Drive, desk: Desk) -> None:
    Story(drive)
    answer = desk.answer("GET", "/console/cases.xlsx?category=exposed-garbage")
    assert answer.status_code == 200
    assert answer.data.startswith(b"PK")


def test_hostile_words_stay_words(drive: Drive, desk: Desk) -> None:
    made = drive.resident().report("flyers", photo_ids=[], description=HOSTILE, address=HOSTILE)
    for path in ("/console/cases", f"/console/cases/{made['case_number']}"):
        page = desk.get(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_case_shows_its_story_its_pictures_and_what_may_be_done(drive: Drive, desk: Desk) -> None:
    story = Story(drive).start().resolve()
    page = desk.get(f"/console/cases/{story.number}")
    allowed = [one["action"] for one in story.case()["actions"]]
    offered = re.findall(rf'action="/console/cases/{story.number}/([a-z_]+)"', page)
    assert offered == allowed != []
    assert page.count("/thumb") >= 2
    assert "处置完成" in page
    photo = re.findall(r'src="(/console/photos/[^"]+/thumb)"', page)[0]
    drive.work("photo.render")
    assert desk.answer("GET", photo).mimetype == "image/jpeg"


def test_what_is_out_of_scope_does_not_exist(drive: Drive) -> None:
    story = Story(drive)
    stranger = sign_in(drive, "unit4")
    assert "没有找到" in stranger.get(f"/console/cases/{story.number}", status=404)
    assert story.number not in stranger.get("/console/cases")
    photo = story.case()["reports_received"][0]["photos"][0]["id"]
    assert stranger.answer("GET", f"/console/photos/{photo}/large").status_code == 404


def test_an_action_is_taken(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    page = desk.act(story.number, "remark", comment="现场已联系")
    assert "已完成“批注”" in page
    assert "现场已联系" in page


def test_a_result_with_its_pictures(drive: Drive) -> None:
    story = Story(drive).start()
    unit = sign_in(drive, "unit1")
    picture = (io.BytesIO(make_photo(71, size=(480, 360))), "a.jpg")
    empty = (io.BytesIO(b""), "")
    page = unit.act(
        story.number, "resolve", outcome="fixed", comment="已清走", photos=[picture, empty]
    )
    assert "已完成“处置完成”" in page
    assert story.case()["status"] == "resolved"


def test_a_moment_is_local(drive: Drive) -> None:
    story = Story(drive).start()
    unit = sign_in(drive, "unit1")
    page = unit.act(story.number, "ask_extension", due_at="2030-01-02T09:30", reason="等材料")
    assert "已完成" in page
    asked = story.case()["timeline"][-1]["facts"]["due_at"]
    assert asked.startswith("2030-01-02T01:30:00")


Refusal = tuple[str, dict[str, Any], int, str]


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("reject", {"reason": "unclear"}, 409, "现在不能不予立案"),
        ("remark", {"comment": ""}, 422, "必填"),
        ("remark", {"comment": "字" * 501}, 422, "最多 500 个字"),
        ("reassign", {"unit": "none", "reason": "换单位"}, 422, "换单位"),
        ("recategorise", {"category": "none", "reason": "改类"}, 422, "改类"),
        ("relocate", {"location.longitude": "x", "location.latitude": "26.9", "reason": "移位"},
         422, "应为数字"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_keeps_what_was_typed(
    drive: Drive, desk: Desk, action: str, fields: dict[str, Any], status: int, words: str
) -> None:
    story = Story(drive)
    before = story.case()["version"]
    page = desk.act(story.number, action, status=status, **fields)
    assert "没有完成" in page
    assert words in page
    for value in fields.values():
        assert value in page
    assert story.case()["version"] == before


def test_a_case_that_another_changed_is_said_kindly(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    seen = story.case()["version"]
    drive.staff("desk").done(story.number, "remark", comment="先到的")
    page = desk.act(story.number, "remark", status=409, version=seen, comment="后到的话")
    assert "刚刚被他人更新" in page
    assert "后到的话" in page
    assert f'name="version" value="{story.case()["version"]}"' in page


def test_pictures_that_are_none_are_refused_and_words_stay(drive: Drive) -> None:
    story = Story(drive).start()
    unit = sign_in(drive, "unit1")
    bad = (io.BytesIO(b"MZ nonsense"), "a.jpg")
    page = unit.act(
        story.number, "resolve", status=422, outcome="fixed", comment="已清走了", photos=[bad]
    )
    assert "已清走了" in page
    assert "照片需要重新选择" in page
    assert story.case()["status"] == "in_progress"


def test_too_many_pictures_are_refused_and_words_stay(drive: Drive) -> None:
    story = Story(drive).start()
    unit = sign_in(drive, "unit1")
    many = [(io.BytesIO(b"x"), f"{i}.jpg") for i in range(10)]
    page = unit.act(
        story.number, "resolve", status=422, outcome="fixed", comment="已清走了", photos=many
    )
    assert "最多 9 个文件" in page
    assert "已清走了" in page


def groups(page: str, action: str) -> dict[str, list[str]]:
    """The people of an action's form, by their group."""
    form = page.partition(f'data-action="{action}"')[2].partition("</details>")[0]
    choices = form.partition('name="worker"')[2].partition("</select>")[0]
    parts = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', choices, re.DOTALL)
    return {label: re.findall(r'value="(\d+)"', part) for label, part in parts}


def test_handlers_stand_under_their_units_with_that_of_the_rules_first(drive: Drive) -> None:
    made = drive.resident().report("cooking-fumes", photo_ids=[])
    desk, number = sign_in(drive, "desk"), made["case_number"]
    atlas, case = drive.kit.atlas(), drive.staff("desk").case(number)
    found = groups(desk.get(f"/console/cases/{number}"), "accept")
    own = [atlas.unit_name(code) for code in atlas.unit_subtree(case["routed_unit"])]
    assert next(iter(found)) == atlas.unit_name(case["routed_unit"])
    assert len(found) > len(own), "another unit may be chosen, and so may its people"
    first, *_, last = found.values()
    page = desk.act(number, "accept", status=422, worker=last[0])
    assert "经办人不属于责任单位" in page
    desk.act(number, "accept", worker=first[0])
    assert drive.staff("desk").case(number)["assignee"] == first[0]


def test_a_delegation_names_only_people_below_the_unit(drive: Drive) -> None:
    story = Story(drive)
    page = sign_in(drive, "unit1").get(f"/console/cases/{story.number}")
    form = page.partition('data-action="delegate"')[2].partition("</details>")[0]
    offered = drive.staff("unit1").get(f"/api/v1/cases/{story.number}/choices?action=delegate")
    told = offered.json["choices"]
    for name in ("unit", "worker"):
        choices = form.partition(f'name="{name}"')[2].partition("</select>")[0]
        values = re.findall(r'<option value="([^"]+)"', choices)
        assert sorted(values) == sorted(one["value"] for one in told[name])
    assert "市政" not in form
