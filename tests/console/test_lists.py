"""Lists of cases as a person wants them: days, columns, kept under a name, several acted on."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from models.case import Case
from models.saved_view import SavedView
from tests.api.story import Story
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Answer, Drive

LIST = "/console/cases"


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def send(desk: Desk, path: str, **fields: Any) -> Answer:
    data = {"csrf": csrf_of(desk.get(LIST)), **fields}
    return desk.answer("POST", path, data=data)


def test_days_are_whole_days(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    drive.db.execute(update(Case).values(submitted_at="2026-03-05 23:30+08"))
    assert story.number in desk.get(f"{LIST}?from=2026-03-05&to=2026-03-05")
    assert story.number not in desk.get(f"{LIST}?from=2026-03-06")
    assert story.number not in desk.get(f"{LIST}?to=2026-03-04")


@pytest.mark.parametrize("day", ["yesterday", "9999-12-31", "2026-02-30"])
def test_what_is_no_day_is_named(desk: Desk, day: str) -> None:
    assert "筛选条件有误（until）" in desk.get(f"{LIST}?to={day}", status=422)


def test_columns_are_chosen_in_the_address(drive: Drive, desk: Desk) -> None:
    Story(drive)
    page = desk.get(f"{LIST}?columns=source&columns=street&columns=none")
    heading = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heading == ["编号", "街道", "来源"]
    assert "市民上报</td>" in page
    assert "columns=source%2Cstreet%2Cnone" in page, "the links keep them"
    usual = re.findall(r'<th scope="col">([^<]+)</th>', desk.get(f"{LIST}?columns=none"))
    assert usual == ["编号", "类别", "状态", "期限", "描述", "网格", "责任单位", "上报"]


def test_a_list_is_kept_under_a_name(drive: Drive, desk: Desk) -> None:
    Story(drive)
    query = "category=flyers&sort=due_at"
    for _ in range(2):
        assert send(desk, f"{LIST}/views", name="我的单子 <b>", query=query).status_code == 302
    page = desk.get(f"{LIST}?{query}")
    assert 'aria-current="true">我的单子 &lt;b&gt;</a>' in page
    (kept,) = drive.db.execute(select(SavedView.id)).scalars()
    other = sign_in(drive, "supervisor")
    assert "我的单子" not in other.get(f"{LIST}?{query}")
    assert send(other, f"{LIST}/views/{kept}/forget").status_code == 404
    assert send(desk, f"{LIST}/views/{kept}/forget").status_code == 302
    assert "我的单子" not in desk.get(f"{LIST}?{query}")
    assert send(desk, f"{LIST}/views/{kept}/forget").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " ", "query": ""}, "请填写名称"),
        ({"name": "字" * 21, "query": ""}, "最多 20 个字"),
        ({"name": "a\x00", "query": ""}, "请填写名称"),
        ({"name": "好", "query": "q=" + "a" * 2000}, "筛选条件太长"),
    ],
)
def test_what_cannot_be_kept_is_said(
    drive: Drive, desk: Desk, fields: dict[str, str], words: str
) -> None:
    Story(drive)
    answer = send(desk, f"{LIST}/views", **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_there_is_an_end_to_kept_lists(
    drive: Drive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.saved_view.MOST_VIEWS", 1)
    Story(drive)
    assert send(desk, f"{LIST}/views", name="一", query="").status_code == 302
    assert send(desk, f"{LIST}/views", name="二", query="").status_code == 422
    assert send(desk, f"{LIST}/views", name="一", query="q=x").status_code == 302


def picked(page: str) -> list[str]:
    return re.findall(r'name="cases" value="(HY\d+ \d+)"', page)


def test_several_cases_go_to_another_unit(drive: Drive, desk: Desk) -> None:
    first, second = Story(drive), Story(drive, "road-damage")
    waiting = drive.resident("w").report("cooking-fumes", photo_ids=[])["case_number"]
    chosen = picked(desk.get(LIST))
    assert {one.split()[0] for one in chosen} == {first.number, second.number}
    assert waiting not in str(chosen), "only what can be given to another"
    drive.staff("desk").done(second.number, "remark", comment="先到的")
    fields = {"cases": chosen, "unit": "U-YL", "reason": "按权责应由园林办理"}
    answer = send(desk, f"{LIST}/reassign", **fields)
    assert "已把 1 件改派给" in answer.text
    assert "刚刚被他人更新" in answer.text
    assert first.case()["unit"] == "U-YL"
    assert second.case()["unit"] != "U-YL"
    again = send(desk, f"{LIST}/reassign", **fields)
    assert "2 件没有改派" in again.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"unit": "", "reason": "换单位"}, "必填"),
        ({"unit": "U-SZ", "reason": " "}, "必填"),
        ({"unit": "U-SZ", "reason": "字" * 501}, "最多 500 个字"),
    ],
)
def test_nothing_chosen_is_lost_by_a_refusal(
    drive: Drive, desk: Desk, fields: dict[str, str], words: str
) -> None:
    story = Story(drive)
    chosen = picked(desk.get(LIST))
    answer = send(desk, f"{LIST}/reassign", cases=chosen, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert picked(answer.text) == chosen
    assert fields["reason"].strip() in answer.text
    assert story.case()["unit"] == "U-HW"


def test_reassigning_nothing_says_what_to_do(drive: Drive, desk: Desk) -> None:
    Story(drive)
    answer = send(desk, f"{LIST}/reassign", unit="U-SZ", reason="换单位")
    assert answer.status_code == 422
    assert "没有选择案卷" in answer.text


def test_who_may_not_reassign_is_refused_case_by_case(drive: Drive) -> None:
    story = Story(drive)
    unit = sign_in(drive, "unit1")
    assert picked(unit.get(LIST)) == []
    version = story.case()["version"]
    answer = send(
        unit, f"{LIST}/reassign", cases=[f"{story.number} {version}"], unit="U-SZ", reason="换单位"
    )
    assert "1 件没有改派" in answer.text
    stranger = sign_in(drive, "unit4")
    answer = stranger.answer(
        "POST",
        f"{LIST}/reassign",
        data={
            "csrf": csrf_of(stranger.get(LIST)),
            "cases": [f"{story.number} {version}", "none x"],
            "unit": "U-SZ",
            "reason": "换单位",
        },
    )
    assert "没有这个案卷" in answer.text
    assert "页面不完整" in answer.text
    assert story.case()["unit"] == "U-HW"
