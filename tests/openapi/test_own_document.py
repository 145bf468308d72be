"""What the document says of an operation holds for whatever is sent, whoever sends it.

Checks that are left out, and why:

- positive_data_acceptance: whether a place is in the district, or a case may move, is no form.
- not_a_server_error: 503 is an answer of ours; any other 5xx is in no document, and so refused.
- ignored_auth, missing_required_header: `nobody` calls here too, and must be told 401.
- unsupported_method: the router's own, with a test in tests/api/test_bad_requests.py.
- use_after_free, ensure_resource_availability, object_level_authorization: they follow what one
  call leaves for the next, and here each call is undone; tests/api follows those.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from sqlalchemy import insert

from app.factory import App
from models.place_code import PlaceCode
from tests.api.story import in_days
from tests.documented import CONFORMS, DOCUMENT, OPERATIONS, tells
from tests.drive import CENTRE, Drive, pointers, problem

EXAMPLES = 10
DETERMINED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}
"""Failed sign-ins from here are not counted against other tests."""


@dataclass
class Town:
    """People who may call, by name, and what exists for them to name in a path."""

    app: App
    drive: Drive
    headers: dict[str, dict[str, str]]
    known: dict[str, str]


@pytest.fixture
def town(app: App, drive: Drive) -> Town:
    lily = drive.resident()
    staff = {name: drive.staff(name) for name in ("worker1", "desk", "supervisor", "admin")}
    report = lily.report()
    number = report["case_number"]
    limits = f"/api/v1/cases/{number}/reporter-limits"
    limit = {"report_id": report["id"], "reason": "多次误报", "expires_at": in_days(3)}
    drive.db.execute(
        insert(PlaceCode).values(
            code="scanned", name="东门", longitude=CENTRE.longitude, latitude=CENTRE.latitude
        )
    )
    return Town(
        app,
        drive,
        headers={"nobody": {}}
        | {
            name: {"Authorization": f"Bearer {one.token}"}
            for name, one in ({"lily": lily} | staff).items()
        },
        known={
            "number": number,
            "report_id": report["id"],
            "photo_id": lily.photo(),
            "limit_id": staff["supervisor"].post(limits, limit).json["id"],
            "username": "worker1",
            "code": "scanned",
        },
    )


@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_are_as_documented(town: Town, label: str) -> None:
    operation = OPERATIONS[label]
    named = {one.name for one in operation.path_parameters} & town.known.keys()
    known = {name: town.known[name] for name in named}
    send(town, operation, operation.as_strategy(path_parameters=known or None))
    if operation.body or any(operation.iter_parameters()):
        send(town, operation, operation.as_strategy(GenerationMode.NEGATIVE))


def send(town: Town, operation: Any, cases: Any) -> None:
    """Sends each case as everybody, and undoes what came of it."""

    checks = [*CONFORMS, negative_data_rejection]

    @DETERMINED
    @given(case=cases)
    def each(case: Any) -> None:
        for name, headers in town.headers.items():
            with town.drive.db.begin_nested() as undone:
                answer = case.call(app=town.app, headers=headers, environ_base=ELSEWHERE)
                undone.rollback()
            try:
                case.validate_response(answer, checks=checks, headers=headers)
                if name == "nobody" and operation.definition.raw["security"]:
                    assert answer.status_code == 401, answer.text
            except Exception as error:
                error.add_note(f"called by {name}")
                raise

    each()


ASKED = [
    (label, parameter.name)
    for label, operation in OPERATIONS.items()
    for parameter in operation.query
    if "/wechat/" not in label  # WeChat's names, which the router does not read
]


@pytest.mark.parametrize(("label", "name"), ASKED)
def test_no_query_takes_what_no_text_of_the_database_holds(
    drive: Drive, label: str, name: str
) -> None:
    method, path = label.split(" ")
    asked = re.sub(r"{\w+}", "x", path)
    answer = drive.staff("supervisor").request(method, asked, query_string={name: "a\x00b"})
    assert f"/{name}" in pointers(problem(answer, 422, "invalid-input"))


def test_every_operation_tells_its_answers() -> None:
    silent = {label for label, found in OPERATIONS.items() if not tells(found)}
    assert silent == set()


def test_no_two_answers_have_one_name() -> None:
    """The later one would stand for both in the document."""
    answers = {(one.__module__, one.__name__) for one in _models() if one.__name__.endswith("Out")}
    names = [name for _, name in answers]
    assert sorted(names) == sorted(set(names))


def _models() -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.add(one)
                waiting.append(one)
    return {one for one in found if one.__module__.startswith("app.")}


def test_the_document_is_valid_and_the_one_that_is_served(drive: Drive) -> None:
    document = drive.client.get(DOCUMENT).json
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    served = {
        f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls
    }
    assert served == OPERATIONS.keys()
