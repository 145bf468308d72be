"""Who hears of what, and in which words: the inbox and the resident's timeline."""

from datetime import UTC, datetime, timedelta

from models.geo import Point
from tests.drive import CENTRE, Drive, Person, place

REPLY = "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"


def inbox(drive: Drive, person: Person, number: str) -> list[str]:
    """Titles of a person's notices of one case, oldest first."""
    drive.spread_notices()
    items = person.get("/api/v1/notices").json["items"]
    return [one["title"] for one in reversed(items) if one["case_number"] == number]


def told(person: Person, report_id: str) -> list[str]:
    return [event["text"] for event in person.get(f"/api/v1/reports/{report_id}").json["timeline"]]


def soon(hours: float = 48) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def closed(drive: Drive, number: str) -> None:
    unit, worker = drive.staff("unit1"), drive.staff("worker1")
    unit.done(number, "start")
    photos = [unit.photo()]
    unit.done(number, "resolve", outcome="fixed", comment="垃圾已清走", photo_ids=photos)
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])


def test_the_desk_hears_of_a_report_that_waits_for_it(drive: Drive) -> None:
    made = drive.resident().report(None)
    assert inbox(drive, drive.staff("desk"), made["case_number"]) == ["有案卷待受理"]


def test_the_desk_hears_of_an_answer(drive: Drive) -> None:
    lily, desk = drive.resident(), drive.staff("desk")
    made = lily.report(None)
    desk.done(made["case_number"], "ask_reporter", question="具体在哪一层？")
    lily.post(f"/api/v1/reports/{made['id']}/answer", {"text": "三楼"})
    assert inbox(drive, desk, made["case_number"])[-1] == "市民已答复"


def test_a_unit_hears_of_a_case_that_a_correction_brings_it(drive: Drive) -> None:
    number = drive.resident().report("exposed-garbage")["case_number"]
    drive.staff("desk").done(number, "recategorise", category="street-light", reason="实为路灯")
    assert inbox(drive, drive.staff("unit2"), number) == ["有案卷待签收"]


def test_a_unit_hears_that_its_case_is_suspended_urged_and_supervised(drive: Drive) -> None:
    lily, unit, supervisor = drive.resident(), drive.staff("unit1"), drive.staff("supervisor")
    made = lily.report()
    number = made["case_number"]
    unit.done(number, "start")
    asked = {"reason": "weather", "review_at": soon()}
    unit.done(number, "ask_suspension", **asked, photo_ids=[unit.photo()])
    supervisor.done(number, "grant_suspension", **asked)
    lily.post(f"/api/v1/reports/{made['id']}/urge")
    supervisor.done(number, "supervise", due_at=soon(4), comment="请尽快处理")
    assert inbox(drive, unit, number)[-3:] == ["挂账已同意", "市民催办", "督办，请按期回复"]


def test_a_unit_hears_what_became_of_its_appeal(drive: Drive) -> None:
    lily, unit = drive.resident(), drive.staff("unit1")
    made = lily.report()
    closed(drive, made["case_number"])
    lily.post(f"/api/v1/reports/{made['id']}/feedback", {"solved": True, "rating": 1})
    unit.done(made["case_number"], "appeal", reason="评分与事实不符")
    drive.staff("supervisor").done(made["case_number"], "uphold", reason="照片属实")
    assert inbox(drive, unit, made["case_number"])[-1] == "申诉成立"


def test_who_a_case_was_given_to_hears_of_it_though_it_has_moved_on(drive: Drive) -> None:
    number = drive.resident().report()["case_number"]
    head, unit = drive.staff("unit14"), drive.staff("unit1")
    drive.staff("desk").done(number, "reassign", unit="U-CG", reason="由局统筹")
    head.done(number, "delegate", unit="U-HW")
    unit.done(number, "start")
    assert inbox(drive, head, number) == ["有案卷待签收"]


def test_only_those_who_were_moved_hear_of_a_merger(drive: Drive) -> None:
    lily, rose, desk = drive.resident(), drive.resident("rose"), drive.staff("desk")
    first, second = lily.report()["case_number"], rose.report()["case_number"]
    desk.done(second, "merge", target=first)
    assert "并案办理" in inbox(drive, rose, first)
    assert "并案办理" not in inbox(drive, lily, first)
    assert desk.case(second)["merged_into"] == first
    assert desk.case(first)["merged_into"] is None


def test_a_past_assignment_keeps_the_name_of_its_unit(drive: Drive) -> None:
    lily, desk = drive.resident(), drive.staff("desk")
    made = lily.report()
    drive.staff("unit1").done(made["case_number"], "hand_back", reason="不属我单位")
    desk.done(made["case_number"], "accept", unit="U-SZ")
    assert told(lily, made["id"])[1:] == [
        "已派单，由洁净环卫公司处置",
        "已立案，由通达市政维护公司处置",
    ]
    drive.spread_notices()
    bodies = [one["body"] for one in lily.get("/api/v1/notices").json["items"]]
    assert "洁净环卫公司" in bodies[-1]
    assert "通达市政维护公司" in bodies[0]


def test_a_joiner_and_who_withdraws_read_of_themselves(drive: Drive) -> None:
    first = drive.resident().report()["case_number"]
    rose = drive.resident("rose")
    near = place(Point(CENTRE.longitude + 0.0001, CENTRE.latitude))
    made = rose.report(None, join_case=first, location=near)
    rose.post(f"/api/v1/reports/{made['id']}/withdraw")
    words = told(rose, made["id"])
    assert words[0] == "已有市民上报"
    assert words[-2:] == ["已收到您的上报", "您已撤回上报"]


def test_a_transfer_that_comes_back_is_told_as_such(drive: Drive) -> None:
    lily, desk = drive.resident(), drive.staff("desk")
    made = lily.report("street-light")
    number = made["case_number"]
    desk.done(
        number, "transfer_out", to="市路灯所", reason="市级设施", review_at=soon(), reply="已转办"
    )
    desk.done(number, "transfer_back", outcome="returned", comment="不是我们的")
    assert told(lily, made["id"])[-1] == "转办被退回，将重新派单"
    assert inbox(drive, lily, number)[-1] == "重新派单"


def test_nothing_found_is_not_told_as_put_right(drive: Drive) -> None:
    lily, unit = drive.resident(), drive.staff("unit1")
    number = lily.report()["case_number"]
    unit.done(number, "start")
    photos = [unit.photo()]
    unit.done(number, "resolve", outcome="gone_on_arrival", comment="没有了", photo_ids=photos)
    assert inbox(drive, lily, number)[-1] == "已到现场，等待核查"


def test_ones_own_word_for_taking_a_case_up_again_is_told_as_such(drive: Drive) -> None:
    lily, wang = drive.resident(), drive.resident("wang")
    rejected = lily.report(None)
    drive.staff("desk").done(
        rejected["case_number"], "reject", reason="out_of_scope", reply="属于小区内部，请向物业反映"
    )
    appealed = lily.post(f"/api/v1/reports/{rejected['id']}/appeal", {"reason": "在小区外"})
    assert appealed.json["timeline"][-1]["text"] == "您已申诉，由督查人员重新看"
    made = lily.report()
    number = made["case_number"]
    joined = wang.report(join_case=number)
    closed(drive, number)
    body = {"solved": False, "rating": 1, "comment": "还在"}
    assert lily.post(f"/api/v1/reports/{made['id']}/feedback", body).status_code == 200
    assert told(lily, made["id"])[-1] == "您反映没解决，重新办理"
    assert told(wang, joined["id"])[-1] == "重新办理"
