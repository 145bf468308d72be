"""Calling reporters back: who waits, their numbers on request, and what they say."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, access, kit
from app.console.pages import pages, work
from app.console.supervision import HOME, refusal, show, status, take
from app.schemas.page import decode_cursor, encode_cursor
from app.services import call_back, identity
from app.services.call_back import After
from models.account import Role
from models.errors import DomainError, InvalidInput, NotFound, SignedOut
from models.fields import CALL_BACK_OUTCOMES
from models.status import Action

LIST = f"{HOME}/call-backs"
PAGE, LONGEST_REASON = 20, 200


@pages.get("/supervision/call-backs")
@access(Access.STAFF)
def call_backs() -> Response:
    return _page(request.args.get("cursor"), done=request.args.get("done"))


@pages.post("/supervision/call-backs/<number>")
@access(Access.STAFF)
def record_call_back(number: str) -> Response:
    cursor = request.form.get("cursor", "")
    try:
        take(number, Action.CALL_BACK)
    except (SignedOut, NotFound):
        raise
    except (ValidationError, DomainError) as error:
        return _page(cursor, status(error), refusal(error, number=number))
    kept = {"cursor": cursor} if cursor else {}
    done = {"done": request.form.get("outcome", "")}
    return redirect(f"{LIST}?{urlencode(kept | done)}")  # type: ignore[return-value]


@pages.post("/supervision/call-backs/<number>/reporters")
@access(Access.STAFF)
def call_back_reporters(number: str) -> Response:
    """The list with the numbers of one case's reporters; the look is logged."""
    cursor, reason = request.form.get("cursor", ""), request.form.get("reason", "").strip()
    try:
        if len(reason) > LONGEST_REASON:
            raise InvalidInput.at("/reason", f"理由最多 {LONGEST_REASON} 个字")
        with work(kit().engine) as here:
            people = identity.reporters(here.db, here.kit.safe, here.actor, number, reason or None)
    except InvalidInput as error:
        return _page(cursor, status(error), refusal(error, number=number, looking=True))
    page = _page(cursor, people={"number": number, "found": people})
    page.headers["Cache-Control"] = "no-store"
    return page


def _page(
    cursor: str | None,
    code: int = 200,
    failed: dict[str, Any] | None = None,
    *,
    people: dict[str, Any] | None = None,
    done: str | None = None,
) -> Response:
    with work(kit().autocommit) as here:
        after = _after(cursor)
        rows = call_back.waiting(here.db, here.atlas, here.actor, after, PAGE)
    page = rows[:PAGE]
    last = page[-1] if len(rows) > PAGE else None
    more = last and encode_cursor(last["turn"], last["closed_at"], last["id"])
    return show(
        "call_backs.html",
        code,
        here.actor,
        rows=page,
        cursor=cursor or "",
        next_page=f"{LIST}?{urlencode({'cursor': more})}" if more else None,
        first_page=LIST if cursor else None,
        outcomes=CALL_BACK_OUTCOMES,
        failed=failed,
        lost=failed is not None and all(one["number"] != failed["number"] for one in page),
        people=people,
        done=CALL_BACK_OUTCOMES.get(done or ""),
        unveils=here.actor.holds(Role.SUPERVISOR),
        days=call_back.DAYS,
        tries=call_back.TRIES,
    )


def _after(cursor: str | None) -> After | None:
    values = decode_cursor(cursor or None, 3)
    if values is None:
        return None
    turn, at, last = values
    try:
        moment = datetime.fromisoformat(at)
        numbers = type(turn) is int and type(last) is int
        fits = numbers and turn in (0, 1) and 0 <= last < 2**63
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")
    return turn, moment, last
