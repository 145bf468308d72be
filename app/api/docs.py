"""The API's own description, and a page for people."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from app.auth import Access, access, json_response
from app.errors import HTTP_PROBLEMS, PROBLEMS
from models.errors import NotFound

pages = Blueprint("docs", __name__, template_folder="templates")


def _document() -> dict[str, Any]:
    """The OpenAPI document, with who may call each operation."""
    app: Any = current_app
    document: dict[str, Any] = app.api_doc
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        calls = document["paths"].get(path, {})
        for method in calls.keys() & {name.lower() for name in rule.methods}:
            calls[method]["x-access"] = app.view_functions[rule.endpoint].__access__.value
    return document


@pages.get("/api/v1/openapi.json")
@access(Access.ALL)
def openapi() -> Response:
    return json_response(_document())


@pages.get("/api/v1/docs")
@access(Access.ALL)
def page() -> str:
    return render_template("api_docs.html", document=_document())


_PROBLEMS = {kind.name: kind for kind in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())}


@pages.get("/problems/<name>")
@access(Access.ALL)
def problem_type(name: str) -> Response:
    """What a problem's `type` points to."""
    kind = _PROBLEMS.get(name)
    if kind is None:
        raise NotFound("没有这种问题类型")
    return json_response({"type": f"/problems/{name}", "title": kind.title, "status": kind.status})
