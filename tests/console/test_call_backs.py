"""The list of people to call back, their numbers, and what they say."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from models import moment
from models.account import AccessLog
from tests.api.story import REPLY, Story
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Drive
from tests.statements import counted

LIST = "/console/supervision/call-backs"
PHONE = "13800001234"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'


class Called(Story):
    """A case whose reporter left a number, or not, by a resident of that name."""

    def __init__(self, drive: Drive, name: str = "lily", **report: Any) -> None:
        self.drive, self.lily = drive, drive.resident(name)
        self.desk, self.unit = drive.staff("desk"), drive.staff("unit1")
        self.worker, self.supervisor = drive.staff("worker1"), drive.staff("supervisor")
        self.report = self.lily.report(**{"contact_phone": PHONE} | report)
        self.number = self.report["case_number"]
        self.start().resolve().close()


def listed(desk: Desk, path: str = LIST) -> list[str]:
    return re.findall(r'id="case-(HY\d+)"', desk.get(path))


def call(desk: Desk, story: Story, outcome: str = "solved", **change: Any) -> Any:
    version = story.case()["version"]
    data = {"csrf": csrf_of(desk.get("/console/cases")), "version": version, "outcome": outcome}
    return desk.answer("POST", f"{LIST}/{story.number}", data=data | change)


def look(desk: Desk, number: str, **fields: str) -> Any:
    data = {"csrf": csrf_of(desk.get("/console/cases"))} | fields
    return desk.answer("POST", f"{LIST}/{number}/reporters", data=data)


def rate(drive: Drive, story: Story, rating: int) -> None:
    answer = story.call("feedback", solved=True, rating=rating, comment=HOSTILE)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def test_nobody_to_call_says_so(desk: Desk) -> None:
    assert "没有要回访的案卷" in desk.get(LIST)


def test_who_left_a_number_is_listed_the_oldest_closing_first(drive: Drive, desk: Desk) -> None:
    stories = [Called(drive, name) for name in "ab"]
    Story(drive).start().resolve().close()
    assert listed(desk) == [story.number for story in stories]
    page = desk.get(LIST)
    assert PHONE not in page
    assert REPLY in page


def test_those_who_are_not_satisfied_come_first(drive: Drive, desk: Desk) -> None:
    first, second = Called(drive, "a"), Called(drive, "b")
    rate(drive, second, rating=4)
    assert listed(desk) == [first.number, second.number]
    drive.db.execute(text("UPDATE feedback SET solved = false"))
    assert listed(desk) == [second.number, first.number]
    page = desk.get(LIST)
    assert "市民说未解决" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("outcome", ["solved", "unsolved"])
def test_who_was_reached_leaves_the_list(drive: Drive, desk: Desk, outcome: str) -> None:
    story = Called(drive)
    answer = call(desk, story, outcome, comment=HOSTILE)
    assert answer.status_code == 302
    page = desk.get(answer.headers["Location"])
    assert "已记录回访结果" in page
    assert listed(desk) == []
    entry = story.case()["timeline"][-1]
    assert (entry["action"], entry["facts"]["outcome"]) == ("call_back", outcome)
    assert entry["texts"]["comment"] == HOSTILE


def test_who_was_not_reached_comes_again_the_next_day_three_times_in_all(
    drive: Drive, desk: Desk
) -> None:
    story, now = Called(drive), datetime.now(UTC)
    for day in range(3):
        with moment.at(now + timedelta(days=day)):
            assert listed(desk) == [story.number]
            assert call(desk, story, "unreachable").status_code == 302
            assert listed(desk) == [], "not again on the same day"
    with moment.at(now + timedelta(days=3)):
        assert listed(desk) == []


def test_after_fifteen_days_nobody_is_called(drive: Drive, desk: Desk) -> None:
    Called(drive)
    with moment.at(datetime.now(UTC) + timedelta(days=14)):
        assert len(listed(desk)) == 1
    with moment.at(datetime.now(UTC) + timedelta(days=16)):
        assert listed(desk) == []


def test_a_case_that_was_reopened_and_closed_is_called_about_again(
    drive: Drive, desk: Desk
) -> None:
    story = Called(drive)
    call(desk, story, "unsolved")
    story.supervisor.done(story.number, "reopen", reason="没有解决")
    assert listed(desk) == []
    story.start().resolve().close()
    assert listed(desk) == [story.number]


def test_reports_of_staff_and_withdrawn_ones_are_not_called_about(drive: Drive, desk: Desk) -> None:
    story = Called(drive)
    drive.db.execute(text("UPDATE report SET by_staff = true"))
    assert listed(desk) == []
    drive.db.execute(text("UPDATE report SET by_staff = false, withdrawn_at = now()"))
    assert listed(desk) == []
    drive.db.execute(text("UPDATE report SET withdrawn_at = null, source = 'patrol'"))
    assert listed(desk) == []
    drive.db.execute(text("UPDATE report SET source = 'phone'"))
    assert listed(desk) == [story.number]


def test_a_number_is_shown_on_request_and_the_look_is_logged(drive: Drive, desk: Desk) -> None:
    story = Called(drive)
    answer = look(desk, story.number)
    assert answer.status_code == 200
    assert PHONE in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    logged = drive.db.execute(select(AccessLog)).all()
    assert [row.what for row in logged] == ["reporters"]
    assert PHONE not in desk.get(LIST)


def test_anonymous_reporters_are_for_supervisors_with_a_reason(drive: Drive, desk: Desk) -> None:
    story = Called(drive, anonymous=True)
    assert listed(desk) == []
    assert PHONE not in look(desk, story.number).text
    supervisor = sign_in(drive, "supervisor")
    assert listed(supervisor) == [story.number]
    refused = look(supervisor, story.number)
    assert refused.status_code == 422
    assert "须填写理由" in refused.text
    assert PHONE not in refused.text
    assert look(supervisor, story.number, reason="长" * 201).status_code == 422
    assert PHONE in look(supervisor, story.number, reason="回访").text


def test_a_refused_call_back_stays_typed(drive: Drive, desk: Desk) -> None:
    story = Called(drive)
    for change in ({"outcome": "x"}, {"outcome": ""}, {"version": ""}, {"version": "0"}):
        answer = call(desk, story, **{"comment": "写到一半的说明"} | change)
        assert answer.status_code in (409, 422), change
        assert "写到一半的说明" in answer.text
    assert listed(desk) == [story.number]


def test_two_call_at_once(drive: Drive, desk: Desk) -> None:
    story = Called(drive)
    version = story.case()["version"]
    assert call(desk, story, version=version).status_code == 302
    late = call(sign_in(drive, "supervisor"), story, "unsolved", version=version, comment="还没")
    assert late.status_code == 409
    assert "刚刚有更新" in late.text
    assert "还没" in late.text
    actions = [entry["action"] for entry in story.case()["timeline"]]
    assert actions.count("call_back") == 1


@pytest.mark.parametrize("username", ["unit1", "worker1", "admin"])
def test_others_neither_see_nor_call(drive: Drive, username: str) -> None:
    story, other = Called(drive), sign_in(drive, username)
    other.get(LIST, status=403)
    assert call(other, story).status_code == 403
    if username != "admin":
        assert look(other, story.number).status_code == 404


def test_a_case_out_of_scope_is_not_found(desk: Desk) -> None:
    data = {"csrf": csrf_of(desk.get("/console/cases")), "version": "1", "outcome": "solved"}
    assert desk.answer("POST", f"{LIST}/HY0", data=data).status_code == 404
    assert look(desk, "HY0").status_code == 404


def test_the_list_comes_in_pages_that_keep_their_place(
    drive: Drive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.console.call_backs.PAGE", 2)
    stories = [Called(drive, name) for name in "abcde"]
    rate(drive, stories[3], rating=2)
    order = [stories[i].number for i in (3, 0, 1, 2, 4)]
    seen, path = [], LIST
    for _ in range(3):
        page = desk.get(path)
        seen += re.findall(r'id="case-(HY\d+)"', page)
        after = re.findall(r"\?cursor=([\w-]+)", page)
        path = f"{LIST}?cursor={after[-1]}" if after else LIST
    assert seen == order
    assert "从第一页开始" in desk.get(f"{LIST}?cursor=WzEsMSwxXQ", status=422)


@pytest.mark.parametrize("cases", [1, 4])
def test_the_list_takes_two_statements(drive: Drive, desk: Desk, cases: int) -> None:
    for i in range(cases):
        Called(drive, f"p{i}")
    with counted(drive.db) as seen:
        desk.get(LIST)
    assert len(seen) == 2, seen
