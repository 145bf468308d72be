"""Public cases for maps: only what may be public, however one looks."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.calendar import LOCAL
from models.case import Case
from models.content import ContentCheck
from tests.drive import Answer, Drive, problem

PATH = "/public/cases.geojson"
FOUND = {"longitude": 112.5712345, "latitude": 26.9012345, "coord_type": "wgs84"}


def get(drive: Drive, **query: Any) -> Answer:
    return drive.client.get(PATH, query_string=query)


def numbers(drive: Drive, **query: Any) -> list[str]:
    answer = get(drive, **query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json["features"]]


def made(drive: Drive, who: str = "lily", **more: Any) -> str:
    number: str = drive.resident(who).report("flyers", photo_ids=[], **more)["case_number"]
    return number


def changed(drive: Drive, number: str, **columns: Any) -> None:
    drive.db.execute(update(Case).where(Case.number == number).values(**columns))


def test_a_case_is_a_point_without_a_word_of_anybody(drive: Drive) -> None:
    number = made(drive, location=FOUND, address="我家门口")
    answer = get(drive)
    (one,) = [f for f in answer.json["features"] if f["id"] == number]
    assert one["geometry"] == {"type": "Point", "coordinates": [112.571235, 26.901235]}
    assert set(one["properties"]) == {
        *("number", "category", "category_name", "status", "status_label", "grid"),
        *("submitted_at", "closed_at"),
    }
    assert "门口" not in answer.text
    assert answer.content_type == "application/geo+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_is_not_public_is_on_no_map(drive: Drive) -> None:
    hidden = drive.resident().report("food-safety", photo_ids=[])["case_number"]
    gone = {status: made(drive, status) for status in ("withdrawn", "merged")}
    for status, number in gone.items():
        changed(drive, number, status=status)
    assert not {hidden, *gone.values()} & set(numbers(drive))


def test_filters(drive: Drive) -> None:
    first, second = made(drive, "a", location=FOUND), made(drive, "b")
    changed(drive, second, status="closed", category="debris")
    then = datetime.now(UTC) - timedelta(days=3)
    changed(drive, first, submitted_at=then)
    both = {first, second}
    for query, expected in (
        ({"status": "open"}, {first}),
        ({"status": "closed"}, {second}),
        ({"category": "debris"}, {second}),
        ({"category": "debris,flyers"}, both),
        ({"since": (then + timedelta(days=1)).isoformat()}, {second}),
        ({"until": (then + timedelta(days=1)).isoformat()}, {first}),
        ({"bbox": "112.5712,26.9012,112.5713,26.9013"}, {first}),
        ({"bbox": "112,26,113,27"}, both),
        ({"bbox": "113,26,114,27"}, set()),
    ):
        assert set(numbers(drive, **query)) & both == expected, query


def test_a_small_box_tells_no_more_of_a_coarse_place(drive: Drive) -> None:
    number = made(drive, location=FOUND)
    coarse = next(c.code for c in drive.kit.atlas().categories.values() if c.coarse)
    changed(drive, number, category=coarse)
    assert number not in numbers(drive, bbox="112.5712,26.9012,112.5713,26.9013")
    assert number in numbers(drive, bbox="112.5709,26.9009,112.5711,26.9011")


def test_pages_follow_each_other(drive: Drive) -> None:
    wanted = [made(drive, str(i)) for i in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = get(drive, limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [one["id"] for one in page["features"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [number for number in seen if number in wanted] == wanted[::-1]
    assert len(seen) == len(set(seen))


def test_what_has_not_changed_is_not_sent_again(drive: Drive) -> None:
    made(drive)
    first = get(drive)
    headers = {"If-None-Match": first.headers["ETag"]}
    again = drive.client.get(PATH, headers=headers)
    assert (again.status_code, again.data) == (304, b"")
    made(drive, "b")
    assert drive.client.get(PATH, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "113,26,112,27"},
        {"bbox": "-181,0,0,1"},
        {"bbox": "nan,0,0,1"},
        {"status": "new"},
        {"limit": "5001"},
        {"cursor": "x"},
        {"cursor": "WyJhIiwxXQ"},
        {"since": "yesterday"},
        {"unknown": "1"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(drive: Drive, query: dict[str, str]) -> None:
    problem(get(drive, **query), 422, "invalid-input")


def table(drive: Drive, month: str) -> list[dict[str, str]]:
    answer = drive.client.get("/public/cases.csv", query_string={"month": month})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_month_is_a_table_of_what_may_be_public(drive: Drive) -> None:
    first, last = made(drive, "a", description="=HYPERLINK()"), made(drive, "b")
    before, after = made(drive, "c"), made(drive, "d")
    hidden = drive.resident().report("food-safety", photo_ids=[])["case_number"]
    begins = datetime(2025, 2, 1, tzinfo=LOCAL)
    ends = datetime(2025, 3, 1, tzinfo=LOCAL)
    second = timedelta(seconds=1)
    changed(drive, first, submitted_at=begins)
    changed(drive, last, submitted_at=ends - second)
    changed(drive, hidden, submitted_at=begins)
    changed(drive, before, submitted_at=begins - second)
    changed(drive, after, submitted_at=ends)
    assert [row["案卷编号"] for row in table(drive, "2025-02")] == [first, last]
    assert table(drive, "2025-02")[0]["问题描述"] == ""
    drive.db.execute(update(ContentCheck).values(state="passed"))
    assert table(drive, "2025-02")[0]["问题描述"] == "'=HYPERLINK()"


@pytest.mark.parametrize("month", ["2025", "2025-Q1", "2025-02-03", "now", "2025-13", ""])
def test_what_is_no_month_is_refused(drive: Drive, month: str) -> None:
    answer = drive.client.get("/public/cases.csv", query_string={"month": month})
    problem(answer, 422, "invalid-input")


def test_a_month_that_did_not_change_is_not_sent_again(drive: Drive) -> None:
    drive.resident().report("flyers", photo_ids=[])
    query = {"month": f"{datetime.now(LOCAL):%Y-%m}"}
    first = drive.client.get("/public/cases.csv", query_string=query)
    again = drive.client.get(
        "/public/cases.csv", query_string=query, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    drive.resident("b").report("flyers", photo_ids=[])
    changed = drive.client.get(
        "/public/cases.csv", query_string=query, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert changed.status_code == 200
