"""Queries, cursors, addresses, keys and tokens that are wrong."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy import event

from tests.api.story import REPORTS, WORDS, rows
from tests.drive import Drive, place, pointers, problem

QUERIES = [
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1.5",
    "limit=-1",
    "cursor=nonsense",
    "cursor=!!",
    "cursor=W10",
    "cursor=WyJ4Il0",
    "cursor=" + "A" * 301,
    "sort=number",
    "status=unknown",
    "source=unknown",
    "category=a b",
    "area=%00",
    "unit=no-such",
    "since=yesterday",
    "since=2026-01-01T00:00:00",
    "near=1,2",
    "near=nan,nan,nan",
    "near=112,26,-1",
    "near=112,26,inf",
    "near=a,b,c",
    "holder=you",
    "overdue=perhaps",
    "q=%00",
    "q=" + "a" * 101,
    "colour=red",
    "status=assigned&colour=red",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_query_is_422_and_names_the_parameter(drive: Drive, query: str) -> None:
    found = problem(drive.staff("desk").get(f"/api/v1/cases?{query}"), 422, "invalid-input")
    name = query.rsplit("&", maxsplit=1)[-1].split("=", maxsplit=1)[0]
    assert pointers(found) == [f"/{name}"]


def forged(*values: Any) -> str:
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


def test_a_replayed_key_answers_the_same_and_an_altered_one_is_refused(drive: Drive) -> None:
    lily = drive.resident()
    body = {
        "category": "exposed-garbage",
        "description": WORDS,
        "location": place(),
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


def test_a_key_is_free_again_after_its_day(drive: Drive) -> None:
    lily, key = drive.resident(), {"Idempotency-Key": "yesterday"}
    body = {"category": "flyers", "description": WORDS, "location": place()}
    first = lily.post(REPORTS, body, headers=key)
    drive.db.exec_driver_sql("UPDATE idempotency SET created_at = now() - interval '25 hours'")
    second = lily.post(REPORTS, body | {"description": "别的"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["id"] != second.json["id"]


@pytest.mark.parametrize("keyed", [False, True])
def test_a_report_and_its_kept_answer_are_written_by_one_statement(
    drive: Drive, *, keyed: bool
) -> None:
    lily = drive.resident()
    body = {"description": WORDS, "location": place(), "photo_ids": [lily.photo()]}
    written: list[str] = []

    @event.listens_for(drive.db, "before_cursor_execute")
    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        if "INSERT" in statement or "UPDATE" in statement or "DELETE" in statement:
            written.append(statement)

    headers = {"Idempotency-Key": "one"} if keyed else {}
    assert lily.post(REPORTS, body, headers=headers).status_code == 201
    assert len(written) == 1
    assert ("idempotency" in written[0]) is keyed


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel"])
def test_a_key_that_is_no_key_is_422(drive: Drive, key: str) -> None:
    answer = drive.resident().post(REPORTS, {}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer ümlaut", "Bearer x"]
)
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
