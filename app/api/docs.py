"""The API's own description, and a page for people."""

from copy import deepcopy
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from app.api.document import complete, path_of
from app.auth import Access, access, json_response
from app.errors import HTTP_PROBLEMS, PROBLEMS
from models.errors import NotFound

pages = Blueprint("docs", __name__, template_folder="templates")


def _document() -> dict[str, Any]:
    app: Any = current_app
    callers = {
        (path_of(rule.rule), method.lower()): app.view_functions[rule.endpoint].__access__
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in rule.methods
    }
    return complete(deepcopy(app.api_doc), callers)


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
