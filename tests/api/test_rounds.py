"""What reporters do with their own reports, merging, and new rounds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.account import Account, RoleGrant
from models.case import Case
from models.geo import Point
from models.report import Report
from tests.api.story import REPLY, Story, in_days, status
from tests.drive import Drive, place, pointers, problem

NOTE = "撕除小广告并清洗墙面，共三处，地面已扫净"


def flyers(drive: Drive, name: str = "lily", **more: Any) -> dict[str, Any]:
    """A report that needs no photo and goes straight to unit4."""
    return drive.resident(name).report("flyers", photo_ids=[], description="墙上小广告", **more)


def close(drive: Drive, number: str) -> None:
    """Closes it; only what must be checked on site costs a photo."""
    unit, desk = drive.staff("unit4"), drive.staff("desk")
    if desk.case(number)["status"] == "assigned":
        unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment=NOTE)
    on_site = desk.case(number)["on_site_check"]
    photos = [desk.photo()] if on_site else []
    method = "on_site" if on_site else "desk"
    desk.done(number, "pass", method=method, reply=REPLY, photo_ids=photos)


def call(drive: Drive, name: str, made: dict[str, Any], what: str, **body: Any) -> Any:
    return drive.resident(name).post(f"/api/v1/reports/{made['id']}/{what}", body)


def backdate(drive: Drive, number: str, days: float) -> None:
    past = datetime.now(UTC) - timedelta(days=days)
    drive.db.execute(
        update(Case).where(Case.number == number).values(closed_at=past, changed_at=past)
    )


def test_withdrawing_before_acceptance_ends_the_case_with_its_last_report(drive: Drive) -> None:
    made = drive.resident().report("street-noise", photo_ids=[])
    number = made["case_number"]
    joined = drive.resident("tom").report("street-noise", photo_ids=[], join_case=number)
    assert call(drive, "lily", made, "withdraw").json["withdrawn"] is True
    assert drive.staff("desk").case(number)["status"] == "submitted"
    problem(call(drive, "lily", made, "withdraw"), 409, "illegal-move")
    problem(call(drive, "lily", made, "urge"), 409, "illegal-move")
    assert call(drive, "tom", joined, "withdraw").status_code == 200
    assert status(drive.staff("desk").case(number)) == ("withdrawn", "none")


def test_withdrawing_after_acceptance_leaves_the_case_on_its_way(drive: Drive) -> None:
    made = flyers(drive)
    assert call(drive, "lily", made, "withdraw").status_code == 200
    found = drive.staff("desk").case(made["case_number"])
    assert status(found) == ("assigned", "unit")
    drive.staff("unit4").done(made["case_number"], "hand_back", reason="不归我们")
    drive.staff("desk").done(made["case_number"], "accept", unit="U-HW")


def test_a_public_open_case_of_the_same_category_is_joined(drive: Drive) -> None:
    made = flyers(drive)
    number = made["case_number"]
    tom = drive.resident("tom")
    nearby = tom.post("/api/v1/locate", {"location": place()}).json["nearby"]
    assert number in [case["number"] for case in nearby]
    joined = tom.report("flyers", photo_ids=[], description="我也看到", join_case=number)
    assert joined["case_number"] == number
    assert drive.staff("desk").case(number)["reports"] == 2
    body: dict[str, Any] = {"description": "我也看到", "location": place(), "join_case": number}
    refused = [
        (drive.resident("lily"), body),  # already reported it
        (drive.resident("ann"), body | {"category": "road-damage"}),
        (drive.resident("ann"), body | {"location": place(Point(112.5707, 26.9))}),
        (drive.resident("ann"), body | {"join_case": "HY0"}),
    ]
    for person, sent in refused:
        found = problem(person.post("/api/v1/reports", sent), 422, "invalid-input")
        assert pointers(found) == ["/join_case"]
    problem(drive.staff("unit4").post("/api/v1/reports", body), 403, "forbidden")
    close(drive, number)
    late = problem(drive.resident("ann").post("/api/v1/reports", body), 422, "invalid-input")
    assert pointers(late) == ["/join_case"]


def test_a_case_that_is_not_public_is_not_joined(drive: Drive) -> None:
    number = drive.resident().report("food-safety", photo_ids=[])["case_number"]
    body: dict[str, Any] = {"description": "x", "location": place(), "join_case": number}
    problem(drive.resident("tom").post("/api/v1/reports", body), 422, "invalid-input")
    assert drive.resident("tom").post("/api/v1/locate", {"location": place()}).json["nearby"] == []


def test_urging_is_once_a_day(drive: Drive) -> None:
    made = flyers(drive)
    assert call(drive, "lily", made, "urge").status_code == 200
    problem(call(drive, "lily", made, "urge"), 409, "illegal-move")
    a_day_ago = datetime.now(UTC) - timedelta(days=1, seconds=1)
    drive.db.execute(update(Report).where(Report.id == int(made["id"])).values(urged_at=a_day_ago))
    assert call(drive, "lily", made, "urge").status_code == 200


def test_feedback_is_once_a_round_and_not_solved_begins_a_new_one(drive: Drive) -> None:
    made = flyers(drive)
    number = made["case_number"]
    good = {"solved": True, "rating": 5}
    problem(call(drive, "lily", made, "feedback", **good), 409, "illegal-move")
    close(drive, number)
    first = drive.staff("desk").case(number)
    for bad in ({"solved": True}, {"solved": True, "rating": 0}, {"solved": True, "rating": 6}):
        problem(call(drive, "lily", made, "feedback", **bad), 422, "invalid-input")
    answer = call(drive, "lily", made, "feedback", solved=False, rating=1, comment="还在")
    assert answer.json["status"] == "assigned"
    again = drive.staff("desk").case(number)
    assert (again["round"], again["unit"], again["started_at"]) == (2, "U-ZF", None)
    assert again["accepted_at"] > first["accepted_at"]
    assert again["due_at"] >= first["due_at"]
    assert again["reports_received"][0]["feedback"][0]["solved"] is False
    close(drive, number)
    assert call(drive, "lily", made, "feedback", **good).json["status"] == "closed"
    problem(call(drive, "lily", made, "feedback", **good), 409, "illegal-move")


def test_reporters_reopen_twice_together_and_then_no_more(drive: Drive) -> None:
    made = flyers(drive)
    number = made["case_number"]
    joined = flyers(drive, "tom", join_case=number)
    for name, report in (("lily", made), ("tom", joined)):
        close(drive, number)
        call(drive, name, report, "feedback", solved=False, rating=2)
    assert drive.staff("desk").case(number)["round"] == 3
    close(drive, number)
    answer = call(drive, "lily", made, "feedback", solved=False, rating=1)
    assert answer.status_code == 200  # heard, and shown, but not reopened
    assert answer.json["status"] == "closed"
    problem(drive.staff("desk").act(number, "reopen", reason="复发"), 403, "forbidden")
    done = drive.staff("supervisor").done(number, "reopen", reason="现场未解决")
    assert (done["status"], done["round"]) == ("assigned", 4)


def test_after_fifteen_days_a_reporter_reopens_nothing(drive: Drive) -> None:
    made = flyers(drive)
    close(drive, made["case_number"])
    backdate(drive, made["case_number"], 15.01)
    late = call(drive, "lily", made, "feedback", solved=False, rating=1)
    assert late.json["status"] == "closed"
    other = flyers(drive, "tom", location=place(Point(112.5707, 26.9)))
    close(drive, other["case_number"])
    backdate(drive, other["case_number"], 14.99)
    early = call(drive, "tom", other, "feedback", solved=False, rating=1)
    assert early.json["status"] == "assigned"


def test_an_appeal_against_a_rejection_goes_to_a_supervisor(drive: Drive) -> None:
    made = drive.resident().report("street-noise", photo_ids=[])
    number, desk = made["case_number"], drive.staff("desk")
    problem(call(drive, "lily", made, "appeal", reason="确有"), 409, "illegal-move")
    desk.done(number, "reject", reason="not_found", reply="现场未发现噪声源，分贝未超标")
    assert call(drive, "lily", made, "appeal", reason="每晚都有").json["status"] == "submitted"
    assert status(desk.case(number)) == ("submitted", "supervisor")
    problem(desk.act(number, "accept"), 409, "illegal-move")
    assert drive.staff("supervisor").done(number, "accept")["status"] == "assigned"


def test_merging_moves_the_reports_and_keeps_the_earliest_due_time(drive: Drive) -> None:
    first, second = flyers(drive), flyers(drive, "tom", location=place(Point(112.5707, 26.9)))
    source, target = first["case_number"], second["case_number"]
    desk = drive.staff("desk")
    before = desk.case(source)["due_at"]
    for bad in (source, "HY0"):
        found = problem(desk.act(source, "merge", target=bad), 422, "invalid-input")
        assert pointers(found) == ["/target"]
    done = desk.done(source, "merge", target=target)
    assert status(done) == ("merged", "none")
    taken = desk.case(target)
    assert (taken["reports"], taken["due_at"]) == (2, before)
    assert [r["reporter"] for r in taken["reports_received"]] == ["市民甲", "市民乙"]
    mine = drive.resident().get(f"/api/v1/reports/{first['id']}").json
    assert (mine["case_number"], mine["description"]) == (target, "墙上小广告")
    problem(desk.act(source, "merge", target=target), 409, "illegal-move")
    close(drive, target)
    assert call(drive, "lily", first, "feedback", solved=True, rating=5).status_code == 200
    third = flyers(drive, "ann", location=place(Point(112.5714, 26.9)))
    late = desk.act(third["case_number"], "merge", target=target)
    assert pointers(problem(late, 422, "invalid-input")) == ["/target"]


def test_merging_into_a_case_not_yet_accepted_does_not_restart_the_clock(drive: Drive) -> None:
    old, new = flyers(drive), drive.resident("tom").report("street-noise", photo_ids=[])
    desk = drive.staff("desk")
    before = desk.case(old["case_number"])["due_at"]
    desk.done(old["case_number"], "merge", target=new["case_number"])
    assert desk.done(new["case_number"], "accept")["due_at"] == before


def test_merging_shows_the_photos_of_the_moved_reports(drive: Drive) -> None:
    story = Story(drive)
    target = flyers(drive, "tom", location=place(Point(112.5707, 26.9)))["case_number"]
    story.desk.done(story.number, "merge", target=target)
    moved = story.desk.case(target)["reports_received"][1]
    assert [photo["role"] for photo in moved["photos"]] == ["report"]


def test_a_merge_with_a_case_out_of_scope_is_refused(drive: Drive) -> None:
    made = flyers(drive)
    far = drive.staff("supervisor").post(
        "/api/v1/reports",
        {"description": "x", "location": place(Point(112.57, 26.894)), "source": "phone"},
    )
    assert far.status_code == 201, far.text
    target = far.json["case_number"]
    desk, street = drive.staff("desk"), drive.staff("desk").case(target)["areas"]["street"]["code"]
    here = desk.case(made["case_number"])["areas"]["street"]["code"]
    assert street != here
    drive.db.execute(
        update(RoleGrant).where(RoleGrant.account_id == desk.account_id).values(code=here)
    )
    answer = desk.act(made["case_number"], "merge", target=target)
    assert pointers(problem(answer, 422, "invalid-input")) == ["/target"]


def test_the_same_external_number_is_the_same_report_and_the_earlier_due_counts(
    drive: Drive,
) -> None:
    desk = drive.staff("desk")
    body: dict[str, Any] = {
        "description": "12345 来件",
        "location": place(),
        "source": "hotline_12345",
        "external_number": "GD-1",
        "external_due_at": in_days(3),
        "reporter_name": "张三",
    }
    first = desk.post("/api/v1/reports", body)
    again = desk.post("/api/v1/reports", body | {"external_due_at": in_days(2)})
    later = desk.post("/api/v1/reports", body | {"external_due_at": in_days(9)})
    assert {a.status_code for a in (first, again, later)} == {201}
    assert len({a.json["case_number"] for a in (first, again, later)}) == 1
    due = drive.db.execute(
        select(Report.external_due_at).where(Report.external_number == "GD-1")
    ).scalar_one()
    assert due is not None
    assert due < datetime.now(UTC) + timedelta(days=2.1)
    other = desk.post("/api/v1/reports", body | {"source": "phone"})
    assert other.json["case_number"] != first.json["case_number"]
    problem(drive.resident().post("/api/v1/reports", body), 403, "forbidden")


@pytest.mark.parametrize("sees", [True, False], ids=["in-scope", "elsewhere"])
def test_a_known_number_tells_its_case_only_to_whom_may_see_it(drive: Drive, sees: bool) -> None:
    desk, other = drive.staff("desk"), drive.staff("supervisor2")
    body: dict[str, Any] = {
        "description": "12345 来件",
        "location": place(),
        "source": "hotline_12345",
        "external_number": "GD-2",
        "external_due_at": in_days(3),
    }
    first = desk.post("/api/v1/reports", body).json
    street = desk.case(first["case_number"])["areas"]["street"]["code"]
    areas = drive.kit.atlas().areas.items()
    elsewhere = min(c for c, one in areas if one.level == "street" and c != street)
    own = update(RoleGrant).where(RoleGrant.account_id == other.account_id)
    drive.db.execute(own.values(scope="area", code=street if sees else elsewhere))
    answer = other.post("/api/v1/reports", body | {"external_due_at": in_days(1)})
    kept = drive.db.execute(select(Report.external_due_at)).scalar_one()
    assert kept is not None
    assert (kept < datetime.now(UTC) + timedelta(days=2)) == sees
    if sees:
        assert (answer.status_code, answer.json["case_number"]) == (201, first["case_number"])
        return
    found = problem(answer, 409, "conflict")
    assert pointers(found) == ["/external_number"]
    assert "这个编号已由何受理（示范区城市运行值班中心）登记" in found["detail"]
    assert first["case_number"] not in answer.text
    drive.db.execute(
        update(RoleGrant).where(RoleGrant.account_id == desk.account_id).values(code=elsewhere)
    )
    again = desk.post("/api/v1/reports", body)
    assert again.json["case_number"] == first["case_number"], "who recorded it knows it already"


def test_reports_from_staff_are_marked_by_role_and_by_phone(drive: Drive) -> None:
    number = drive.staff("unit8").report("flyers", photo_ids=[])["case_number"]
    assert drive.staff("desk").case(number)["reports_received"][0]["by_staff"] is True
    phone = drive.kit.safe.phone("13800000000")
    assert phone is not None
    unit8 = update(Account).where(Account.username == "unit8")
    drive.db.execute(unit8.values(phone=phone.sealed, phone_blind=phone.blind))
    made = drive.resident().report(
        "flyers", photo_ids=[], contact_phone="13800000000", location=place(Point(112.5707, 26.9))
    )
    assert drive.staff("desk").case(made["case_number"])["reports_received"][0]["by_staff"] is True
