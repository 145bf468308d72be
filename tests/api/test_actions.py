"""Every action that staff send, by the right role; in which order a wrong one is refused."""

from pathlib import Path
from typing import Any

from sqlalchemy import update

from models.case import Case
from models.status import Action
from models.workflow import MOVES
from tests.api.story import REPLY, Story, in_days, status
from tests.drive import Drive, Person, place, pointers, problem

SENT = [move.action for move in MOVES.values() if move.offered]


def test_the_desk_decides_what_has_no_category(drive: Drive) -> None:
    story = Story(drive, None)
    assert status(story.case()) == ("submitted", "desk")
    found = problem(story.desk.act(story.number, "accept"), 422, "invalid-input")
    assert pointers(found) == ["/category"]
    done = story.desk.done(story.number, "accept", category="exposed-garbage")
    assert status(done) == ("assigned", "unit")
    assert done["unit"] == "U-HW"


def test_rejecting_needs_a_listed_reason_and_a_reply(drive: Drive) -> None:
    story = Story(drive, "suggestion")
    tries: list[dict[str, Any]] = [{}, {"reason": "bored", "reply": "不办"}, {"reason": "unclear"}]
    for fields in tries:
        problem(story.desk.act(story.number, "reject", **fields), 422, "invalid-input")
    done = story.desk.done(story.number, "reject", reason="unclear", reply="照片看不清位置")
    assert status(done) == ("rejected", "none")


def test_asking_the_reporter_waits_for_the_answer(drive: Drive) -> None:
    story = Story(drive, "suggestion")
    done = story.desk.done(story.number, "ask_reporter", question="在几号楼？")
    assert status(done) == ("submitted", "reporter")
    problem(story.desk.act(story.number, "ask_reporter", question="?"), 409, "illegal-move")
    assert story.call("answer", text="3号楼").status_code == 200
    assert status(story.case()) == ("submitted", "desk")
    problem(story.call("answer", text="3号楼"), 409, "illegal-move")


def test_one_who_withdraws_brings_a_waiting_case_back_to_the_desk(drive: Drive) -> None:
    story = Story(drive, "suggestion")
    tom = drive.resident("tom")
    drive.db.execute(update(Case).where(Case.number == story.number).values(public=True))
    tom.report("suggestion", join_case=story.number, photo_ids=[])
    story.desk.done(story.number, "ask_reporter", question="在几号楼？")
    assert story.call("withdraw").status_code == 200
    found = story.case()
    assert status(found) == ("submitted", "desk")
    running = {c["clock"] for c in found["clocks"] if not c["met_at"] and not c["cleared_at"]}
    assert running == {"accept"}


def test_verification_goes_to_the_worker_on_duty_and_back(drive: Drive) -> None:
    story = Story(drive, "suggestion")
    done = story.desk.done(story.number, "ask_verification")
    assert done["holder"] == f"worker:{story.worker.account_id}"
    verify: dict[str, Any] = {"finding": "exists", "comment": "确有此事"}
    refused = problem(story.worker.act(story.number, "verify", **verify), 422, "invalid-input")
    assert pointers(refused) == ["/photo_ids"]
    back = story.worker.done(story.number, "verify", photo_ids=[story.worker.photo()], **verify)
    assert status(back) == ("submitted", "desk")
    again = story.desk.done(
        story.number, "ask_verification", worker=str(drive.staff("worker4").account_id)
    )
    assert again["status"] == "verifying"
    problem(story.worker.act(story.number, "verify", **verify), 409, "illegal-move")
    unable = drive.staff("worker4").done(
        story.number, "verify", finding="unable", comment="找不到人"
    )
    assert unable["status"] == "submitted"


def test_what_exists_goes_out_where_the_category_is_verified_first(drive: Drive) -> None:
    story = Story(drive, "illegal-building")
    assert status(story.case()) == ("verifying", "worker")
    done = story.worker.done(
        story.number, "verify", finding="exists", comment="属实", photo_ids=[story.worker.photo()]
    )
    assert done["status"] == "assigned"
    assert story.case()["unit"] == "U-ZF"


def test_delegating_stays_in_the_own_subtree_and_moves_no_clock(drive: Drive) -> None:
    story = Story(drive)
    story.desk.done(story.number, "reassign", unit="U-CG", reason="城管统筹")
    head, before = drive.staff("unit14"), story.case()["due_at"]
    tries: list[dict[str, Any]] = [
        {},
        {"unit": "U-CG"},
        {"unit": "U-JD1"},
        {"unit": "U-HW", "worker": "1"},
    ]
    for fields in tries:
        problem(head.act(story.number, "delegate", **fields), 422, "invalid-input")
    stranger = str(drive.staff("unit5").account_id)
    problem(head.act(story.number, "delegate", worker=stranger), 422, "invalid-input")
    done = head.done(story.number, "delegate", unit="U-HW")
    assert (done["status"], done["unit"], done["due_at"]) == ("assigned", "U-HW", before)
    person = str(story.unit.account_id)
    assert head.done(story.number, "delegate", worker=person)["assignee"] == person


def test_reassigning_goes_to_another_known_unit(drive: Drive) -> None:
    story = Story(drive).start()
    for unit in ("U-HW", "U-NONE"):
        answer = story.desk.act(story.number, "reassign", unit=unit, reason="不对")
        problem(answer, 422, "invalid-input")
    done = story.supervisor.done(story.number, "reassign", unit="U-JD1", reason="属地负责")
    assert (done["status"], done["unit"], done["started_at"]) == ("assigned", "U-JD1", None)


def test_recategorise_and_relocate_route_anew(drive: Drive) -> None:
    story = Story(drive)
    done = story.desk.done(story.number, "recategorise", category="frontage", reason="看错了")
    assert (done["status"], done["unit"]) == ("assigned", "U-JD1")
    same = story.desk.act(story.number, "recategorise", category="frontage", reason="一样")
    problem(same, 422, "invalid-input")
    gone = story.worker.act(story.number, "relocate", location={}, reason="偏了")
    problem(gone, 422, "invalid-input")
    point = place()
    point["longitude"] += 0.0004
    moved = story.worker.done(story.number, "relocate", location=point, reason="偏了")
    assert moved["location"]["wgs84"]["longitude"] == point["longitude"]


def test_an_emergency_is_made_safe_first(drive: Drive) -> None:
    story = Story(drive, "pipe-burst")
    unit = drive.staff("unit2")
    problem(unit.act(story.number, "control", comment="已围挡"), 422, "evidence-refused")
    done = unit.done(
        story.number, "control", comment="已设围挡和警示灯，安排专人值守，关闭上游阀门"
    )
    assert done["status"] == "in_progress"
    clock = next(c for c in done["clocks"] if c["clock"] == "control")
    assert clock["met_at"]
    plain = Story(drive)
    problem(plain.unit.act(plain.number, "control", comment="x" * 30), 409, "illegal-move")


def test_a_transfer_leaves_and_comes_back_or_is_answered(drive: Drive) -> None:
    fields: dict[str, Any] = {
        "to": "市路灯处",
        "reason": "市管",
        "review_at": in_days(3),
        "reply": "已转市路灯处办理",
    }
    story = Story(drive)
    past = fields | {"review_at": in_days(-1)}
    problem(story.desk.act(story.number, "transfer_out", **past), 422, "invalid-input")
    assert status(story.desk.done(story.number, "transfer_out", **fields))[1] == "outside"
    back = story.desk.done(story.number, "transfer_back", outcome="returned", comment="不归我们")
    assert (back["status"], back["holder"], back["unit"]) == ("submitted", "desk", None)
    story.desk.done(story.number, "accept")
    story.supervisor.done(story.number, "transfer_out", **fields)
    answer: dict[str, Any] = {"outcome": "answered", "comment": "已修好"}
    problem(story.desk.act(story.number, "transfer_back", **answer), 422, "invalid-input")
    done = story.desk.done(story.number, "transfer_back", reply="路灯已于23日修复", **answer)
    assert status(done) == ("closed", "none")


def test_words_on_the_record_change_no_status(drive: Drive) -> None:
    story = Story(drive)
    for person in (story.desk, story.unit, story.worker, story.supervisor):
        assert person.done(story.number, "remark", comment="现场已围挡")["status"] == "assigned"
    late = story.supervisor.act(story.number, "supervise", due_at=in_days(-1), comment="快办")
    problem(late, 422, "invalid-input")
    done = story.supervisor.done(story.number, "supervise", due_at=in_days(1), comment="快办")
    assert any(c["clock"] == "supervise" for c in done["clocks"])
    assert story.desk.done(story.number, "paraphrase", paraphrase="某处垃圾")["paraphrase"]


def orders(person: Person) -> list[str]:
    return [one["case_number"] for one in person.get("/api/v1/orders").json["items"]]


def test_an_order_stays_open_until_it_is_answered(drive: Drive) -> None:
    story, other = Story(drive), drive.staff("unit2")
    demand = "三日内清走并回复"
    story.supervisor.done(story.number, "supervise", due_at=in_days(1), comment=demand)
    again = story.supervisor.act(story.number, "supervise", due_at=in_days(2), comment="快办")
    problem(again, 409, "illegal-move")
    (listed,) = story.unit.get("/api/v1/orders").json["items"]
    assert (listed["case_number"], listed["demand"]) == (story.number, demand)
    assert (listed["late"], listed["step_label"]) == (False, "正常")
    assert (orders(story.supervisor), orders(other)) == ([story.number], [])
    problem(story.desk.act(story.number, "answer_order", comment="已清走"), 409, "illegal-move")
    path, sent = f"/api/v1/cases/{story.number}/actions", {"action": "answer_order", "version": 2}
    problem(other.post(path, sent | {"comment": "已清走"}), 404, "not-found")
    closed = story.start().resolve().close().case()
    clock = next(c for c in closed["clocks"] if c["clock"] == "supervise")
    assert (clock["met_at"], clock["cleared_at"]) == (None, None)  # closing is no answer
    photo = story.unit.photo()
    story.unit.done(story.number, "answer_order", comment="已清走", photo_ids=[photo])
    assert orders(story.supervisor) == []
    answered = next(c for c in story.case()["clocks"] if c["clock"] == "supervise")
    assert answered["met_at"]
    drive.spread_notices()
    titles = [one["title"] for one in story.supervisor.get("/api/v1/notices").json["items"]]
    assert "督办已回复" in titles
    problem(story.unit.act(story.number, "answer_order", comment="再报"), 409, "illegal-move")


def test_a_rejected_case_owes_no_answer(drive: Drive) -> None:
    story = Story(drive, None)
    story.supervisor.done(story.number, "supervise", due_at=in_days(1), comment="请尽快受理")
    assert orders(story.desk) == [story.number]
    story.desk.done(story.number, "reject", reason="out_of_scope", reply=REPLY)
    assert orders(story.desk) == []


def test_call_back_and_appeal_are_recorded(drive: Drive) -> None:
    story = Story(drive).start().resolve().close()
    assert story.desk.done(story.number, "call_back", outcome="solved")["status"] == "closed"
    problem(story.unit.act(story.number, "appeal", reason="不服"), 409, "illegal-move")
    assert story.call("feedback", solved=True, rating=1).status_code == 200
    story.unit.done(story.number, "appeal", reason="差评不实")
    problem(story.unit.act(story.number, "appeal", reason="差评不实"), 409, "illegal-move")
    story.supervisor.done(story.number, "dismiss", reason="评价有效")
    story.unit.done(story.number, "appeal", reason="还是不服")
    involved = story.supervisor.act(story.number, "uphold", reason="评价无效")
    problem(involved, 409, "illegal-move")  # who judged the first appeal
    drive.staff("supervisor2").done(story.number, "uphold", reason="评价无效")


def test_out_of_scope_is_404_before_all_else(drive: Drive) -> None:
    story = Story(drive, "flyers")
    for action in Action:
        for name in ("unit8", "worker6"):
            answer = drive.staff(name).act(story.number, action, version=99, nonsense=1)
            problem(answer, 404, "not-found")


RIGHT = {
    "dispatcher": "desk",
    "supervisor": "supervisor",
    "unit_staff": "unit4",
    "grid_worker": "worker1",
    "admin": "admin",
}


def test_a_role_that_may_never_is_403_before_the_version_and_nothing_moves(drive: Drive) -> None:
    story = Story(drive, "street-noise")
    story.desk.done(story.number, "accept")
    before = story.case()
    for action in SENT:
        for role, name in RIGHT.items():
            if role in {r.value for r in MOVES[action].roles}:
                continue
            answer = drive.staff(name).act(story.number, action, version=99, nonsense=1)
            problem(answer, 403, "forbidden")
    for action in set(Action) - set(SENT):
        for name in RIGHT.values():
            problem(drive.staff(name).act(story.number, action, version=99), 403, "forbidden")
    assert story.case() == before


def test_stale_comes_before_illegal_and_illegal_before_invalid(drive: Drive) -> None:
    story = Story(drive)
    stale = problem(
        story.unit.act(story.number, "resolve", version=1, nonsense=1), 409, "stale-case"
    )
    assert (stale["case_version"], stale["case_status"]) == (2, "assigned")
    illegal = problem(story.unit.act(story.number, "resolve", nonsense=1), 409, "illegal-move")
    assert illegal["case_status"] == "assigned"
    assert illegal["allowed"] == ["start", "delegate", "hand_back", "remark"]
    offered = [a["action"] for a in story.unit.case(story.number)["actions"]]
    assert illegal["allowed"] == offered
    invalid = problem(story.unit.act(story.number, "hand_back", nonsense=1), 422, "invalid-input")
    assert set(pointers(invalid)) == {"/reason", "/nonsense"}
    assert story.case()["version"] == 2


def test_two_who_saw_the_same_version_do_not_both_act(drive: Drive) -> None:
    story = Story(drive)
    seen = story.case()["version"]
    assert story.unit.act(story.number, "start", version=seen).status_code == 200
    late = story.desk.act(story.number, "reassign", version=seen, unit="U-JD1", reason="改")
    problem(late, 409, "stale-case")


def test_every_sent_action_is_exercised_here() -> None:
    """Each action of the table is named in a test of this folder."""
    text = "".join(p.read_text() for p in Path(__file__).parent.glob("test_*.py"))
    assert [a for a in SENT if f'"{a}"' not in text] == []
