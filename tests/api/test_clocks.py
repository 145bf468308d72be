"""What moves a due time, what stops it, and what never does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.calendar import PLAIN, STREET
from models.case import Case
from tests.api.story import Story, due, in_days, status
from tests.drive import Drive, pointers, problem


def test_going_from_hand_to_hand_never_moves_the_due_time(drive: Drive) -> None:
    story = Story(drive)
    before = due(story.case())
    story.unit.done(story.number, "hand_back", reason="不属我司")
    story.desk.done(story.number, "accept", unit="U-CG")
    assert due(story.case()) == before
    drive.staff("unit14").done(story.number, "delegate", unit="U-HW")
    story.start()
    story.desk.done(story.number, "reassign", unit="U-JD1", reason="试")
    story.desk.done(story.number, "reassign", unit="U-HW", reason="试")
    story.start().resolve()
    story.worker.done(story.number, "rework", reason="不净")
    assert due(story.case()) == before
    handle = [c for c in story.case()["clocks"] if c["clock"] == "handle"]
    assert {datetime.fromisoformat(c["due_at"]) for c in handle} == {before}


def test_recategorising_counts_from_the_same_acceptance(drive: Drive) -> None:
    story = Story(drive)
    accepted = datetime.fromisoformat(story.case()["accepted_at"])
    done = story.desk.done(story.number, "recategorise", category="open-burning", reason="在烧")
    assert due(done) == accepted + timedelta(hours=2)
    assert datetime.fromisoformat(done["accepted_at"]) == accepted


def test_an_extension_is_granted_once_a_round(drive: Drive) -> None:
    story = Story(drive).start()
    later, early = in_days(2), in_days(0.001)
    problem(
        story.supervisor.act(story.number, "refuse_extension", reason="无"), 409, "illegal-move"
    )
    bad = story.unit.act(story.number, "ask_extension", due_at=early, reason="雨天")
    assert pointers(problem(bad, 422, "invalid-input")) == ["/due_at"]
    before = due(story.case())
    story.unit.done(story.number, "ask_extension", due_at=later, reason="雨天")
    assert due(story.case()) == before  # a pending request stops nothing
    again = story.unit.act(story.number, "ask_extension", due_at=later, reason="雨天")
    problem(again, 409, "illegal-move")
    story.supervisor.done(story.number, "refuse_extension", reason="抓紧")
    story.unit.done(story.number, "ask_extension", due_at=later, reason="雨天")
    done = story.supervisor.done(story.number, "grant_extension", due_at=later, reason="同意")
    assert due(done) == datetime.fromisoformat(later)
    again = story.unit.act(story.number, "ask_extension", due_at=in_days(3), reason="雨天")
    problem(again, 409, "illegal-move")


def ask_suspension(story: Story, **more: Any) -> Any:
    fields: dict[str, Any] = {
        "reason": "weather",
        "review_at": in_days(10),
        "photo_ids": [story.unit.photo()],
    }
    return story.unit.act(story.number, "ask_suspension", **(fields | more))


def test_suspension_stops_the_clock_and_comes_once_a_round(drive: Drive) -> None:
    story = Story(drive).start()
    problem(ask_suspension(story, review_at=in_days(91)), 422, "invalid-input")
    problem(ask_suspension(story, photo_ids=[]), 422, "invalid-input")
    problem(ask_suspension(story, reason="lazy"), 422, "invalid-input")
    assert ask_suspension(story).status_code == 200
    story.supervisor.done(story.number, "refuse_suspension", reason="可以处置")
    assert ask_suspension(story).status_code == 200
    before = due(story.case())
    grant_it: dict[str, Any] = {"reason": "weather", "review_at": in_days(10)}
    done = story.supervisor.done(story.number, "grant_suspension", **grant_it)
    assert status(done) == ("suspended", "none")
    running = {c["clock"] for c in done["clocks"] if not (c["met_at"] or c["cleared_at"])}
    assert running == {"suspension"}
    suspended_at = drive.db.execute(
        update(Case)
        .where(Case.number == story.number)
        .values(suspended_at=Case.suspended_at - timedelta(days=2))
        .returning(Case.suspended_at)
    ).scalar_one()
    resumed = story.unit.done(story.number, "resume")
    assert resumed["status"] == "in_progress"
    resumed_at = datetime.fromisoformat(resumed["timeline"][-1]["at"])
    assert suspended_at is not None
    stood = PLAIN[STREET].working_time_between(suspended_at, resumed_at)
    assert stood >= timedelta(hours=30)
    assert due(resumed) == PLAIN[STREET].add(before, stood)
    problem(ask_suspension(story), 409, "illegal-move")
    bare = story.supervisor.act(story.number, "grant_suspension", **grant_it)
    assert pointers(problem(bare, 422, "invalid-input")) == ["/photo_ids"]
    photo = story.supervisor.photo()
    own = story.supervisor.done(story.number, "grant_suspension", photo_ids=[photo], **grant_it)
    assert own["status"] == "suspended"
    story.supervisor.done(story.number, "resume")
    third = story.supervisor.act(story.number, "grant_suspension", **grant_it)
    problem(third, 409, "illegal-move")


@pytest.mark.parametrize("action", ["hand_back", "reassign"])
def test_an_emergency_keeps_its_control_limit_from_hand_to_hand(drive: Drive, action: str) -> None:
    story, unit = Story(drive, "pipe-burst"), drive.staff("unit2")

    def control() -> list[str]:
        clocks = story.case()["clocks"]
        return [c["due_at"] for c in clocks if c["clock"] == "control" and not c["cleared_at"]]

    before = control()
    assert before
    if action == "hand_back":
        unit.done(story.number, "hand_back", reason="不属我司")
        story.desk.done(story.number, "accept", unit="U-CG")
    else:
        story.desk.done(story.number, "reassign", unit="U-CG", reason="统筹")
    assert control() == before
