"""Lists: filters, pages that neither skip nor repeat, scope, search, and what they cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.geo import Point
from models.routing import Atlas
from tests.drive import CENTRE, Drive, Person, place
from tests.factories import make_case

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECOND_STREET = Point(112.57, 26.894)


def numbers(person: Person, **query: Any) -> list[str]:
    answer = person.get("/api/v1/cases", query_string=query)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json["items"]]


def paged(person: Person, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages, one after the other."""
    found: list[dict[str, Any]] = []
    for _ in range(50):
        page = person.get(path, query_string=query).json
        assert len(page["items"]) <= int(query["limit"])
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]
    raise AssertionError("the pages do not end")


@pytest.fixture
def old(drive: Drive, atlas: Atlas) -> list[str]:
    """23 cases: statuses mixed, submitted times with ties, due times with ties and gaps."""
    statuses = ["submitted", "assigned", "in_progress", "closed", "verifying"]
    return [
        make_case(
            drive.db,
            atlas,
            status=statuses[i % 5],
            submitted_at=NOW + timedelta(minutes=i // 3),
            due_at=None if i % 4 == 0 else NOW + timedelta(hours=i // 2),
        )
        for i in range(23)
    ]


@pytest.mark.parametrize("limit", [1, 2, 5, 22, 23, 200])
@pytest.mark.parametrize("sort", ["-submitted_at", "due_at"])
def test_pages_are_whole_without_repeats_and_in_order(
    drive: Drive, old: list[str], sort: str, limit: int
) -> None:
    desk = drive.staff("desk")
    found = paged(desk, "/api/v1/cases", limit=limit, sort=sort)
    seen = [item["number"] for item in found]
    assert len(seen) == len(set(seen))
    open_ones = [n for i, n in enumerate(old) if i % 5 != 3]
    if sort == "due_at":
        assert set(seen) == set(open_ones)
        dues = [(item["due_at"] is None, item["due_at"] or "") for item in found]
        assert dues == sorted(dues)
    else:
        assert set(seen) == set(old)
        times = [item["submitted_at"] for item in found]
        assert times == sorted(times, reverse=True)


def test_filters_narrow_and_lists_of_values_are_alternatives(drive: Drive, atlas: Atlas) -> None:
    db, desk = drive.db, drive.staff("desk")
    one = make_case(db, atlas, status="assigned", unit="U-HW", category="debris", submitted_at=NOW)
    two = make_case(
        db,
        atlas,
        status="closed",
        unit="U-ZF",
        source="patrol",
        at=SECOND_STREET,
        submitted_at=NOW - timedelta(days=40),
        due_at=NOW,
        closed_at=NOW,
    )
    three = make_case(
        db,
        atlas,
        status="in_progress",
        unit="U-ZF",
        submitted_at=NOW - timedelta(days=2),
        due_at=NOW - timedelta(days=1),
    )
    tables: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {one, two, three}),
        ({"status": "assigned"}, {one}),
        ({"status": "assigned,closed"}, {one, two}),
        ({"category": "debris"}, {one}),
        ({"category": "debris,flyers", "status": "in_progress"}, {three}),
        ({"unit": "U-HW"}, {one}),
        ({"unit": "U-CG"}, {one, two, three}),
        ({"unit": "U-SJ"}, set()),
        ({"unit": "U-HW,U-ZF", "status": "closed"}, {two}),
        ({"area": "439900"}, {one, two, three}),
        ({"area": "439900002"}, {two}),
        ({"area": "439900001"}, {one, three}),
        ({"area": "no-such-area"}, set()),
        ({"source": "patrol"}, {two}),
        ({"overdue": "true"}, {three}),
        ({"since": "2026-03-01T08:00:00+00:00"}, {one}),
        ({"until": "2026-03-01T08:00:00+00:00"}, {two, three}),
        ({"since": "2026-02-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, {three}),
        ({"near": f"{CENTRE.longitude},{CENTRE.latitude},100"}, {one, three}),
        ({"near": f"{CENTRE.longitude},{CENTRE.latitude},2000"}, {one, two, three}),
        ({"q": one}, {one}),
        ({"q": one[:-2].lower()}, {one}),
        ({"sort": "due_at"}, {one, three}),
        ({"sort": "due_at", "status": "closed"}, {two}),
    ]
    for query, expected in tables:
        assert set(numbers(desk, **query)) == expected, query


def test_two_chinese_characters_find_words_and_a_number_finds_its_case(drive: Drive) -> None:
    lily, desk = drive.resident(), drive.staff("desk")
    first = lily.report("flyers", photo_ids=[], description="楼道口有小广告，很多")["case_number"]
    second = lily.report("flyers", photo_ids=[], description="电线杆旁", address="解放大道3号")
    drive.index_words()
    assert numbers(desk, q="广告") == [first]
    assert numbers(desk, q="解放") == [second["case_number"]]
    assert numbers(desk, q="解放大道3号") == [second["case_number"]]
    assert numbers(desk, q="口多") == []
    assert numbers(desk, q="道口有小") == [first]
    assert numbers(desk, q=first) == [first]
    assert set(numbers(desk, q=first[:6].lower())) == {first, second["case_number"]}
    assert numbers(desk, q="%") == []
    assert numbers(desk, q="HY_026") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("desk", "abcd"),
        ("supervisor", "abcd"),
        ("admin", "abcd"),
        ("worker1", "ac"),
        ("worker6", ""),
        ("unit1", "a"),
        ("unit14", "ab"),
        ("unit4", "b"),
        ("unit8", ""),
    ],
)
def test_each_role_lists_its_scope_and_reads_no_more(
    drive: Drive, atlas: Atlas, name: str, expected: str
) -> None:
    db = drive.db
    made = {
        "a": make_case(db, atlas, status="assigned", unit="U-HW"),
        "b": make_case(db, atlas, status="assigned", unit="U-ZF", at=SECOND_STREET),
        "c": make_case(db, atlas),
        "d": make_case(db, atlas, at=SECOND_STREET),
    }
    person = drive.staff(name)
    listed = numbers(person)
    assert set(listed) == {made[letter] for letter in expected}
    assert len(listed) == len(set(listed))
    for letter, number in made.items():
        answer = person.get(f"/api/v1/cases/{number}/ledger")
        assert answer.status_code == (200 if letter in expected else 404)


def test_holder_me_lists_what_waits_for_me(drive: Drive, atlas: Atlas) -> None:
    db, worker = drive.db, drive.staff("worker6")
    named = make_case(db, atlas, status="verifying", holder=f"worker:{worker.account_id}")
    waiting = make_case(db, atlas)
    held = make_case(db, atlas, status="assigned", unit="U-HW")
    assert numbers(worker, holder="me") == [named]
    assert numbers(worker) == [named]  # named wherever it lies
    assert numbers(drive.staff("desk"), holder="me") == [waiting]
    assert numbers(drive.staff("unit14"), holder="me") == [held]
    assert numbers(drive.staff("supervisor"), holder="me") == []


def test_own_reports_and_notices_come_in_pages(drive: Drive) -> None:
    lily, tom = drive.resident(), drive.resident("tom")
    made = [lily.report("flyers", photo_ids=[])["id"] for _ in range(5)]
    tom.report("flyers", photo_ids=[])
    found = paged(lily, "/api/v1/reports", limit=2)
    assert [one["id"] for one in found] == made[::-1]
    drive.spread_notices()
    inbox = paged(lily, "/api/v1/notices", limit=2)
    assert len({one["id"] for one in inbox}) == len(inbox) >= 1
    ids = [one["id"] for one in inbox]
    assert lily.get("/api/v1/me").json["unread"] == len(ids)
    assert tom.post("/api/v1/notices/read", {"ids": ids}).json == {"read": 0}
    assert lily.post("/api/v1/notices/read", {"ids": ids}).json == {"read": len(ids)}
    assert lily.get("/api/v1/me").json["unread"] == 0


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Statements that go to the database, savepoints aside."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_lists_and_details_cost_the_same_whatever_they_hold(
    drive: Drive, engine: Engine, old: list[str]
) -> None:
    desk = drive.staff("desk")
    number = drive.resident().report("flyers", photo_ids=[])["case_number"]
    drive.client.get("/api/v1/catalogue")
    for path, most in (
        ("/api/v1/cases?limit=1", 4),
        ("/api/v1/cases?limit=200", 4),
        ("/api/v1/cases?sort=due_at&unit=U-ZF&q=旧案", 4),
        (f"/api/v1/cases/{number}", 6),
    ):
        with counted(engine) as sent:
            assert desk.get(path).status_code == 200
        assert 1 <= len(sent) <= most, sent
    desk.done(number, "remark", comment="又一行")
    with counted(engine) as sent:
        desk.case(number)
    assert len(sent) <= 6, sent


def test_a_report_costs_at_most_twelve_statements(drive: Drive, engine: Engine) -> None:
    lily = drive.resident()
    body = {
        "category": "exposed-garbage",
        "description": "垃圾",
        "location": place(),
        "photo_ids": [lily.photo(), lily.photo()],
    }
    with counted(engine) as sent:
        answer = lily.post("/api/v1/reports", body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201
    assert len(sent) <= 12, sent
