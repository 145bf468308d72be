"""Which privacy agreement a person consented to: told once, kept for good."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Executable, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from app.services import account
from models.account import PrivacyConsent
from tests.drive import Drive, Person, pointers, problem

PATH = "/api/v1/me/privacy"
AT = "2026-11-20T08:00:00+00:00"


def told(person: Person, version: str, **more: str) -> dict[str, str]:
    answer = person.post(PATH, {"version": version} | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json
    return found


def recorded(db: Connection, person: Person) -> list[str]:
    mine = PrivacyConsent.account_id == person.account_id
    rows = select(PrivacyConsent.version).where(mine).order_by(PrivacyConsent.recorded_at)
    return list(db.execute(rows).scalars())


def test_a_version_is_recorded_once_and_a_later_one_beside_it(drive: Drive) -> None:
    lily = drive.resident()
    assert lily.get("/api/v1/me").json["privacy"] is None
    first = told(lily, "2026-11", agreed_at=AT)
    assert first == {"version": "2026-11", "agreed_at": AT}
    assert told(lily, "2026-11", agreed_at="2026-11-21T08:00:00Z") == first
    assert lily.get("/api/v1/me").json["privacy"] == first
    told(lily, "2027-01")
    assert lily.get("/api/v1/me").json["privacy"]["version"] == "2027-01"
    assert recorded(drive.db, lily) == ["2026-11", "2027-01"]
    assert drive.resident("wang").get("/api/v1/me").json["privacy"] is None


def test_an_older_phone_does_not_take_the_newest_consent_back(drive: Drive) -> None:
    lily = drive.resident()
    newest = told(lily, "2027-01", agreed_at="2026-11-22T08:00:00+00:00")
    told(lily, "2026-11", agreed_at=AT)
    assert recorded(drive.db, lily) == ["2027-01", "2026-11"]
    assert lily.get("/api/v1/me").json["privacy"] == newest


@pytest.mark.parametrize("said", [{}, {"agreed_at": "2199-01-01T00:00:00Z"}], ids=["none", "ahead"])
def test_without_a_moment_or_with_one_to_come_it_is_now(drive: Drive, said: dict[str, str]) -> None:
    began = datetime.now(UTC)
    at = datetime.fromisoformat(told(drive.resident(), "2026-11", **said)["agreed_at"])
    assert began <= at <= datetime.now(UTC)


def test_staff_agree_as_residents_do(drive: Drive) -> None:
    worker = drive.staff("worker1")
    assert worker.get("/api/v1/me").json["privacy"] is None
    assert told(worker, "2026-11", agreed_at=AT)["agreed_at"] == AT


def test_what_is_no_version_is_refused(drive: Drive) -> None:
    for version in ("", "二 零", "x" * 33):
        found = problem(drive.resident().post(PATH, {"version": version}), 422, "invalid-input")
        assert list(pointers(found)) == ["/version"]
    problem(drive.client.post(PATH, json={"version": "2026-11"}), 401, "signed-out")


def test_versions_without_end_are_held_back(drive: Drive) -> None:
    lily = drive.resident()
    answers = [lily.post(PATH, {"version": f"v{count}"}) for count in range(21)]
    assert [one.status_code for one in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "change",
    [
        update(PrivacyConsent).values(agreed_at=datetime.now(UTC) - timedelta(days=9)),
        delete(PrivacyConsent),
        text("TRUNCATE privacy_consent"),
    ],
    ids=["update", "delete", "truncate"],
)
def test_nothing_recorded_is_changed(drive: Drive, change: Executable) -> None:
    told(drive.resident(), "2026-11")
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        drive.db.execute(change)


def test_an_erased_account_keeps_what_it_agreed_to(drive: Drive) -> None:
    lily = drive.resident()
    told(lily, "2026-11")
    account.erase(drive.db, lily.account_id)
    assert recorded(drive.db, lily) == ["2026-11"]
