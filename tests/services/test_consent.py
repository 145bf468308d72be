"""The consent ledger: one consent, one message, each change on record."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from app.services import account, consent
from models.message import ConsentEntry
from tests.drive import Drive, problem


@pytest.fixture
def lily(db: Connection) -> int:
    return account.account_of_openid(db, "openid-lily")


def history(db: Connection, who: int) -> list[tuple[str, str, int, int]]:
    rows = db.execute(
        select(ConsentEntry.__table__).where(ConsentEntry.account_id == who).order_by("id")
    )
    return [(r.source, r.said, r.change, r.remaining) for r in rows]


def later(db: Connection) -> None:
    """What was told is an hour old."""
    hour = ConsentEntry.at - timedelta(hours=1)
    db.execute(update(ConsentEntry).values(at=hour))


def test_each_tap_adds_one_and_each_message_takes_one(db: Connection, lily: int) -> None:
    for _ in range(2):
        consent.agreed(db, lily, "A", "push")
    consent.spent(db, lily, "A")
    assert history(db, lily) == [
        ("push", "accept", 1, 1),
        ("push", "accept", 1, 2),
        ("send", "sent", -1, 1),
    ]
    assert not consent.known_to_be_used_up(db, lily, "A")


@pytest.mark.parametrize(("first", "second"), [("push", "phone"), ("phone", "push")])
def test_a_tap_that_both_tell_of_counts_once(
    db: Connection, lily: int, first: str, second: str
) -> None:
    consent.agreed(db, lily, "A", first)
    consent.agreed(db, lily, "A", second)
    assert [(source, change) for source, _, change, _ in history(db, lily)] == [
        (first, 1),
        (second, 0),
    ]
    later(db)
    consent.agreed(db, lily, "A", second)
    consent.agreed(db, lily, "A", first)
    consent.agreed(db, lily, "A", first)
    assert history(db, lily)[-1][3] == 3


@pytest.mark.parametrize(
    "end",
    [lambda db, who, which: consent.declined(db, who, which, "push"), consent.refused],
    ids=["declined", "refused"],
)
def test_a_refusal_leaves_none(
    db: Connection, lily: int, end: Callable[[Connection, int, str], None]
) -> None:
    for _ in range(3):
        consent.agreed(db, lily, "A", "push")
    end(db, lily, "A")
    assert history(db, lily)[-1][2:] == (-3, 0)
    assert consent.known_to_be_used_up(db, lily, "A")


def test_what_was_never_told_is_not_known_to_be_used_up(db: Connection, lily: int) -> None:
    assert not consent.known_to_be_used_up(db, lily, "A")
    consent.spent(db, lily, "A")
    assert not consent.known_to_be_used_up(db, lily, "A")
    assert history(db, lily) == []


def test_templates_and_people_are_counted_apart(db: Connection, lily: int) -> None:
    tom = account.account_of_openid(db, "openid-tom")
    consent.agreed(db, lily, "A", "push")
    consent.refused(db, lily, "B")
    assert not consent.known_to_be_used_up(db, tom, "A")
    assert not consent.known_to_be_used_up(db, lily, "A")
    assert consent.known_to_be_used_up(db, lily, "B")


def test_the_mini_program_tells_and_reads_consents(drive: Drive) -> None:
    lily = drive.resident()
    body = {"accepted": ["demo-closed"], "rejected": ["demo-progress"]}
    answer = lily.post("/api/v1/me/consents", body)
    assert answer.status_code == 200, answer.text
    found = {one["template_id"]: one for one in lily.get("/api/v1/me/consents").json["items"]}
    assert found["demo-closed"]["remaining"] == 1
    assert found["demo-closed"]["events"] == ["pass"]
    assert found["demo-progress"]["remaining"] == 0
    assert found["demo-task"]["remaining"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"accepted": ["unknown"]}, "/accepted/0"),
        ({"rejected": ["demo-closed", "unknown"]}, "/rejected/1"),
        ({"accepted": ["a b"]}, "/accepted/0"),
        ({"accepted": ["demo-closed"] * 11}, "/accepted"),
    ],
)
def test_templates_that_are_not_in_use_are_refused(
    drive: Drive, body: dict[str, list[str]], pointer: str
) -> None:
    found = problem(drive.resident().post("/api/v1/me/consents", body), 422, "invalid-input")
    assert found["errors"][0]["pointer"] == pointer
