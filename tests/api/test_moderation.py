"""People decide what WeChat did not clear: in scope, once, on the record."""

from typing import Any

import pytest

from app.clients.wechat import Verdict
from app.services import account
from tests.api.story import Story
from tests.api.test_content import checks, held, states
from tests.drive import Drive, place, problem
from tests.fake_wechat import FakeWeChat


def risky(drive: Drive, wechat: FakeWeChat, who: str = "lily", **more: Any) -> dict[str, Any]:
    """A held text: its case, report and id."""
    wechat.will("check_text", Verdict("risky", 20001))
    made = drive.resident(who).report("flyers", photo_ids=[], **more)
    drive.work("content.check")
    return made | {"check": checks(drive, made["case_number"])[0]["id"]}


def test_a_release_is_ledgered_and_leaves_the_queue(drive: Drive, wechat: FakeWeChat) -> None:
    made = risky(drive, wechat)
    desk = drive.staff("desk")
    answer = desk.post("/api/v1/moderation/release", {"ids": [made["check"]], "reason": "无问题"})
    assert (answer.status_code, answer.json) == (200, {"decided": 1})
    assert held(drive) == []
    entry = desk.case(made["case_number"])["timeline"][-1]
    assert (entry["action"], entry["role"]) == ("release_content", "dispatcher")
    assert entry["facts"]["checked"] == [{"seq": 1}]
    assert entry["texts"]["reason"] == "无问题"
    assert states(drive, made["case_number"]) == ["released"]


def test_a_refusal_is_ledgered_and_its_author_alone_is_told(
    drive: Drive, wechat: FakeWeChat
) -> None:
    made = risky(drive, wechat)
    tom = drive.resident("tom")
    tom.report("flyers", photo_ids=[], join_case=made["case_number"])
    desk = drive.staff("desk")
    answer = desk.post(
        "/api/v1/moderation/refuse", {"ids": [made["check"]], "reason": "含人身攻击"}
    )
    assert answer.status_code == 200
    drive.spread_notices()
    told = [n["title"] for n in drive.resident().get("/api/v1/notices").json["items"]]
    assert "内容不予公开" in told
    assert "内容不予公开" not in tom.get("/api/v1/notices").text
    assert desk.case(made["case_number"])["timeline"][-1]["action"] == "refuse_content"
    assert desk.case(made["case_number"])["status"] == made["status"]


def test_the_second_of_two_who_decide_is_told(drive: Drive, wechat: FakeWeChat) -> None:
    made = risky(drive, wechat)
    body = {"ids": [made["check"]], "reason": "无问题"}
    assert drive.staff("desk").post("/api/v1/moderation/release", body).status_code == 200
    late = drive.staff("supervisor").post("/api/v1/moderation/release", body)
    assert "他人" in problem(late, 409, "conflict")["detail"]
    entries = drive.staff("desk").case(made["case_number"])["timeline"]
    assert [e["action"] for e in entries].count("release_content") == 1


def test_what_was_released_may_still_be_refused(drive: Drive, wechat: FakeWeChat) -> None:
    made = risky(drive, wechat)
    desk = drive.staff("desk")
    desk.post("/api/v1/moderation/release", {"ids": [made["check"]]})
    answer = desk.post("/api/v1/moderation/refuse", {"ids": [made["check"]], "reason": "有投诉"})
    assert answer.status_code == 200
    assert states(drive, made["case_number"]) == ["refused"]
    refused = desk.get("/api/v1/moderation?state=refused").json["items"]
    assert [one["id"] for one in refused] == [made["check"]]


def test_many_are_decided_together_or_not_at_all(drive: Drive, wechat: FakeWeChat) -> None:
    ids = [risky(drive, wechat, f"p{i}", location=place())["check"] for i in range(3)]
    desk = drive.staff("desk")
    problem(desk.post("/api/v1/moderation/release", {"ids": [*ids, "999999999"]}), 404, "not-found")
    assert len(held(drive)) == 3
    assert desk.post("/api/v1/moderation/release", {"ids": ids}).json == {"decided": 3}
    assert held(drive) == []


def test_only_those_who_moderate_in_scope_see_and_decide(drive: Drive, wechat: FakeWeChat) -> None:
    made = risky(drive, wechat)
    body = {"ids": [made["check"]], "reason": "无问题"}
    for name in ("worker1", "unit1", "admin"):
        problem(drive.staff(name).get("/api/v1/moderation"), 403, "forbidden")
        answer = drive.staff(name).post("/api/v1/moderation/release", body)
        assert answer.status_code in {403, 404}
    assert states(drive, made["case_number"]) == ["held"]


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["x"]}, {"ids": ["1"] * 201}, {"ids": ["1"], "more": 1}]
)
def test_a_decision_that_makes_no_sense_is_refused(drive: Drive, body: dict[str, Any]) -> None:
    problem(drive.staff("desk").post("/api/v1/moderation/release", body), 422, "invalid-input")
    problem(drive.staff("desk").post("/api/v1/moderation/refuse", body), 422, "invalid-input")


def test_the_queue_comes_in_pages(drive: Drive, wechat: FakeWeChat) -> None:
    for i in range(3):
        risky(drive, wechat, f"p{i}")
    first = drive.staff("desk").get("/api/v1/moderation?limit=2").json
    rest = drive.staff("desk").get(f"/api/v1/moderation?limit=2&cursor={first['next_cursor']}").json
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]


def test_erased_words_are_never_published(drive: Drive, wechat: FakeWeChat) -> None:
    made = risky(drive, wechat)
    account.erase(drive.db, drive.resident().account_id)
    assert held(drive) == []
    late = drive.staff("desk").post("/api/v1/moderation/release", {"ids": [made["check"]]})
    problem(late, 409, "conflict")


def test_a_refused_picture_of_the_work_is_not_shown_to_reporters(drive: Drive) -> None:
    story = Story(drive).start().resolve()
    drive.work("photo.render")
    drive.work("content.check")
    after = next(one for one in held(drive) if one["kind"] == "photo")
    mine = f"/api/v1/reports/{story.report['id']}"
    shown = f"/api/v1/photos/{after['photo_id']}"
    assert after["photo_id"] in story.lily.get(mine).text
    assert story.lily.get(shown).status_code == 200
    body = {"ids": [after["id"]], "reason": "拍到路人正脸"}
    assert drive.staff("desk").post("/api/v1/moderation/refuse", body).status_code == 200
    assert after["photo_id"] not in story.lily.get(mine).text
    problem(story.lily.get(shown), 404, "not-found")
    assert drive.staff("desk").get(shown).status_code == 200
