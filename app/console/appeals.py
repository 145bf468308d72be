"""Appeals that wait for a supervisor, and deciding them."""

from datetime import UTC, datetime
from typing import Any, Literal

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, access, kit
from app.console import words
from app.console.pages import pages, work
from app.console.supervision import HOME, refusal, show, status, take
from app.services import appeal
from models.errors import DomainError, NotFound, SignedOut
from models.status import ACTION_LABELS, Action

LIST = f"{HOME}/appeals"


@pages.get("/supervision/appeals")
@access(Access.STAFF)
def appeals() -> Response:
    return _page(done=request.args.get("done"))


@pages.post("/supervision/appeals/<number>/<any(uphold, dismiss):decision>")
@access(Access.STAFF)
def decide_appeal(number: str, decision: Literal["uphold", "dismiss"]) -> Response:
    """Decides; a refusal shows the list with the form as it was filled in."""
    try:
        take(number, Action(decision))
    except (SignedOut, NotFound):
        raise
    except (ValidationError, DomainError) as error:
        return _page(status(error), refusal(error, number=number, decision=decision))
    return redirect(f"{LIST}?done={decision}")  # type: ignore[return-value]


def _page(
    code: int = 200, failed: dict[str, Any] | None = None, done: str | None = None
) -> Response:
    now = datetime.now(UTC)
    with work(kit().autocommit) as here:
        rows = appeal.open_appeals(here.db, here.atlas, here.actor, now)
    known = (Action.UPHOLD, Action.DISMISS)
    return show(
        "appeals.html",
        code,
        here.actor,
        rows=[one | {"waited": words.working(one["waited"])} for one in rows],
        failed=failed,
        lost=failed is not None and all(one["number"] != failed["number"] for one in rows),
        done=ACTION_LABELS[Action(done)] if done in known else None,
        most=appeal.MOST,
    )
