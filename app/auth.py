"""Who is asking, may they, and the unit of work that answers them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import orjson
from flask import Response, current_app, request
from sqlalchemy import Connection

from app.kit import Kit
from app.services import account, idempotency
from app.services.idempotency import Answer
from models.account import Actor
from models.db import transaction
from models.errors import Forbidden, InvalidInput, SignedOut, TooMany
from models.routing import Atlas

F = TypeVar("F", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may call a route at all; scope and roles are checked on the object."""

    ALL = "all"
    SIGNED_IN = "signed_in"
    STAFF = "staff"
    TOKEN = "token"  # noqa: S105  (a kind of caller, not a secret)


def access(rule: Access) -> Callable[[F], F]:
    """Declares who may call a view; every route must, and `read` and `write` enforce it."""

    def mark(view: F) -> F:
        view.__access__ = rule  # type: ignore[attr-defined]
        return view

    return mark


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work: an open transaction, and the person it is done for."""

    db: Connection
    kit: Kit
    atlas: Atlas
    actor: Actor


def kit() -> Kit:
    found: Kit = current_app.extensions["kit"]
    return found


def bearer() -> str:
    """The request's token, or SignedOut."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignedOut("请先登录")
    return token.strip()


NOBODY = Actor(id=None, display_name="")


def authenticate(db: Connection) -> Actor:
    """Enforces what the view declared."""
    view: Any = current_app.view_functions[request.endpoint or ""]
    rule: Access = view.__access__
    if rule is Access.ALL:
        return NOBODY
    actor = account.who(db, bearer())
    if rule is Access.STAFF and not actor.is_staff:
        raise Forbidden("仅限工作人员")
    return actor


def json_response(payload: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(payload), status, mimetype="application/json")


def read(answer: Callable[[Work], Any]) -> Response:
    """Answers from one connection: authenticate, then shape the reply.

    No transaction is opened around the statements: each sees what is committed when it runs, and
    two round trips are spared.
    """
    here = kit()
    atlas = here.atlas()
    with transaction(here.reader) as db:
        return json_response(answer(Work(db, here, atlas, authenticate(db))))


def write(answer: Callable[[Work], Any], status: int = 200, body: bytes | None = None) -> Response:
    """Like `read`, replaying by Idempotency-Key; an answer of None is an empty 204.

    `body` stands for the request's where that was read as a form and is gone.
    """
    here = kit()
    atlas = here.atlas()
    with transaction(here.engine) as db:
        work = Work(db, here, atlas, authenticate(db))
        key = _key(work.actor)
        route = f"{request.method} {request.path}"
        if key is not None:
            sent = request.get_data() if body is None else body
            known = idempotency.claim(db, work.actor.id or 0, route, key, sent)
            if known is not None:
                return _raw(known)
        payload = answer(work)
        made = Answer(204, b"") if payload is None else Answer(status, orjson.dumps(payload))
        if key is not None:
            idempotency.keep(db, work.actor.id or 0, route, key, made)
    return _raw(made)


def _raw(answer: Answer) -> Response:
    return Response(answer.body, answer.status, mimetype="application/json")


def _key(actor: Actor) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or actor.id is None:
        return None
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidInput("Idempotency-Key 应为 1 至 200 个可见 ASCII 字符")
    return key


def spend(work: Work, what: str, per_hour: int) -> None:
    """Takes one from the caller's hourly allowance; staff have ten times as much.

    Raises:
        TooMany: used up.
    """
    allowance = per_hour * (10 if work.actor.is_staff else 1)
    wait = work.kit.broker.hit(f"{what}:{work.actor.id}", allowance, 3600)
    if wait is not None:
        raise TooMany(f"每小时最多 {allowance} 次，请稍后再试", retry_after=wait)
