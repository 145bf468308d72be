"""The page on which people decide what may be published."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_content import held, states
from tests.api.test_moderation import risky
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Drive
from tests.fake_wechat import FakeWeChat
from tests.statements import counted

LIST = "/console/supervision/moderation"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def decide(desk: Desk, decision: str, ids: list[str], **change: Any) -> Any:
    csrf = csrf_of(desk.get("/console/cases"))
    data = {"csrf": csrf, "once": uuid4().hex, "id": ids, "reason": "", "view": "held"}
    return desk.answer("POST", f"{LIST}/{decision}", data=data | change)


def test_nothing_to_decide_says_so(desk: Desk) -> None:
    assert "没有待审核的内容" in desk.get(LIST)
    assert "没有不予公开的内容" in desk.get(f"{LIST}?view=refused")


def test_held_words_and_photos_are_shown(drive: Drive, wechat: FakeWeChat, desk: Desk) -> None:
    made = risky(drive, wechat, description=HOSTILE)
    lily = drive.resident("b")
    photo = lily.photo()
    lily.report(photo_ids=[photo])
    drive.db.exec_driver_sql("UPDATE content_check SET state = 'held' WHERE photo_id IS NOT NULL")
    page = desk.get(LIST)
    assert made["case_number"] in page
    assert "时政" in page
    assert f"/console/photos/{photo}/thumb" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_several_are_released_at_once(drive: Drive, wechat: FakeWeChat, desk: Desk) -> None:
    made = [risky(drive, wechat, name) for name in "abc"]
    answer = decide(desk, "release", [one["check"] for one in made[:2]])
    assert answer.status_code == 302
    assert "已放行 2 项" in desk.get(answer.headers["Location"])
    assert [one["id"] for one in held(drive)] == [made[2]["check"]]
    assert states(drive, made[0]["case_number"]) == ["released"]


def test_one_is_released_by_its_own_button(drive: Drive, wechat: FakeWeChat, desk: Desk) -> None:
    first, second = (risky(drive, wechat, name) for name in "ab")
    answer = decide(desk, "release", [first["check"]], only=second["check"])
    assert answer.status_code == 302
    assert [one["id"] for one in held(drive)] == [first["check"]]


def test_a_refusal_needs_a_reason_and_can_be_taken_back(
    drive: Drive, wechat: FakeWeChat, desk: Desk
) -> None:
    made = risky(drive, wechat)
    refused = decide(desk, "refuse", [made["check"]])
    assert refused.status_code == 422
    assert 'id="reason-fault"' in refused.text
    assert re.search(rf'name="id" value="{made["check"]}" checked', refused.text)
    assert decide(desk, "refuse", [made["check"]], reason=HOSTILE).status_code == 302
    assert states(drive, made["case_number"]) == ["refused"]
    entry = drive.staff("desk").case(made["case_number"])["timeline"][-1]
    assert entry["texts"]["reason"] == HOSTILE
    assert made["case_number"] in desk.get(f"{LIST}?view=refused")
    assert decide(desk, "release", [made["check"]], view="refused").status_code == 302
    assert states(drive, made["case_number"]) == ["released"]


def test_the_same_form_sent_twice_decides_once(
    drive: Drive, wechat: FakeWeChat, desk: Desk
) -> None:
    made, once = risky(drive, wechat), uuid4().hex
    answers = [decide(desk, "release", [made["check"]], once=once) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    other = risky(drive, wechat, "b")
    mixed = decide(desk, "release", [other["check"]], once=once)
    assert mixed.status_code == 422
    assert "这个表单已经提交过" in mixed.text


def test_the_second_of_two_is_told_and_all_or_nothing_is_decided(
    drive: Drive, wechat: FakeWeChat, desk: Desk
) -> None:
    first, second = (risky(drive, wechat, name) for name in "ab")
    assert decide(desk, "release", [first["check"]]).status_code == 302
    supervisor = sign_in(drive, "supervisor")
    ids = [first["check"], second["check"]]
    late = decide(supervisor, "release", ids, reason="看过了")
    assert late.status_code == 409
    assert "他人" in late.text
    assert 'value="看过了"' in late.text
    assert states(drive, second["case_number"]) == ["held"]


@pytest.mark.parametrize(
    ("ids", "status"),
    [([], 422), (["x"], 404), (["9" * 18], 404), (["9" * 30], 404), (["1"] * 31, 404)],
    ids=["none", "no number", "unknown", "too long", "too many"],
)
def test_ids_that_are_none_are_refused(desk: Desk, ids: list[str], status: int) -> None:
    assert decide(desk, "release", ids).status_code == status


@pytest.mark.parametrize("username", ["unit1", "worker1", "admin"])
def test_others_neither_see_nor_decide(drive: Drive, wechat: FakeWeChat, username: str) -> None:
    made, other = risky(drive, wechat), sign_in(drive, username)
    other.get(LIST, status=403)
    assert decide(other, "release", [made["check"]]).status_code in (403, 404)
    assert states(drive, made["case_number"]) == ["held"]


def test_the_list_comes_in_pages(
    drive: Drive, wechat: FakeWeChat, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.console.moderation.PAGE", 2)
    made = [risky(drive, wechat, name) for name in "abc"]
    page = desk.get(LIST)
    assert [one["case_number"] in page for one in made] == [True, True, False]
    after = re.findall(r"cursor=([\w-]+)", page)[-1]
    page = desk.get(f"{LIST}?view=held&cursor={after}")
    assert [one["case_number"] in page for one in made] == [False, False, True]
    assert "从第一页开始" in desk.get(f"{LIST}?cursor=x", status=422)


@pytest.mark.parametrize("cases", [1, 3])
def test_the_list_takes_two_statements(
    drive: Drive, wechat: FakeWeChat, desk: Desk, cases: int
) -> None:
    for i in range(cases):
        risky(drive, wechat, f"p{i}")
    with counted(drive.db) as seen:
        desk.get(LIST)
    assert len(seen) == 2, seen
