"""Answers compared with the document that the service publishes of itself."""

from typing import Any

import schemathesis
from flask.testing import FlaskClient
from schemathesis import Config
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.exceptions import HTTPException

from app.api.document import path_of
from app.factory import routed

DOCUMENT = "/api/v1/openapi.json"
CONFORMS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _closed(document: Any) -> Any:
    """The document with no room in answers for what it does not name: clients must bear new
    members, but nothing is told that is not described."""
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Out") and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


SCHEMA = schemathesis.openapi.from_dict(
    _closed(routed().test_client().get(DOCUMENT).json),
    config=Config.from_dict({"generation": {"with-security-parameters": False}}),
)


def operations_of(schema: Any) -> dict[str, Any]:
    """Every operation of a document, by method and path."""
    found = (one.ok() for one in schema.get_all_operations() if isinstance(one, Ok))
    return {operation.label: operation for operation in found}


OPERATIONS = operations_of(SCHEMA)


class DocumentedClient(FlaskClient):
    """A test client that takes no answer which the document does not describe."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().open(*args, **kwargs)
        path, method = answer.request.path, answer.request.method
        try:
            rule, values = self.application.url_map.bind("localhost").match(
                path, method, return_rule=True
            )
        except HTTPException:
            return answer
        operation = OPERATIONS.get(f"{method} {path_of(rule.rule)}")
        if operation is not None:
            operation.Case(path_parameters=dict(values)).validate_response(answer, checks=CONFORMS)
        return answer


def tells(operation: Any) -> bool:
    """Whether the document tells what success looks like."""
    return any(known.startswith("2") for known in operation.responses.status_codes)
