"""The units and people that an action's form may name."""

from typing import Any

from tests.drive import Drive, problem


def _asked(person: Any, number: str, action: str) -> dict[str, list[dict[str, str]]]:
    answer = person.get(f"/api/v1/cases/{number}/choices?action={action}")
    assert answer.status_code == 200, answer.text
    found: dict[str, list[dict[str, str]]] = answer.json["choices"]
    return found


def test_a_delegation_names_those_below_the_holding_unit_and_each_is_taken(drive: Drive) -> None:
    unit, number = drive.staff("unit1"), drive.resident().report()["case_number"]
    found = _asked(unit, number, "delegate")
    atlas = drive.kit.atlas()
    holding = unit.case(number)["unit"]
    below = set(atlas.unit_subtree(holding)) - {holding}
    assert {one["value"] for one in found["unit"]} == below
    assert str(unit.account_id) in {one["value"] for one in found["worker"]}
    for one in found["worker"]:
        unit.done(number, "delegate", worker=one["value"])


def test_who_may_not_take_the_action_is_told_of_nobody(drive: Drive) -> None:
    number = drive.resident().report()["case_number"]
    assert _asked(drive.staff("worker1"), number, "delegate") == {}
    assert _asked(drive.staff("unit1"), number, "reassign") == {}


def test_the_desk_reads_every_unit_and_the_people_that_fit(drive: Drive) -> None:
    made = drive.resident().report("cooking-fumes", photo_ids=[])
    desk = drive.staff("desk")
    found = _asked(desk, made["case_number"], "accept")
    assert {one["value"] for one in found["unit"]} >= {"U-HW", "U-CG"}
    workers = _asked(desk, made["case_number"], "ask_verification")["worker"]
    assert str(drive.staff("worker1").account_id) in {one["value"] for one in workers}
    assert str(drive.staff("unit1").account_id) not in {one["value"] for one in workers}


def test_a_case_out_of_scope_is_not_found(drive: Drive) -> None:
    number = drive.resident().report()["case_number"]
    problem(drive.resident().get(f"/api/v1/cases/{number}/choices?action=accept"), 403, "forbidden")
    problem(
        drive.staff("unit9").get(f"/api/v1/cases/{number}/choices?action=start"), 404, "not-found"
    )
