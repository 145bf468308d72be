"""What becomes of a report when it comes in: every branch, and its name in the ledger."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from models.account import ReporterLimit
from models.case import Case
from models.geo import Point, distance_m
from models.ledger import LedgerEntry
from tests.drive import CENTRE, Drive, Person, place
from tools.pictures import make_photo

METRE = 1 / 110_800  # degrees of latitude


def because(drive: Drive, made: dict[str, Any]) -> str:
    entry = (
        select(LedgerEntry.payload)
        .join(Case, Case.id == LedgerEntry.case_id)
        .where(Case.number == made["case_number"], LedgerEntry.action == "screen")
    )
    return str(drive.db.execute(entry).scalar_one()["because"])


def north(metres: float) -> Point:
    return Point(CENTRE.longitude, CENTRE.latitude + metres * METRE)


def limit(drive: Drive, person: Person, expires_at: datetime, **more: Any) -> None:
    drive.db.execute(
        insert(ReporterLimit).values(
            account_id=person.account_id,
            set_by=drive.staff("supervisor").account_id,
            reason="恶意上报",
            expires_at=expires_at,
            **more,
        )
    )


@pytest.mark.parametrize(
    ("category", "status", "holder", "why"),
    [
        ("flyers", "assigned", "unit:U-ZF", "intake_auto"),
        ("pipe-burst", "assigned", "unit:U-SZ", "emergency"),
        ("street-noise", "submitted", "desk", "intake_desk"),
        (None, "submitted", "desk", "no_category"),
    ],
)
def test_the_category_decides(
    drive: Drive, category: str | None, status: str, holder: str, why: str
) -> None:
    made = drive.resident().report(category, photo_ids=[])
    assert (made["status"], because(drive, made)) == (status, why)
    assert drive.staff("desk").case(made["case_number"])["holder"] == holder


def test_what_is_verified_first_goes_to_the_worker_on_duty(drive: Drive) -> None:
    made = drive.resident().report("illegal-building")
    found = drive.staff("desk").case(made["case_number"])
    assert (made["status"], because(drive, made)) == ("verifying", "intake_verify")
    assert found["holder"] == f"worker:{drive.staff('worker1').account_id}"
    assert found["accepted_at"] is None
    assert found["due_at"] is None


def test_acceptance_starts_the_clocks(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[])
    found = drive.staff("desk").case(made["case_number"])
    running = {c["clock"] for c in found["clocks"] if not c["met_at"] and not c["cleared_at"]}
    assert running == {"handle", "start"}
    assert found["accepted_at"] == found["assigned_at"] == found["submitted_at"]
    assert found["due_at"]


FLAGGED: list[tuple[str, Callable[[Person], str], str]] = [
    ("12 km away", lambda p: p.photo(at=north(12_000)), "far_m"),
    (
        "three years old",
        lambda p: p.photo(taken_at=datetime.now(UTC) - timedelta(days=3 * 365)),
        "old_days",
    ),
    ("tomorrow", lambda p: p.photo(taken_at=datetime.now(UTC) + timedelta(days=1)), "future_time"),
]


@pytest.mark.parametrize(("take", "flag"), [f[1:] for f in FLAGGED], ids=[f[0] for f in FLAGGED])
def test_a_flag_on_a_photo_sends_it_to_the_desk(
    drive: Drive, take: Callable[[Person], str], flag: str
) -> None:
    lily = drive.resident()
    made = lily.report(photo_ids=[take(lily)])
    assert (made["status"], because(drive, made)) == ("submitted", "photo_flags")
    assert flag in drive.staff("desk").case(made["case_number"])["flags"]


def test_a_photo_of_another_case_is_flagged_with_its_number(drive: Drive) -> None:
    lily, tom = drive.resident(), drive.resident("tom")
    data = make_photo(4711, size=(480, 360))
    first = lily.report(photo_ids=[lily.upload(data).json["id"]])
    again = tom.report(photo_ids=[tom.upload(data).json["id"]], location=place(north(300)))
    flags = drive.staff("desk").case(again["case_number"])["flags"]
    assert flags == {"copy_of": [first["case_number"]]}
    assert because(drive, again) == "photo_flags"


@pytest.mark.parametrize(("metres", "status"), [(45, "submitted"), (55, "assigned")])
def test_an_open_case_of_the_same_category_within_fifty_metres_waits_for_the_desk(
    drive: Drive, metres: float, status: str
) -> None:
    assert abs(distance_m(CENTRE, north(metres)) - metres) < 1
    drive.resident().report("flyers", photo_ids=[])
    near = drive.resident("tom").report("flyers", photo_ids=[], location=place(north(metres)))
    assert near["status"] == status
    assert because(drive, near) == ("intake_auto" if metres > 50 else "similar_case_nearby")


def test_a_closed_case_or_another_category_nearby_changes_nothing(drive: Drive) -> None:
    lily = drive.resident()
    first = lily.report("flyers", photo_ids=[])
    drive.db.execute(
        update(Case).where(Case.number == first["case_number"]).values(status="closed")
    )
    assert lily.report("flyers", photo_ids=[])["status"] == "assigned"
    assert lily.report("pipe-burst", photo_ids=[])["status"] == "assigned"


def test_a_limited_reporter_goes_to_the_desk_until_it_ends_but_emergencies_go_out(
    drive: Drive,
) -> None:
    lily, now = drive.resident(), datetime.now(UTC)
    limit(drive, lily, now - timedelta(minutes=1))
    limit(drive, lily, now + timedelta(days=1), lifted_at=now)
    assert lily.report("flyers", photo_ids=[])["status"] == "assigned"
    limit(drive, lily, now + timedelta(days=1))
    made = lily.report("flyers", photo_ids=[], location=place(north(100)))
    assert (made["status"], because(drive, made)) == ("submitted", "limited_reporter")
    assert drive.staff("desk").case(made["case_number"])["reports_received"][0]["limited"] is True
    assert lily.report("pipe-burst", photo_ids=[])["status"] == "assigned"


def test_an_emergency_goes_out_past_every_flag_and_case_nearby(drive: Drive) -> None:
    lily = drive.resident()
    for _ in range(2):
        made = lily.report("pipe-burst", photo_ids=[lily.photo(at=north(12_000))])
        assert (made["status"], because(drive, made)) == ("assigned", "emergency")


@pytest.mark.parametrize("category", ["street-noise", "flyers"])
def test_a_patrol_is_accepted_directly(drive: Drive, category: str) -> None:
    worker = drive.staff("worker1")
    worker.report(category, photo_ids=[], patrol=True)
    made = worker.report(category, photo_ids=[], patrol=True)
    assert (made["status"], because(drive, made)) == ("assigned", "patrol")
    body = {"description": "x", "location": place(), "patrol": True}
    assert drive.resident().post("/api/v1/reports", body).status_code == 403
    assert worker.post("/api/v1/reports", body).status_code == 422  # a patrol knows what it saw


def test_without_a_rule_it_stays_with_the_desk_and_is_never_lost(drive: Drive) -> None:
    bare = replace(drive.kit.atlas(), rules=())
    drive.client.application.extensions["kit"] = replace(drive.kit, atlas=lambda: bare)  # type: ignore[arg-type]
    lily = drive.resident()
    for category, status in (("flyers", "submitted"), ("pipe-burst", "submitted")):
        made = lily.report(category, photo_ids=[])
        assert (made["status"], because(drive, made)) == (status, "no_unit")
        assert drive.staff("desk").case(made["case_number"])["holder"] == "desk"
    verified = lily.report("illegal-building")
    assert verified["status"] == "verifying"
    patrol = drive.staff("worker1").report("street-noise", photo_ids=[], patrol=True)
    assert patrol["status"] == "submitted"
