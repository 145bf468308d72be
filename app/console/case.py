"""One case: its story, its pictures, and every action that is possible now."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Response, redirect, request, url_for
from pydantic import ValidationError

from app.auth import CONSOLE, Access, Work, access, authenticate, kit
from app.console import evidence, forms, place, replies, words
from app.console.audit.spans import drawn
from app.console.near import near, point_of
from app.console.pages import pages, render, work
from app.errors import faults_of, status_of
from app.services import case, case_clock, case_view, photo
from app.services.actions import HANDLERS
from app.services.photo import Shutter
from app.uploads import Upload, files_sent, taken_in
from models.account import Role
from models.db import transaction
from models.errors import DomainError, IllegalMove, InvalidInput, NotFound, SignedOut, StaleCase
from models.fields import storable
from models.status import ACTION_LABELS, OPEN_STATUSES, STATUS_LABELS, Action

MOST_PHOTOS = 9
BEFORE, AFTER = ("report", "supplement"), ("after", "check")


@pages.get("/cases/<number>")
@access(Access.STAFF)
def one_case(number: str) -> Response:
    with work(kit().autocommit) as here:
        page = shown(here, number) | _spans(here, number)
    return render("case.html", 200, here.actor, **page | finished(request.args))


def _spans(here: Work, number: str) -> dict[str, Any]:
    """Who held the case how long, for the bars of its page."""
    return {"spans": drawn(case_clock.clock(here.db, here.atlas, here.actor, number))}


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


@pages.post("/cases/<number>/<action>")
@access(Access.STAFF)
def act(number: str, action: str) -> Response:
    """Takes an action. A refusal shows the case as it is now, and loses nothing that was typed."""
    here = kit()
    if action not in list(Action):
        raise NotFound("没有这个操作")
    try:
        sent = photos_sent()
        with ExitStack() as stack:
            uploads = [stack.enter_context(taken_in(here, data)) for data in sent]
            _take(number, Action(action), uploads)
    except ValidationError as error:
        return _refused(number, action, 422, "填写有误，请改正后再提交", faults_of(error))
    except (NotFound, SignedOut):
        raise
    except DomainError as error:
        return _refused(number, action, status_of(error), _kindly(error), error.faults)
    back = "desk" if request.form.get("back") == "desk" else "one_case"
    return redirect(url_for(f"{CONSOLE}.{back}", number=number, done=action))  # type: ignore[return-value]


def _take(number: str, action: Action, uploads: list[Upload]) -> None:
    version = request.form.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise InvalidInput.at("/version", "页面不完整，请刷新后再试")
    with work(kit().engine) as here:
        for upload in uploads:
            upload.record(here.db, here.actor, Shutter())
        fields = forms.given(request.form, [upload.photo_id for upload in uploads])
        target = fields.get("target")
        case.act(
            here.db,
            here.atlas,
            here.actor,
            number,
            action,
            int(version),
            lambda needs: needs.model_validate(fields),
            HANDLERS,
            and_lock=target if action is Action.MERGE and storable(target) else None,
        )


def photos_sent() -> list[bytes]:
    """The pictures of the form, of a member of staff.

    Raises:
        InvalidInput: too many.
    """
    with work(kit().autocommit):  # nobody's pictures are decoded but those of staff
        pass
    return files_sent(request.files, MOST_PHOTOS, "/photo_ids")


def _kindly(error: DomainError) -> str:
    if isinstance(error, StaleCase):
        return "这个案卷刚刚被他人更新。下面是最新情况，您填写的内容还在，请核对后再提交。"
    if isinstance(error, IllegalMove):
        return f"{error.detail}。下面是最新情况。"
    return error.detail


def _refused(number: str, action: str, status: int, message: str, faults: Any) -> Response:
    failed = {
        "action": action,
        "label": ACTION_LABELS[Action(action)],
        "message": message,
        "faults": {fault.pointer.split("/")[1]: fault.message for fault in faults if fault.pointer},
        "typed": request.form.to_dict(),
        "had_photos": any(file.filename for file in request.files.values()),
    }
    with work(kit().autocommit) as here:
        page = shown(here, number, failed) | _spans(here, number)
    return render("case.html", status, here.actor, **page)


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
