"""The API's own description, and a page for people."""

from flask import Blueprint, Response, current_app, render_template

from app.auth import Access, access, json_response

pages = Blueprint("docs", __name__, url_prefix="/api/v1", template_folder="templates")


@pages.get("/openapi.json")
@access(Access.ALL)
def openapi() -> Response:
    return json_response(current_app.api_doc)  # type: ignore[attr-defined]


@pages.get("/docs")
@access(Access.ALL)
def page() -> str:
    return render_template("api_docs.html", document=current_app.api_doc)  # type: ignore[attr-defined]
