"""The main job, end to end: a resident's photo becomes a routed case, is worked to closure and
answered."""

from tests.drive import Drive

REPLY = "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"


def test_report_is_routed_worked_to_closure_and_answered(drive: Drive) -> None:
    lily, unit, worker = drive.resident(), drive.staff("unit1"), drive.staff("worker1")
    made = lily.report()
    assert made["status"] == "assigned"
    number = made["case_number"]
    case = unit.case(number)
    assert case["holder"] == f"unit:{case['unit']}"
    assert [a["action"] for a in case["actions"]] == [
        "start",
        "delegate",
        "hand_back",
        "remark",
    ]
    unit.done(number, "start")
    resolved = unit.done(
        number, "resolve", outcome="fixed", comment="垃圾已清走", photo_ids=[unit.photo()]
    )
    assert resolved["status"] == "resolved"
    assert resolved["holder"] == f"worker:{worker.account_id}"
    closed = worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    assert closed["status"] == "closed"
    assert closed["holder"] == "none"
    drive.spread_notices()
    mine = lily.get(f"/api/v1/reports/{made['id']}").json
    assert mine["status"] == "closed"
    assert mine["timeline"][-1]["text"] == f"已结案：{REPLY}"
    assert mine["can"] == ["feedback"]
    inbox = lily.get("/api/v1/notices").json["items"]
    assert REPLY in inbox[0]["body"]
