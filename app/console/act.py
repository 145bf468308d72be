"""Taking an action on a case. What is refused comes back where it was sent from, filled in."""

from contextlib import ExitStack
from typing import Any

from flask import Response, redirect, request, url_for
from pydantic import ValidationError

from app.auth import CONSOLE, Access, access, kit
from app.console import forms, replies
from app.console.case import case_page
from app.console.desk import desk_page
from app.console.pages import pages, work
from app.console.taking import take
from app.errors import faults_of, status_of
from app.services import reply_template
from app.services.photo import Shutter
from app.uploads import Upload, files_sent, taken_in
from models.errors import DomainError, IllegalMove, InvalidInput, NotFound, SignedOut, StaleCase
from models.status import ACTION_LABELS, Action

MOST_PHOTOS = 9


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
    back = "desk" if _at_desk() else "one_case"
    return redirect(url_for(f"{CONSOLE}.{back}", number=number, done=action))  # type: ignore[return-value]


def _at_desk() -> bool:
    return request.form.get("back") == "desk"


def _take(number: str, action: Action, uploads: list[Upload]) -> None:
    _require_filled()
    with work(kit().engine) as here:
        for upload in uploads:
            upload.record(here.db, here.actor, Shutter())
        fields = forms.given(request.form, [upload.photo_id for upload in uploads])
        take(here, number, action, request.form.get("version", ""), fields)


def _require_filled() -> None:
    """Raises InvalidInput where a template's 【地址】 still stands in what a resident will read."""
    for name in sorted(replies.FILLS):
        left = reply_template.unfilled(request.form.get(name, ""))
        if left:
            raise InvalidInput.at(f"/{name}", f"请把{left}换成实际内容")


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
    if _at_desk():
        return desk_page(number, status, failed)
    return case_page(number, status, failed)
