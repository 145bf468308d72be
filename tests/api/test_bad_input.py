"""Whatever is sent as JSON, query or header is answered with a problem, and leaves nothing."""

import json
from typing import Any

import pytest

from models.geo import Point
from tests.api.story import REPORTS, WORDS, rows
from tests.drive import Drive, Person, place, pointers, problem


def send(person: Person, raw: bytes, path: str = REPORTS, **kwargs: Any) -> Any:
    return person.request("POST", path, data=raw, content_type="application/json", **kwargs)


BAD_FIELDS: list[tuple[str, dict[str, Any], str]] = [
    (
        "no coord_type",
        {"location": {"longitude": 112.57, "latitude": 26.9}},
        "/location/coord_type",
    ),
    ("unknown coord_type", {"location": place(coord_type="utm")}, "/location/coord_type"),
    ("longitude 181", {"location": place(Point(181, 26.9))}, "/location/longitude"),
    ("latitude 91", {"location": place(Point(112.57, 91))}, "/location/latitude"),
    ("place a list", {"location": [112.57, 26.9]}, "/location"),
    ("place null", {"location": None}, "/location"),
    ("longitude words", {"location": place() | {"longitude": "east"}}, "/location/longitude"),
    ("accuracy negative", {"location": place(accuracy_m=-1)}, "/location/accuracy_m"),
    ("unknown in place", {"location": place(height=3)}, "/location/height"),
    ("unknown category", {"category": "no-such"}, "/category"),
    ("category a number", {"category": 7}, "/category"),
    ("category with NUL", {"category": "exposed\x00garbage"}, "/category"),
    ("description 501", {"description": "字" * 501}, "/description"),
    ("description blank", {"description": " \n\t "}, "/description"),
    ("description NUL", {"description": "坏\x00字"}, "/description"),
    ("description an object", {"description": {"a": 1}}, "/description"),
    ("address NUL", {"address": "a\x00b"}, "/address"),
    ("address 201", {"address": "a" * 201}, "/address"),
    ("phone words", {"contact_phone": "call me"}, "/contact_phone"),
    ("anonymous 5", {"anonymous": 5}, "/anonymous"),
    ("photos a word", {"photo_ids": "abc"}, "/photo_ids"),
    ("photo a number", {"photo_ids": [1]}, "/photo_ids/0"),
    ("photo dashes", {"photo_ids": ["-" * 36]}, "/photo_ids/0"),
    ("photo 33 digits", {"photo_ids": ["a" * 33]}, "/photo_ids/0"),
    ("photo 34 digits", {"photo_ids": ["0" * 34]}, "/photo_ids/0"),
    ("photo unknown", {"photo_ids": ["0" * 32]}, "/photo_ids/0"),
    ("ten photos", {"photo_ids": ["0" * 32] * 10}, "/photo_ids"),
    ("no photo", {"category": "exposed-garbage"}, "/photo_ids"),
    ("unknown field", {"colour": "red"}, "/colour"),
    ("source unknown", {"source": "rumour"}, "/source"),
    ("source patrol", {"source": "patrol"}, "/source"),
    ("after photos", {"after_photo_ids": ["0" * 32]}, "/after_photo_ids"),
    ("external number", {"external_number": "W1"}, "/external_number"),
    ("external due", {"external_due_at": "2027-01-01T00:00:00Z"}, "/external_due_at"),
    ("reporter name", {"reporter_name": "张三"}, "/reporter_name"),
    ("join unknown", {"join_case": "HY0"}, "/join_case"),
    ("join NUL", {"join_case": "HY\x00"}, "/join_case"),
]


@pytest.mark.parametrize(
    ("change", "pointer"), [b[1:] for b in BAD_FIELDS], ids=[b[0] for b in BAD_FIELDS]
)
def test_a_bad_field_is_named_and_nothing_is_written(
    drive: Drive, change: dict[str, Any], pointer: str
) -> None:
    lily = drive.resident()
    body = {"category": "flyers", "description": WORDS, "location": place()}
    before = rows(drive)
    answer = lily.post(REPORTS, body | change)
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]
    assert pointer in pointers(answer.json)
    assert rows(drive) == before


@pytest.mark.parametrize(
    "point",
    [(0, 0), (0, 90), (0, -90), (180, 0), (-180, 90), (112.9, 26.9), (112.57, 28.2)],
    ids=str,
)
def test_a_place_outside_is_refused_and_the_area_served_is_named(
    drive: Drive, point: tuple[float, float]
) -> None:
    lily = drive.resident()
    for system in ("wgs84", "gcj02", "bd09"):
        body = {"description": WORDS, "location": place(Point(*point), coord_type=system)}
        found = problem(lily.post(REPORTS, body), 422, "outside-service-area")
        assert found["served"] in found["detail"]
        located = lily.post("/api/v1/locate", {"location": body["location"]})
        problem(located, 422, "outside-service-area")


RAW_BODIES: list[tuple[str, bytes, int]] = [
    ("broken", b'{"description": "x"', 400),
    ("words", b"hello", 400),
    ("not UTF-8", b'{"description": "\xff\xfe"}', 400),
    ("lone surrogate", b'{"description": "\\ud800"}', 400),
    ("surrogates swapped", b'{"description": "\\udc00\\ud800"}', 400),
    ("NaN", b'{"location": {"longitude": NaN}}', 400),
    ("Infinity", b'{"location": {"longitude": Infinity}}', 400),
    ("1e999", b'{"location": {"longitude": 1e999, "latitude": 1, "coord_type": "wgs84"}}', 400),
    ("array", b"[]", 422),
    ("array of objects", b'[{"description": "x"}]', 422),
    ("string", b'"text"', 422),
    ("empty string", b'""', 422),
    ("an object in a string", json.dumps(json.dumps({"ids": ["1"]})).encode(), 422),
    ("null", b"null", 422),
    ("number", b"12", 422),
    ("true", b"true", 422),
    ("empty object", b"{}", 422),
    ("nothing", b"", 422),
    ("deep", b'{"location": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
    ("5000 digits", b'{"location": {"longitude": ' + b"1" * 5000 + b"}}", 400),
]
PATHS = [REPORTS, "/api/v1/locate", "/api/v1/sessions", "/api/v1/notices/read"]


@pytest.mark.parametrize(
    ("raw", "status"), [r[1:] for r in RAW_BODIES], ids=[r[0] for r in RAW_BODIES]
)
def test_a_body_that_is_no_json_object_is_refused(drive: Drive, raw: bytes, status: int) -> None:
    before = rows(drive)
    for path in PATHS:
        answer = send(drive.resident(), raw, path)
        assert answer.status_code == status, (path, answer.text)
        assert answer.content_type == "application/problem+json"
    assert rows(drive) == before


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"1", b"{", b"", b"{}"])
def test_an_action_without_an_object_is_refused(drive: Drive, raw: bytes) -> None:
    number = drive.resident().report()["case_number"]
    answer = send(drive.staff("unit1"), raw, f"/api/v1/cases/{number}/actions")
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("size", [262_145, 5_000_000])
def test_a_body_past_its_limit_is_413_before_it_is_parsed(drive: Drive, size: int) -> None:
    body = b'{"description": "' + b"a" * (size - 19) + b'"}'
    problem(send(drive.resident(), body), 413, "body-too-large")


def test_a_content_length_that_lies_upwards_is_413(drive: Drive) -> None:
    answer = send(drive.resident(), b"{}", environ_overrides={"CONTENT_LENGTH": "99999999"})
    problem(answer, 413, "body-too-large")


def test_a_content_length_that_lies_downwards_reads_no_further(drive: Drive) -> None:
    body = json.dumps({"description": WORDS, "location": place()}).encode()
    answer = send(drive.resident(), body, environ_overrides={"CONTENT_LENGTH": "10"})
    problem(answer, 400, "bad-request")


def test_a_stream_without_length_is_cut_at_the_limit(drive: Drive) -> None:
    answer = send(
        drive.resident(),
        b'{"description": "' + b"a" * 300_000 + b'"}',
        environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )
    problem(answer, 413, "body-too-large")


def test_a_merge_into_a_number_that_cannot_be_is_422(drive: Drive) -> None:
    number = drive.resident().report()["case_number"]
    for target in ("HY\x00", "HY 1", "", "字" * 65, None, 5, ["HY1"]):
        answer = drive.staff("desk").act(number, "merge", target=target)
        found = problem(answer, 422, "invalid-input")
        assert pointers(found) == ["/target"]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "explode"},
        {"action": None},
        {"action": 5},
        {"version": "x"},
        {"version": None},
        {"version": -1},
        {"version": 10**30},
        {"version": 1.5},
    ],
    ids=str,
)
def test_an_action_of_the_wrong_type_is_422(drive: Drive, change: dict[str, Any]) -> None:
    number = drive.resident().report()["case_number"]
    body = {"action": "start", "version": 2} | change
    answer = drive.staff("unit1").post(f"/api/v1/cases/{number}/actions", body)
    found = problem(answer, 422, "invalid-input")
    assert pointers(found) == [f"/{next(iter(change))}"]


FAR_MOMENTS = ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]


@pytest.mark.parametrize("moment", FAR_MOMENTS)
def test_a_moment_past_every_calendar_is_422(drive: Drive, moment: str) -> None:
    lily, unit, desk = drive.resident(), drive.staff("unit1"), drive.staff("desk")
    supervisor = drive.staff("supervisor")
    number = lily.report()["case_number"]
    unit.done(number, "start")
    tries = [
        supervisor.act(number, "supervise", due_at=moment, comment="请尽快办理"),
        unit.act(number, "ask_extension", due_at=moment, reason="雨天"),
        desk.act(
            number,
            "transfer_out",
            to="市路灯处",
            reason="市管",
            review_at=moment,
            reply="已转市路灯处",
        ),
        desk.post(
            REPORTS,
            {
                "description": WORDS,
                "location": place(),
                "source": "phone",
                "external_due_at": moment,
            },
        ),
        desk.get("/api/v1/cases", query_string={"since": moment}),
    ]
    for answer in tries:
        assert answer.status_code == 422, answer.text
        assert answer.content_type == "application/problem+json"
