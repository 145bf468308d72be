"""Who held a case how long, as its staff may read it."""

from datetime import datetime
from typing import Any

import pytest

from app.services.case_clock import STEP_LABELS
from models.calendar import STREET
from models.timer import FINAL_STEP
from tests.api.story import Story
from tests.drive import Drive, problem


def clock(story: Story) -> dict[str, Any]:
    answer = story.desk.get(f"/api/v1/cases/{story.number}/clock")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def seconds(began_at: str, ended_at: str) -> float:
    return (datetime.fromisoformat(ended_at) - datetime.fromisoformat(began_at)).total_seconds()


def test_a_round_is_the_sum_of_its_spans(drive: Drive) -> None:
    story = Story(drive).start().resolve()
    story.worker.done(story.number, "rework", reason="不净")
    story.resolve()
    found = clock(story)
    assert found["status"] == "resolved"
    (only,) = found["rounds"]
    assert only["ended_at"] is None
    assert [span["status"] for span in only["spans"]] == [
        "assigned", "in_progress", "resolved", "in_progress", "resolved",
    ]  # fmt: skip
    assert only["spans"][0]["holder"] == "unit:U-HW"
    assert only["spans"][0]["holder_name"].endswith("公司")
    assert only["spans"][2]["holder"].startswith("worker:")
    assert only["seconds"] == sum(span["seconds"] for span in only["spans"])
    assert only["seconds"] == sum(holder["seconds"] for holder in only["holders"])
    assert only["working_seconds"] == sum(span["working_seconds"] for span in only["spans"])
    handle = [limit for limit in only["limits"] if limit["clock"] == "handle"]
    assert [bool(limit["met_at"]) for limit in handle] == [True, True]
    assert not any(limit["late"] for limit in handle)
    start = next(limit for limit in only["limits"] if limit["clock"] == "start")
    assert (start["calendar"], start["step_label"]) == (STREET, "正常")
    check = only["limits"][-1]
    assert check["clock"] == "check"
    assert check["working_seconds_left"] > 0


def test_a_reopened_case_has_two_rounds_and_nobody_in_between(drive: Drive) -> None:
    story = Story(drive).start().resolve().close()
    story.lily.post(
        f"/api/v1/reports/{story.report['id']}/feedback", {"solved": False, "rating": 1}
    )
    found = clock(story)
    assert [one["round"] for one in found["rounds"]] == [1, 2]
    first, second = found["rounds"]
    assert first["ended_at"] == first["spans"][-1]["ended_at"] < second["began_at"]
    assert second["ended_at"] is None
    for one in found["rounds"]:
        length = seconds(one["began_at"], one["spans"][-1]["ended_at"])
        assert one["seconds"] == int(length)


@pytest.mark.parametrize("who", ["unit2", "worker6"])
def test_out_of_scope_there_is_no_clock(drive: Drive, who: str) -> None:
    story = Story(drive)
    path = f"/api/v1/cases/{story.number}/clock"
    problem(drive.staff(who).get(path), 404, "not-found")
    problem(story.lily.get(path), 403, "forbidden")


def test_every_step_has_its_word() -> None:
    assert len(STEP_LABELS) == FINAL_STEP + 1
