"""Whatever is sent as JSON, query or header is answered with a problem, and leaves nothing."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from models.case import Case
from models.geo import Point
from models.ledger import LedgerEntry
from models.outbox import Outbox
from models.photo import Attachment, Photo
from models.report import Report
from tests.drive import Drive, Person, place, pointers, problem

REPORTS = "/api/v1/reports"
TABLES = (Case, Report, LedgerEntry, Attachment, Photo, Outbox)
WORDS = "路边一堆垃圾没人清理"


def rows(drive: Drive) -> list[int]:
    """How many rows each table that a write touches holds."""
    return [drive.db.execute(select(func.count()).select_from(t)).scalar_one() for t in TABLES]


def send(person: Person, raw: bytes, path: str = REPORTS, **kwargs: Any) -> Any:
    return person.request("POST", path, data=raw, content_type="application/json", **kwargs)


BAD_FIELDS: list[tuple[str, dict[str, Any], str]] = [
    ("no coord_type", {"location": {"longitude": 112.57, "latitude": 26.9}}, "/location/coord_type"),
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


@pytest.mark.parametrize(("change", "pointer"), [b[1:] for b in BAD_FIELDS], ids=[b[0] for b in BAD_FIELDS])
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


QUERIES = [
    "limit=0", "limit=201", "limit=x", "limit=1.5", "limit=-1", "cursor=nonsense", "cursor=!!",
    "cursor=W10", "cursor=WyJ4Il0", "cursor=" + "A" * 301, "sort=number", "status=unknown",
    "source=unknown", "category=a b", "area=%00", "unit=no-such", "since=yesterday",
    "since=2026-01-01T00:00:00", "near=1,2", "near=nan,nan,nan", "near=112,26,-1",
    "near=112,26,inf", "near=a,b,c", "holder=you", "overdue=perhaps", "q=%00", "q=" + "a" * 101,
    "colour=red", "status=assigned&colour=red",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_query_is_422_and_names_the_parameter(drive: Drive, query: str) -> None:
    found = problem(drive.staff("desk").get(f"/api/v1/cases?{query}"), 422, "invalid-input")
    name = query.rsplit("&", maxsplit=1)[-1].split("=")[0]
    assert pointers(found) == [f"/{name}"]


def forged(*values: Any) -> str:
    import base64

    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("path", "cursor"),
    [
        ("reports", forged(10**30)),
        ("reports", forged(-(10**30))),
        ("reports", forged(True)),
        ("reports", forged(2**64 - 1)),
        ("cases", forged("-submitted_at", "2026-01-01T00:00:00+00:00", 2**63)),
        ("reports", forged("1")),
        ("notices", forged(10**30)),
        ("cases", forged("-submitted_at", "2026-01-01T00:00:00+00:00", 10**30)),
        ("cases", forged("-submitted_at", 5, 1)),
        ("cases", forged("due_at", None, 5)),
    ],
)
def test_a_forged_cursor_is_refused(drive: Drive, path: str, cursor: str) -> None:
    answer = drive.staff("desk").get(f"/api/v1/{path}?cursor={cursor}")
    found = problem(answer, 422, "invalid-input")
    assert pointers(found) == ["/cursor"]


UNKNOWN = ["/api/v1/cases/HY0", "/api/v1/cases/%00", "/api/v1/cases/" + "9" * 64]
UNKNOWN += [f"/api/v1/reports/{name}" for name in ("0", "x", "%C2%B2", "9" * 20, "-1", "%00")]
UNKNOWN += [f"/api/v1/photos/{n}" for n in ("x", "-" * 36, "0" * 32, "a" * 33, "%00", "z" * 36)]
UNKNOWN += ["/api/v1/nowhere", "/nowhere"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_does_not_exist_is_404(drive: Drive, path: str) -> None:
    problem(drive.staff("desk").get(path), 404, "not-found")


def test_a_merge_into_a_number_that_cannot_be_is_422(drive: Drive) -> None:
    number = drive.resident().report()["case_number"]
    for target in ("HY\x00", "HY 1", "", "字" * 65, None, 5, ["HY1"]):
        answer = drive.staff("desk").act(number, "merge", target=target)
        found = problem(answer, 422, "invalid-input")
        assert pointers(found) == ["/target"]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "explode"}, {"action": None}, {"action": 5}, {"version": "x"},
        {"version": None}, {"version": -1}, {"version": 10**30}, {"version": 1.5},
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
            number, "transfer_out", to="市路灯处", reason="市管", review_at=moment, reply="已转市路灯处"
        ),
        desk.post(
            REPORTS,
            {
                "description": WORDS, "location": place(), "source": "phone",
                "external_due_at": moment,
            },
        ),
        desk.get("/api/v1/cases", query_string={"since": moment}),
    ]
    for answer in tries:
        assert answer.status_code == 422, answer.text
        assert answer.content_type == "application/problem+json"


def test_a_replayed_key_answers_the_same_and_an_altered_one_is_refused(drive: Drive) -> None:
    lily = drive.resident()
    body = {
        "category": "exposed-garbage", "description": WORDS, "location": place(),
        "photo_ids": [lily.photo()],
    }
    key = {"Idempotency-Key": "first"}
    first = lily.post(REPORTS, body, headers=key)
    written = rows(drive)
    again = lily.post(REPORTS, body, headers=key)
    assert (again.status_code, again.data) == (201, first.data)
    other = lily.post(REPORTS, body | {"description": "别的"}, headers=key)
    problem(other, 422, "idempotency-conflict")
    assert rows(drive) == written
    # another's key, and the same key on another path, are other keys
    assert drive.resident("tom").post(REPORTS, body, headers=key).status_code == 422
    urged = lily.post(f"{REPORTS}/{first.json['id']}/urge", headers=key)
    assert urged.status_code == 200


def test_a_refusal_is_not_kept_under_its_key(drive: Drive) -> None:
    lily, key = drive.resident(), {"Idempotency-Key": "again"}
    body = {"category": "exposed-garbage", "description": WORDS, "location": place()}
    problem(lily.post(REPORTS, body, headers=key), 422, "invalid-input")
    good = body | {"photo_ids": [lily.photo()]}
    assert lily.post(REPORTS, good, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel"])
def test_a_key_that_is_no_key_is_422(drive: Drive, key: str) -> None:
    answer = drive.resident().post(REPORTS, {}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer ümlaut", "Bearer x"])
def test_without_a_live_token_it_is_401(drive: Drive, header: str) -> None:
    answer = drive.client.get("/api/v1/me", headers={"Authorization": header})
    problem(answer, 401, "signed-out")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_dead_the_moment_it_is_revoked(drive: Drive) -> None:
    lily = drive.resident()
    assert lily.request("DELETE", "/api/v1/sessions/current").status_code == 204
    problem(lily.get("/api/v1/me"), 401, "signed-out")
    body = {"description": WORDS, "location": place()}
    problem(lily.post(REPORTS, body), 401, "signed-out")
    problem(lily.request("DELETE", "/api/v1/sessions/current"), 401, "signed-out")


def test_a_method_that_is_not_there_is_405(drive: Drive) -> None:
    problem(drive.resident().request("PUT", REPORTS), 405, "method-not-allowed")
