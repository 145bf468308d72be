"""What every call of GeoReport v2 shares: where it stands, its refusals, its caller.

The calls stand below two addresses. What is written below the test one is validated and answered
like the other, and nothing of it is kept.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException

from app.auth import kit
from app.errors import domain_problem, faults_of
from app.open311 import render
from app.services import api_key
from app.services.api_key import Right
from app.uploads import Upload
from models.db import transaction
from models.errors import DomainError, InvalidInput, NotFound, TooMany
from models.fields import storable

pages = Blueprint("open311", __name__)
PRODUCTION, TEST = "/open311/v2", "/open311/test/v2"
TEST_NAME = "open311_test"
FORMS = "<any(json, xml):form>"


def keeps() -> bool:
    """Whether what this request writes stays."""
    return request.blueprint != TEST_NAME


def _form() -> str:
    return str((request.view_args or {}).get("form", "xml"))


@pages.errorhandler(DomainError)
def refused(error: DomainError) -> Response:
    """As the standard has refusals: a list with code and description."""
    problem = domain_problem(error)
    status = 400 if problem.status_code == 422 else problem.status_code
    response = render.error(_form(), status, error.detail)
    if "Retry-After" in problem.headers:
        response.headers["Retry-After"] = problem.headers["Retry-After"]
    return response


@pages.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Response:
    fault = faults_of(error)[0]
    return render.error(_form(), 400, f"{fault.pointer[1:]}：{fault.message}")


@pages.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    return render.error(_form(), error.code or 500, error.description or "")


@pages.after_request
def open_to_all(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@pages.before_request
def storable_only() -> None:
    """Raises InvalidInput for what the database could neither hold nor look for."""
    for name, value in (*request.args.items(multi=True), *request.form.items(multi=True)):
        if not storable(value):
            raise InvalidInput.at("/parameters", f"{name[:40]!r} 含有无法保存的字符")


@pages.before_request
def of_this_jurisdiction() -> None:
    """Raises NotFound for another jurisdiction than ours; without a setting any is ours."""
    ours = kit().settings.jurisdiction_id
    given = request.args.get("jurisdiction_id") or request.form.get("jurisdiction_id")
    if ours and given and given != ours:
        raise NotFound("没有这个 jurisdiction_id")


def home() -> str:
    """Where the world reaches this server."""
    return kit().settings.public_url.rstrip("/") or request.host_url.rstrip("/")


def given_key() -> str | None:
    return request.form.get("api_key") or request.args.get("api_key")


def caller(right: Right) -> Any:
    """The key of the request, which must have the right; one call of its allowance is spent.

    Raises:
        Forbidden, TooMany.
    """
    here = kit()
    with transaction(here.autocommit) as db:
        key = api_key.holder(db, given_key())
    api_key.require_right(key, right)
    kind = "open311" if keeps() else TEST_NAME
    wait = here.broker.hit(f"{kind}:{right}:{key.id}", key.per_hour, 3600)
    if wait is not None:
        raise TooMany(f"每小时最多 {key.per_hour} 次，请稍后再试", retry_after=wait)
    return key


class _NotKeptError(Exception):
    """Undoes what was written."""


def written(uploads: Sequence[Upload], write: Callable[[Connection], tuple[str, bool]]) -> str:
    """Writes, and answers the number that `write` tells. Nothing is kept, no upload either, where
    `write` says that it was known before, and on the test endpoint."""
    with transaction(kit().engine) as db, suppress(_NotKeptError), db.begin_nested():
        number, known = write(db)
        if known or not keeps():
            for upload in uploads:
                upload.named = None
            raise _NotKeptError
    return number
