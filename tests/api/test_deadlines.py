"""Due times set from outside, and what counts as overdue."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from models.calendar import PLAIN, STREET
from models.case import Case
from tests.drive import Drive, place


def _hotline(drive: Drive, due: datetime, **more: object) -> dict[str, object]:
    body = {
        "category": "exposed-garbage",
        "description": "热线反映垃圾成堆",
        "location": place(),
        "source": "hotline_12345",
        "external_number": "GD-20261124-001",
        "external_due_at": due.isoformat(),
    }
    answer = drive.staff("desk").post("/api/v1/reports", body | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json
    return found


def _due(case: dict[str, str]) -> datetime:
    return datetime.fromisoformat(case["due_at"])


def test_an_earlier_due_time_from_outside_counts(drive: Drive) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    number = str(_hotline(drive, due)["case_number"])
    assert _due(drive.staff("desk").case(number)) == due


def test_a_later_due_time_from_outside_changes_nothing(drive: Drive) -> None:
    due = datetime.now(UTC) + timedelta(days=30)
    case = drive.staff("desk").case(str(_hotline(drive, due)["case_number"]))
    accepted = datetime.fromisoformat(case["accepted_at"])
    assert _due(case) == PLAIN[STREET].add_working_time(accepted, "4wh")


def test_the_same_number_with_an_earlier_due_time_hurries_the_case(drive: Drive) -> None:
    first = _hotline(drive, datetime.now(UTC) + timedelta(hours=3))
    sooner = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    again = _hotline(drive, sooner)
    assert again["id"] == first["id"]
    case = drive.staff("desk").case(str(first["case_number"]))
    assert _due(case) == sooner
    assert case["timeline"][-1]["action"] == "remark"
    running = [c for c in case["clocks"] if c["clock"] == "handle" and not c["cleared_at"]]
    assert [datetime.fromisoformat(c["due_at"]) for c in running] == [sooner]


def test_resolved_cases_are_not_overdue(drive: Drive) -> None:
    unit = drive.staff("unit1")
    number = drive.resident().report()["case_number"]
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment="已清走", photo_ids=[unit.photo()])
    past = datetime.now(UTC) - timedelta(minutes=1)
    drive.db.execute(update(Case).where(Case.number == number).values(due_at=past))
    assert unit.case(number)["overdue"] is False
    assert unit.get("/api/v1/cases?overdue=true").json["items"] == []


def test_recategorising_an_assigned_case_gives_its_start_the_new_limit(drive: Drive) -> None:
    desk = drive.staff("desk")
    number = drive.resident().report()["case_number"]
    desk.done(number, "recategorise", category="junk-vehicle", reason="是废弃车辆")
    case = desk.case(number)
    start = [c for c in case["clocks"] if c["clock"] == "start" and not c["cleared_at"]]
    assert len(start) == 1
    assigned = datetime.fromisoformat(case["assigned_at"])
    due = PLAIN[STREET].add_working_time(assigned, "4wh")
    assert datetime.fromisoformat(start[0]["due_at"]) == due
