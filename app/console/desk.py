"""The desk: what waits for this person, the most urgent first, beside the case at hand."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Response, request
from sqlalchemy import select

from app.auth import Access, Work, access, kit
from app.console import words
from app.console.case import finished, shown
from app.console.pages import pages, render, work
from app.services import case_list, case_view
from app.services.case import NO_CASE
from app.services.case_list import Filter
from models.errors import NotFound
from models.fields import storable
from models.status import Action
from models.timer import Clock, Timer

MOST = 100
KEYS: dict[str, str] = {
    Action.ACCEPT: "a",
    Action.REJECT: "r",
    Action.ASK_VERIFICATION: "v",
    Action.ASK_REPORTER: "q",
    Action.RECATEGORISE: "c",
    Action.RELOCATE: "l",
    Action.MERGE: "m",
    Action.REASSIGN: "n",
    Action.START: "s",
    Action.RESOLVE: "d",
    Action.PASS: "p",
    Action.REWORK: "w",
    Action.REMARK: "b",
}
"""Keys that open an action's form at the desk."""


@pages.get("/desk")
@access(Access.STAFF)
def desk() -> Response:
    """The first of the queue, or the one that `case` names."""
    return desk_page(request.args.get("case"))


def desk_page(
    number: str | None, status: int = 200, failed: dict[str, Any] | None = None
) -> Response:
    """The desk with that case open, else with the first of the queue; `failed` is an action that
    was refused there (`case.shown`).

    Raises:
        NotFound: no such case in the person's scope.
    """
    with work(kit().autocommit) as here:
        queue, total = _queue(here)
        chosen = number or (queue[0]["number"] if queue else None)
        if not storable(chosen or ""):
            raise NotFound(NO_CASE)
        page = shown(here, chosen, failed) if chosen is not None else {"case": None}
    return render(
        "desk.html",
        status,
        here.actor,
        **page | finished(request.args),
        queue=queue,
        total=total,
        current=chosen,
        at_desk=True,
        keys=KEYS,
        merge_into=request.args.get("merge"),
    )


@pages.get("/desk/queue")
@access(Access.STAFF)
def queue() -> Response:
    """The queue alone, for a page that renews it."""
    with work(kit().autocommit) as here:
        rows, total = _queue(here)
    current = request.args.get("case")
    return render("queue.html", 200, here.actor, queue=rows, total=total, current=current)


def _queue(here: Work) -> tuple[list[dict[str, Any]], str]:
    """What waits for the person, emergencies and the nearest due first, and how many in words."""
    wanted = Filter(mine=True, by_due=True, limit=MOST)
    rows = case_list.cases(here.db, here.atlas, here.actor, wanted)
    now = datetime.now(UTC)
    accept = _accept_due(here, [row.id for row in rows])
    found = []
    for row in rows[:MOST]:
        one = case_view.brief(here.atlas, row, now)
        due = row.due_at or accept.get(row.id)
        one["due"] = due
        one["deadline"] = _deadline(here, one, accept.get(row.id), now)
        found.append(one)
    found.sort(key=lambda one: (not one["emergency"], one["due"] or one["submitted_at"]))
    return found, f"{MOST} 件以上" if len(rows) > MOST else str(len(found))


def _accept_due(here: Work, ids: list[int]) -> dict[int, datetime]:
    running = Timer.met_at.is_(None) & Timer.cleared_at.is_(None)
    rows = here.db.execute(
        select(Timer.case_id, Timer.due_at).where(
            Timer.case_id.in_(ids), Timer.clock == Clock.ACCEPT, running
        )
    )
    return {row.case_id: row.due_at for row in rows}


def _deadline(
    here: Work, one: dict[str, Any], accept_due: datetime | None, now: datetime
) -> tuple[str, str] | None:
    row = SimpleNamespace(**one)
    if accept_due is None:
        return words.deadline(here.atlas, row, now)
    state, said = words.remaining(here.atlas.calendar_of(row.category, None), accept_due, now)
    return state, f"受理{said}"
