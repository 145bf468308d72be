"""Who may check what, hand-back and arbitration, requests for time, and clocks through it all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, insert, select, update

from app.services.area import CurrentAtlas
from models.account import Account, RoleGrant
from models.case import Case
from models.ledger import LedgerEntry
from models.timer import Timer
from tests.api.story import REPLY, Story, due, status
from tests.drive import Drive, Person, pointers, problem


def draws(drive: Drive, number: str) -> bool:
    """Whether the case's resolution was drawn for a check on site, by its entry's hash."""
    own = (
        select(LedgerEntry.hash)
        .join(Case, Case.id == LedgerEntry.case_id)
        .where(Case.number == number, LedgerEntry.action == "resolve")
        .order_by(LedgerEntry.seq.desc())
    )
    return drive.db.execute(own).scalars().first()[0] % 5 == 0  # type: ignore[index]


def grant(drive: Drive, person: Person, role: str, scope: str = "all", code: str = "") -> None:
    drive.db.execute(
        insert(RoleGrant).values(account_id=person.account_id, role=role, scope=scope, code=code)
    )


def join_unit(drive: Drive, person: Person, unit: str | None) -> None:
    drive.db.execute(update(Account).where(Account.id == person.account_id).values(unit=unit))


def test_nobody_checks_what_they_reported_handled_or_answer_for(drive: Drive) -> None:
    story = Story(drive).start().resolve()
    fields: dict[str, Any] = {"method": "desk", "reply": REPLY}
    for unit in ("U-HW", "U-CG", "U-GWH"):  # the holder and those above it
        join_unit(drive, story.desk, unit)
        problem(story.desk.act(story.number, "pass", **fields), 409, "illegal-move")
        problem(story.desk.act(story.number, "rework", reason="不净"), 409, "illegal-move")
    join_unit(drive, story.desk, "U-ZB")
    grant(drive, story.desk, "unit_staff", "unit", "U-HW")
    problem(story.desk.act(story.number, "rework", reason="不净"), 409, "illegal-move")
    drive.db.execute(
        delete(RoleGrant).where(
            RoleGrant.code == "U-HW", RoleGrant.account_id == story.desk.account_id
        )
    )
    grant(drive, story.unit, "supervisor")
    problem(story.unit.act(story.number, "rework", reason="不净"), 409, "illegal-move")
    assert story.desk.done(story.number, "rework", reason="不净")["status"] == "in_progress"


def test_a_contractor_does_not_check_the_unit_it_works_for(drive: Drive) -> None:
    story = Story(drive)
    story.desk.done(story.number, "reassign", unit="U-CG", reason="城管统筹")
    head = drive.staff("unit14")
    head.done(story.number, "start")
    photo = head.photo()
    head.done(story.number, "resolve", outcome="fixed", comment="清走", photo_ids=[photo])
    join_unit(drive, story.worker, "U-HW")
    found = problem(story.worker.act(story.number, "rework", reason="不净"), 409, "illegal-move")
    assert "rework" not in found["allowed"]
    join_unit(drive, story.worker, "U-JD1")
    assert story.worker.done(story.number, "rework", reason="不净")["status"] == "in_progress"


def test_one_who_reported_does_not_check_and_one_who_started_neither(drive: Drive) -> None:
    desk, worker = drive.staff("desk"), drive.staff("worker1")
    made = worker.report("flyers", photo_ids=[], patrol=True)
    unit = drive.staff("unit4")
    number = made["case_number"]
    assert unit.case(number)["status"] == "assigned"  # patrol is accepted directly
    unit.done(number, "start")
    done = unit.done(
        number, "resolve", outcome="fixed", comment="撕除小广告并清洗墙面，共三处，地面已扫净"
    )
    assert done["holder"] == "desk"  # the worker on duty reported it
    problem(worker.act(number, "rework", reason="不净"), 409, "illegal-move")
    grant(drive, unit, "dispatcher")
    drive.db.execute(delete(RoleGrant).where(RoleGrant.code == "U-ZF"))
    join_unit(drive, unit, None)
    problem(unit.act(number, "rework", reason="不净"), 409, "illegal-move")
    assert desk.done(number, "rework", reason="不净")["status"] == "in_progress"


def test_a_drawn_fifth_is_checked_on_site_and_the_rest_may_be_from_the_desk(drive: Drive) -> None:
    seen = set()
    unit, desk = drive.staff("unit4"), drive.staff("desk")
    fields: dict[str, Any] = {"method": "desk", "reply": REPLY}
    note = "撕除小广告并清洗墙面，共三处，地面已扫净"
    for _ in range(60):
        number = drive.staff("supervisor").report(
            "flyers", photo_ids=[], source="phone", description="小广告"
        )["case_number"]
        if desk.case(number)["status"] == "submitted":
            desk.done(number, "accept")
        unit.done(number, "start")
        unit.done(number, "resolve", outcome="fixed", comment=note)
        drawn = draws(drive, number)
        if drawn in seen:
            continue
        seen.add(drawn)
        assert bool(desk.case(number)["on_site_check"]) == drawn
        answer = desk.act(number, "pass", **fields)
        if drawn:
            assert pointers(problem(answer, 422, "evidence-refused")) == ["/method"]
        else:
            assert answer.json["status"] == "closed"
        if len(seen) == 2:
            break
    assert seen == {True, False}


def test_rework_and_unproven_evidence_force_a_check_on_site(drive: Drive) -> None:
    story = Story(drive).start()
    unproven = story.unit.photo(at=None, timed=False)
    done = story.unit.done(
        story.number, "resolve", outcome="fixed", comment="清走", photo_ids=[unproven]
    )
    assert done["timeline"][-1]["facts"]["unproven"] is True
    desk: dict[str, Any] = {"method": "desk", "reply": REPLY}
    problem(story.worker.act(story.number, "pass", **desk), 422, "evidence-refused")
    story.worker.done(story.number, "rework", reason="角落未清")
    story.resolve()
    answer = story.worker.act(story.number, "pass", **desk)
    assert "返工" in problem(answer, 422, "evidence-refused")["detail"]
    bare = story.worker.act(
        story.number, "pass", method="on_site", reply="已处理完毕，感谢您的反映。"
    )
    assert pointers(problem(bare, 422, "invalid-input")) == ["/reply"]
    none = story.worker.act(story.number, "pass", method="on_site", reply=REPLY)
    problem(none, 422, "evidence-refused")
    assert story.close().case()["status"] == "closed"


def test_the_second_hand_back_is_a_supervisors_and_final(drive: Drive) -> None:
    story = Story(drive)
    before = due(story.case())
    story.unit.done(story.number, "hand_back", reason="不属我司")
    assert status(story.case()) == ("submitted", "desk")
    problem(story.supervisor.act(story.number, "accept"), 409, "illegal-move")
    story.desk.done(story.number, "accept", unit="U-HW")
    story.unit.done(story.number, "hand_back", reason="仍不属我司")
    found = story.case()
    assert (status(found), found["arbitrated"]) == (("submitted", "supervisor"), True)
    refused: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"unit": "U-HW"}),
        ("ask_reporter", {"question": "?"}),
        ("ask_verification", {}),
        ("reject", {"reason": "other", "reply": "不归我们管"}),
    ]
    for action, fields in refused:
        problem(story.desk.act(story.number, action, **fields), 409, "illegal-move")
    story.supervisor.done(story.number, "accept", unit="U-HW")
    assert due(story.case()) == before
    problem(story.unit.act(story.number, "hand_back", reason="不属我司"), 409, "illegal-move")


def test_a_supervisor_elsewhere_who_is_desk_here_does_not_arbitrate(drive: Drive) -> None:
    story = Story(drive)
    for unit in ("U-HW", "U-HW"):
        story.unit.done(story.number, "hand_back", reason="不属我司")
        if not story.case()["arbitrated"]:
            story.desk.done(story.number, "accept", unit=unit)
    grant(drive, story.desk, "supervisor", "area", "439900002")
    problem(story.desk.act(story.number, "accept", unit="U-HW"), 409, "illegal-move")


def test_nothing_is_handed_back_past_the_start_limit(drive: Drive) -> None:
    story = Story(drive)
    past = datetime.now(UTC) - timedelta(minutes=1)
    drive.db.execute(
        update(Timer).where(Timer.clock == "start", Timer.met_at.is_(None)).values(due_at=past)
    )
    assert "hand_back" not in [a["action"] for a in story.unit.case(story.number)["actions"]]
    problem(story.unit.act(story.number, "hand_back", reason="不属我司"), 409, "illegal-move")


def test_outside_duty_hours_the_duty_room_hears_of_it_lists_it_and_checks(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    rooms = replace(atlas, duties=[d for d in atlas.duties if d.worker is None])
    own = replace(drive.kit, atlas=cast("CurrentAtlas", lambda: rooms))
    drive.client.application.extensions["kit"] = own
    story, room = Story(drive).start().resolve(), drive.staff("worker11")
    assert story.case()["holder"] == "unit:U-ZB1"
    mine = room.get("/api/v1/cases?holder=me").json["items"]
    assert [case["number"] for case in mine] == [story.number]
    drive.spread_notices()
    heard = room.get("/api/v1/notices").json["items"]
    assert "有案卷待核查" in [notice["title"] for notice in heard]
    other = story.unit.get("/api/v1/notices").json["items"]
    assert "有案卷待核查" not in [notice["title"] for notice in other]
    assert room.done(story.number, "rework", reason="角落未清")["status"] == "in_progress"
