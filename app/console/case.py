"""One case: its story, its pictures, and every action that is possible now."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Response, request

from app.auth import Access, Work, access, authenticate, kit
from app.console import evidence, forms, place, replies, words
from app.console.audit.spans import drawn
from app.console.near import near, point_of
from app.console.pages import pages, render, work
from app.services import case_clock, case_view, photo
from models.account import Role
from models.db import transaction
from models.status import ACTION_LABELS, OPEN_STATUSES, STATUS_LABELS, Action

BEFORE, AFTER = ("report", "supplement"), ("after", "check")


@pages.get("/cases/<number>")
@access(Access.STAFF)
def one_case(number: str) -> Response:
    return case_page(number)


def case_page(number: str, status: int = 200, failed: dict[str, Any] | None = None) -> Response:
    """The page of a case; `failed` is an action that was refused there (`shown`).

    Raises:
        NotFound: no such case in the person's scope.
    """
    with work(kit().autocommit) as here:
        page = shown(here, number, failed)
        page["spans"] = drawn(case_clock.clock(here.db, here.atlas, here.actor, number))
    return render("case.html", status, here.actor, **page | finished(request.args))


def finished(query: Mapping[str, str]) -> dict[str, Any]:
    """What was just done, as the address tells it."""
    done = query.get("done", "")
    label = ACTION_LABELS[Action(done)] if done in list(Action) else None
    return {"done": label, "finished": query.get("number") if label else None}


def shown(here: Work, number: str, failed: dict[str, Any] | None = None) -> dict[str, Any]:
    """A case and what may be done to it now, for its page; `failed` is an action that was
    refused: its form stands open with what was typed.

    Raises:
        NotFound: no such case in the person's scope.
    """
    found = case_view.detail(here.db, here.atlas, here.actor, number)
    photos = [
        one for group in (*found["reports_received"], *found["timeline"]) for one in group["photos"]
    ]
    unique = {one["id"]: one for one in photos}.values()
    possible = [action["action"] for action in found["actions"]]
    around = near(here, found)
    templates = replies.offered(here, found, possible)
    return {
        "case": found,
        "due": words.deadline(here.atlas, SimpleNamespace(**found), datetime.now(UTC)),
        "actions": [forms.shaped(here, found, action) for action in found["actions"]],
        "may_merge": Action.MERGE in possible,
        "near": around,
        "map": place.drawn(
            here.atlas, point_of(found), [(one["number"], one["point"]) for one in around]
        ),
        "proofs": evidence.told(here, found, unique),
        "before": [one for one in unique if one["role"] in BEFORE],
        "after": [one for one in unique if one["role"] in AFTER],
        "other": [one for one in unique if one["role"] not in (*BEFORE, *AFTER)],
        "failed": failed,
        "impossible": failed is not None and failed["action"] not in possible,
        "may_look": here.actor.holds(*case_view.DESK_ROLES),
        "originals": here.actor.holds(Role.SUPERVISOR, Role.ADMIN),
        "templates": templates,
        "fills": replies.FILLS,
        "is_open": found["status"] in OPEN_STATUSES,
        "labels": {status.value: label for status, label in STATUS_LABELS.items()},
    }


@pages.get("/photos/<photo_id>/<any(thumb, large, original):size>")
@access(Access.STAFF)
def picture(photo_id: str, size: Any) -> Response:
    """A photo that the person may see; a look at an original is logged."""
    here = kit()
    with transaction(here.engine) as db:
        row = photo.visible(db, authenticate(db), photo_id, size)
    data, media_type = photo.bytes_of(here.store, row, size)
    response = Response(data, mimetype=media_type)
    kept = "no-store" if size == "original" else "private, max-age=300"
    response.headers["Cache-Control"] = kept
    return response
