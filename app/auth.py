"""Who is asking, may they, and the unit of work that answers them."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any, TypeVar
from urllib.parse import quote

import orjson
from flask import Response, current_app, request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from app.kit import Kit
from app.services import account, idempotency, sheet
from app.services.idempotency import Answer, Attempt
from app.services.sheet import Sheet
from models.account import Actor
from models.calendar import LOCAL
from models.db import Rows, transaction
from models.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    OwnPasswordRequired,
    SignedOut,
    TooMany,
)
from models.routing import Atlas

F = TypeVar("F", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may call a route at all; scope and roles are checked on the object.

    ADMIN: who administers the whole installation. SIGNED: whoever shows a signature, WeChat's or
    our own; KEY: another system, by its key. These two are checked by the view itself.
    """

    ALL = "all"
    SIGNED_IN = "signed_in"
    STAFF = "staff"
    ADMIN = "admin"
    TOKEN = "token"  # noqa: S105  (a kind of caller, not a secret)
    SIGNED = "signed"
    KEY = "key"


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


CONSOLE = "console"
COOKIE = "suishoupai"
"""Pages of this blueprint are signed in to by this cookie, and nothing else is."""


def bearer() -> str:
    """The request's token, or SignedOut."""
    if request.blueprint == CONSOLE:
        if not request.cookies.get(COOKIE):
            raise SignedOut("请先登录")
        return request.cookies[COOKIE]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignedOut("请先登录")
    return token.strip()


WITHOUT_OWN_PASSWORD = frozenset(
    {"session.sign_out", "console.sign_out", "console.me", "console.change_own_password"}
)
"""What a generated password opens until its owner has chosen another."""
NOBODY = Actor(id=None, display_name="")


def authenticate(db: Connection) -> Actor:
    """Enforces what the view declared."""
    if _rule() is Access.ALL:
        return NOBODY
    return _admit(account.who(db, bearer()))


def _rule() -> Access:
    view: Any = current_app.view_functions[request.endpoint or ""]
    rule: Access = view.__access__
    return rule


def _admit(actor: Actor) -> Actor:
    if actor.owes_password and request.endpoint not in WITHOUT_OWN_PASSWORD:
        raise OwnPasswordRequired("请先在网页工作台的“我的账号”里，把初始密码改成自己的密码")
    if _rule() is Access.STAFF and not actor.is_staff:
        raise Forbidden("仅限工作人员")
    if _rule() is Access.ADMIN and not actor.administers:
        raise Forbidden("只有管理员可以使用这个功能")
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
    with transaction(here.autocommit) as db:
        return json_response(answer(Work(db, here, atlas, authenticate(db))))


def download(kind: str, answer: Callable[[Work], Sheet], *, tagged: bool = False) -> Response:
    """Answers with a table as a file (`xlsx` or `csv`), read row by row.

    It is written to disk whole before the first byte is sent: what breaks off is a problem, never
    half a table. `tagged` gives it an ETag, and a 304 to who has just these bytes.
    """
    here = kit()
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the response)
    try:
        with transaction(here.engine) as db:
            made = answer(Work(db, here, here.atlas(), authenticate(db)))
            sheet.write(made, kind, file)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    tag = hashlib.file_digest(file, "sha256").hexdigest()[:32] if tagged else ""
    if tag in request.if_none_match:
        file.close()
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    file.seek(0)
    response = Response(_chunks(file), mimetype=sheet.MEDIA_TYPES[kind].partition(";")[0])
    response.headers["Content-Type"] = sheet.MEDIA_TYPES[kind]
    response.headers["Content-Length"] = str(size)
    if tagged:
        response.set_etag(tag)
    name = f"{made.title}-{datetime.now(LOCAL):%Y%m%d-%H%M}.{kind}"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.call_on_close(file.close)
    return response


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(1 << 16):
            yield chunk


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeps an answer for replays: adds it to the rows that are written with it."""

    actor: Actor
    attempt: Attempt | None
    status: int

    def __call__(self, rows: Rows, payload: Any) -> None:
        if self.attempt is not None and self.actor.id is not None:
            made = _answer(self.status, payload)
            idempotency.keep(rows, self.actor.id, self.attempt, made)


def write(answer: Callable[[Work], Any], status: int = 200, body: bytes | None = None) -> Response:
    """Like `read`, in a transaction, replaying by Idempotency-Key; an answer of None is an empty
    204. `body` stands for the request's where that was read as a form and is gone.
    """

    def work_and_keep(work: Work, keep: Keeping) -> Any:
        payload, rows = answer(work), Rows()
        keep(rows, payload)
        rows.insert(work.db)
        return payload

    return _write(kit().engine, work_and_keep, status, _attempt(body))


def write_at_once(answer: Callable[[Work, Keeping], Any], status: int = 200) -> Response:
    """Like `write`, for an answer whose one writing statement is the transaction. It takes the
    rows that `Keeping` adds along in that statement."""
    return _write(kit().autocommit, answer, status, _attempt(None))


def _write(
    engine: Engine, answer: Callable[[Work, Keeping], Any], status: int, attempt: Attempt | None
) -> Response:
    here = kit()
    atlas = here.atlas()
    actor = None
    try:
        with transaction(engine) as db:
            actor, known = _caller(db, attempt)
            if known is None:
                work = Work(db, here, atlas, actor)
                known = _answer(status, answer(work, Keeping(actor, attempt, status)))
    except (DomainError, IntegrityError):
        if actor is None or attempt is None:
            raise
        with transaction(here.autocommit) as db:
            _, known = _caller(db, attempt)
        if known is None:  # no twin was quicker
            raise
    return Response(known.body, known.status, mimetype="application/json")


def _caller(db: Connection, attempt: Attempt | None) -> tuple[Actor, Answer | None]:
    if attempt is None or _rule() is Access.ALL:
        return authenticate(db), None
    actor, known = account.who_tries(db, bearer(), attempt)
    return _admit(actor), known


def _answer(status: int, payload: Any) -> Answer:
    return Answer(204, b"") if payload is None else Answer(status, orjson.dumps(payload))


def _attempt(body: bytes | None) -> Attempt | None:
    key = request.headers.get("Idempotency-Key")
    if request.blueprint == CONSOLE:
        key = request.form.get("once")
    if key is None:
        return None
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidInput("Idempotency-Key 应为 1 至 200 个可见 ASCII 字符")
    sent = request.get_data() if body is None else body
    return Attempt(f"{request.method} {request.path}", key, hashlib.sha256(sent).digest())


_COUNTED = {"reports": "上报", "photos": "传照片", "privacy": "记录同意", "phone": "绑定手机号"}


def spend(work: Work, what: str, per_hour: int) -> None:
    """Takes one from the caller's hourly allowance; staff have ten times as much.

    Raises:
        TooMany: used up.
    """
    allowance = per_hour * (10 if work.actor.is_staff else 1)
    wait = work.kit.broker.hit(f"{what}:{work.actor.id}", allowance, 3600)
    if wait is not None:
        raise TooMany(f"每小时最多{_COUNTED[what]} {allowance} 次，请稍后再试", retry_after=wait)
