"""The page of appeals: what waits for a supervisor, and deciding it."""

from typing import Any

import pytest

from app.services import audit_feed
from tests.api.story import Story
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Drive
from tests.statements import counted

LIST = "/console/supervision/appeals"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'


def appealed(drive: Drive, reason: str = "评价与事实不符") -> Story:
    story = Story(drive).start().resolve().close()
    story.call("feedback", solved=True, rating=1)
    story.unit.done(story.number, "appeal", reason=reason)
    return story


def decide(desk: Desk, story: Story, decision: str, **change: Any) -> Any:
    version = story.case()["version"]
    data = {"csrf": csrf_of(desk.get("/console/cases")), "version": version, "reason": "评价有效"}
    return desk.answer("POST", f"{LIST}/{story.number}/{decision}", data=data | change)


def test_no_appeals_say_when_there_are_some(drive: Drive) -> None:
    assert "三个工作日内可以申诉" in sign_in(drive, "supervisor").get(LIST)


def test_an_appeal_is_shown_with_what_it_is_against(drive: Drive) -> None:
    story = appealed(drive, HOSTILE)
    page = sign_in(drive, "supervisor").get(LIST)
    assert story.number in page
    assert "市民评价 1 分" in page
    assert "洪环卫" in page
    assert "已等" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(("decision", "said"), [("uphold", "申诉成立"), ("dismiss", "申诉不成立")])
def test_an_appeal_is_decided_and_leaves_the_list(drive: Drive, decision: str, said: str) -> None:
    story, supervisor = appealed(drive), sign_in(drive, "supervisor")
    answer = decide(supervisor, story, decision)
    assert answer.status_code == 302
    page = supervisor.get(answer.headers["Location"])
    assert f"已审理：{said}" in page
    assert story.number not in page
    entry = story.case()["timeline"][-1]
    assert (entry["action"], entry["texts"]["reason"]) == (decision, "评价有效")
    again = decide(supervisor, story, decision)
    assert again.status_code == 409
    assert "没有待审理的申诉" in again.text
    assert "您填写的内容：评价有效" in again.text


def test_an_appeal_that_the_audit_knows_is_found_as_well(drive: Drive) -> None:
    story = appealed(drive)
    while audit_feed.follow(drive.db, drive.kit.atlas()):
        pass
    supervisor = sign_in(drive, "supervisor")
    assert story.number in supervisor.get(LIST)
    decide(supervisor, story, "dismiss")
    assert story.number not in supervisor.get(LIST), "before the audit has followed"


def test_who_had_a_hand_in_the_case_may_not_decide(drive: Drive) -> None:
    story = appealed(drive)
    story.supervisor.done(story.number, "call_back", outcome="solved")
    supervisor = sign_in(drive, "supervisor")
    page = supervisor.get(LIST)
    assert "参与过本案的人不能审理申诉" in page
    assert "审理意见" not in page
    assert decide(supervisor, story, "uphold").status_code == 409
    assert "审理意见" in sign_in(drive, "supervisor2").get(LIST)


def test_two_decide_at_once(drive: Drive) -> None:
    story = appealed(drive)
    version = story.case()["version"]
    one, two = sign_in(drive, "supervisor"), sign_in(drive, "supervisor2")
    assert decide(one, story, "uphold", version=version).status_code == 302
    late = decide(two, story, "dismiss", version=version, reason="我认为不成立")
    assert late.status_code == 409
    assert "我认为不成立" in late.text


def test_a_refused_decision_stays_typed(drive: Drive) -> None:
    story, supervisor = appealed(drive), sign_in(drive, "supervisor")
    answer = decide(supervisor, story, "uphold", reason="长" * 501)
    assert answer.status_code == 422
    assert "长" * 501 in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert decide(supervisor, story, "uphold", version="x").status_code == 422
    assert decide(supervisor, story, "uphold", reason="").status_code == 422


@pytest.mark.parametrize(
    ("username", "status"), [("desk", 403), ("unit1", 403), ("worker1", 403), ("admin", 200)]
)
def test_who_reads_appeals_and_that_only_supervisors_decide(
    drive: Drive, username: str, status: int
) -> None:
    story, other = appealed(drive), sign_in(drive, username)
    page = other.get(LIST, status=status)
    assert "审理意见" not in page
    assert decide(other, story, "uphold").status_code == 403
    assert story.case()["timeline"][-1]["action"] == "appeal"


def test_no_other_action_is_taken_here(drive: Drive) -> None:
    story, supervisor = appealed(drive), sign_in(drive, "supervisor")
    assert decide(supervisor, story, "reopen").status_code == 404


def test_a_case_out_of_scope_is_not_found(drive: Drive) -> None:
    story = appealed(drive)
    supervisor = sign_in(drive, "supervisor")
    csrf = csrf_of(supervisor.get("/console/cases"))
    data = {"csrf": csrf, "version": "1", "reason": "x"}
    answer = supervisor.answer("POST", f"{LIST}/HY0/uphold", data=data)
    assert answer.status_code == 404
    assert story.case()["timeline"][-1]["action"] == "appeal"


@pytest.mark.parametrize("cases", [1, 3])
def test_the_list_takes_three_statements(drive: Drive, cases: int) -> None:
    for _ in range(cases):
        appealed(drive)
    supervisor = sign_in(drive, "supervisor")
    with counted(drive.db) as seen:
        supervisor.get(LIST)
    assert len(seen) == 3, seen
