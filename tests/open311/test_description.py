"""What the published description says of a call holds for whatever is sent, in both forms.

Left out: negative_data_rejection, because the standard takes an empty parameter for none and what
it does not know for nothing; and what tests/openapi leaves out, for its reasons.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import given
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from app.factory import App
from app.open311.description import document
from app.open311.endpoint import PRODUCTION, TEST
from tests.documented import CONFORMS, operations_of
from tests.drive import Drive
from tests.open311.calls import key_of, number_of, send
from tests.openapi.test_own_document import DETERMINED, ELSEWHERE

DOCUMENT = document([PRODUCTION])
OPERATIONS = operations_of(schemathesis.openapi.from_dict(DOCUMENT))


@pytest.mark.parametrize("base", [PRODUCTION, TEST])
@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_are_as_described(app: App, drive: Drive, label: str, base: str) -> None:
    key = key_of(drive)
    number = number_of(send(drive, key))
    operation = OPERATIONS[label]
    known = {"service_request_id": number, "token": number, "service_code": "junk-vehicle"}

    def each(cases: Any) -> None:
        @DETERMINED
        @given(case=cases)
        def call(case: Any) -> None:
            if case.path_parameters["form"] not in ("json", "xml"):
                case.path_parameters["form"] = "xml"  # another is no address of these calls
            for name, value in known.items():
                if name in case.path_parameters and case.path_parameters["form"] == "json":
                    case.path_parameters[name] = value
            if isinstance(case.body, dict) and "api_key" in case.body:
                case.body["api_key"] = key
            with drive.db.begin_nested() as undone:
                answer = case.call(
                    app=app, base_url=f"http://localhost{base}", environ_base=ELSEWHERE
                )
                undone.rollback()
            case.validate_response(answer, checks=[not_a_server_error, *CONFORMS])

        call()

    each(operation.as_strategy())
    each(operation.as_strategy(GenerationMode.NEGATIVE))


def test_the_description_is_valid_and_served(drive: Drive) -> None:
    served = drive.client.get(f"{PRODUCTION}/openapi.json").json
    assert [str(error) for error in OpenAPIV31SpecValidator(served).iter_errors()] == []
    assert [one["url"] for one in served["servers"]] == [
        f"http://photos.test{PRODUCTION}",
        f"http://photos.test{TEST}",
    ]
    assert served["paths"].keys() == DOCUMENT["paths"].keys()


def test_every_call_is_described(app: App) -> None:
    described = {
        f"{method.upper()} {path.replace('{', '<').replace('}', '>')}"
        for path, calls in DOCUMENT["paths"].items()
        for method in calls.keys() - {"parameters"}
    }
    routes = {
        f"{method} {rule.rule.removeprefix(PRODUCTION)}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PRODUCTION}/") and rule.rule.endswith("form>")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert {one.split()[0] + one.partition(" ")[2].partition("<")[0] for one in described} == {
        one.split()[0] + one.partition(" ")[2].partition("<")[0] for one in routes
    }
