"""The OpenAPI document: what the router knows of each route, and what holds for all of them."""

import re
from collections.abc import Mapping
from typing import Any

from app.auth import Access
from app.errors import HTTP_PROBLEMS, PROBLEMS
from app.schemas.problem import ProblemOut
from app.services.sheet import MEDIA_TYPES

_SHOWS_TOKEN = frozenset({Access.SIGNED_IN, Access.STAFF, Access.ADMIN, Access.TOKEN})
_WRITES = frozenset({"post", "delete"})
_KNOWS_KEYS = frozenset({Access.SIGNED_IN, Access.STAFF, Access.ADMIN})
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "同一个值重发同样的请求，得到同样的答复；保留 24 小时",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x20-\x7e]+$"},
}
_HEADERS: dict[str, dict[str, Any]] = {
    "RequestId": {
        "description": "请求编号，出错时请告诉管理员",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
    "RetryAfter": {
        "description": "几秒后再试",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Challenge": {
        "description": "需要令牌",
        "required": True,
        "schema": {"type": "string", "const": "Bearer"},
    },
}
_MORE_HEADERS = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/Challenge"}},
    429: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
    503: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
}
_SUCCESS = {"200": "成功", "201": "已创建", "204": "成功，没有内容"}
_PROBLEM = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}


def complete(document: dict[str, Any], rules: Mapping[tuple[str, str], Access]) -> dict[str, Any]:
    """The router's document with callers, refusals and headers of every operation.

    `rules` names who may call each pair of path and method (in lower case).
    """
    for path, calls in document["paths"].items():
        for method, operation in calls.items():
            _complete(operation, path, method, rules[path, method])
    components = document["components"]
    components["headers"] = _HEADERS
    statuses = sorted({kind.status for kind in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())})
    components["responses"] = {f"Problem{status}": _refusal(status) for status in statuses}
    return document


def _complete(operation: dict[str, Any], path: str, method: str, access: Access) -> None:
    operation["x-access"] = access.value
    operation["security"] = [{"bearer": []}] if access in _SHOWS_TOKEN else []
    if method in _WRITES and access in _KNOWS_KEYS:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    for parameter in operation.get("parameters", ()):
        _never_null(parameter["schema"])
    answers = operation["responses"]
    if any(parameter["name"] == "format" for parameter in operation.get("parameters", ())):
        answers["200"]["content"] |= {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}
    if not _is_problem(answers["422"]):
        del answers["422"]  # the router says so of every operation, in a form that is not ours
    for status, answer in answers.items():
        if _is_problem(answer):
            answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
        else:
            answer["headers"] = answer.get("headers", {}) | _REQUEST_ID
            answer["description"] = _SUCCESS.get(status, answer["description"])
    for status in _refusals(operation, path, access):
        answers.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    operation["responses"] = dict(sorted(answers.items()))


def _never_null(schema: dict[str, Any]) -> None:
    """A parameter that may be left out cannot be sent as null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema |= options[0]
        if schema.get("default", 0) is None:
            del schema["default"]


def _is_problem(answer: Mapping[str, Any]) -> bool:
    return any(media.get("schema") == _PROBLEM for media in answer.get("content", {}).values())


def _refusals(operation: Mapping[str, Any], path: str, access: Access) -> list[int]:
    """What any call of this form may be answered with."""
    found = [503]
    if access in _SHOWS_TOKEN:
        found += [401, 403]
    if "{" in path:
        found.append(404)
    if "requestBody" in operation:
        found += [400, 413]
    if "requestBody" in operation or operation.get("parameters"):
        found.append(422)
    return found


def _refusal(status: int) -> dict[str, Any]:
    kinds = {
        kind.name: kind.title
        for kind in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())
        if kind.status == status
    }
    return {
        "description": "；".join(f"{name}：{title}" for name, title in kinds.items()),
        "headers": _REQUEST_ID | _MORE_HEADERS.get(status, {}),
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }


def path_of(rule: str) -> str:
    """A route's rule in the form of the document: `/cases/<number>` is `/cases/{number}`."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule)
