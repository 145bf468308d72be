"""Content that waits for a person before it may be published, and what was refused."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, Work, access, kit, write
from app.console.pages import pages, work
from app.console.supervision import HOME, refusal, show, status
from app.schemas.page import encode_cursor, number_cursor
from app.services import content
from models.content import ContentState
from models.errors import DomainError, InvalidInput, NotFound, SignedOut
from models.fields import Reason
from models.status import Action

LIST = f"{HOME}/moderation"
PAGE = 30
VIEWS = {ContentState.HELD: "待审核", ContentState.REFUSED: "不予公开"}
REASONS = ("含个人信息", "能看清人脸或车牌", "含辱骂或攻击", "广告", "与反映的问题无关", "画面不雅")
"""Reasons to refuse that are offered; any other may be typed."""
DECISIONS = {"release": Action.RELEASE_CONTENT, "refuse": Action.REFUSE_CONTENT}
DONE = {"release": "已放行", "refuse": "已不予公开"}


@pages.get("/supervision/moderation")
@access(Access.STAFF)
def moderation() -> Response:
    return _page(request.args.to_dict())


@pages.post("/supervision/moderation/<any(release, refuse):decision>")
@access(Access.STAFF)
def decide_content(decision: str) -> Response:
    """Decides what was ticked, or the one whose own button was pressed; all of it or nothing."""
    only = request.form.get("only")
    sent = [only] if only else request.form.getlist("id")
    typed = request.form.get("reason", "").strip()
    place = {name: request.form.get(name, "") for name in ("view", "cursor")}
    try:
        ids = _ids(sent)
        default = "人工审核通过" if decision == "release" else ""
        reason = Reason.model_validate({"reason": typed or default}).reason

        def decide(here: Work) -> dict[str, Any]:
            content.decide(here.db, here.atlas, here.actor, ids, DECISIONS[decision], reason)
            return {"decided": len(ids)}

        write(decide, 200, f"{decision} {ids} {reason}".encode())
    except SignedOut:
        raise
    except (ValidationError, DomainError) as error:
        return _page(place, status(error), refusal(error) | {"ids": sent})
    done = {"done": decision, "amount": str(len(ids))}
    query = {name: value for name, value in (place | done).items() if value}
    return redirect(f"{LIST}?{urlencode(query)}")  # type: ignore[return-value]


def _ids(sent: list[str]) -> list[int]:
    if not sent:
        raise InvalidInput("请先勾选要处理的内容")
    if len(sent) > PAGE or not all(one.isdecimal() and len(one) < 19 for one in sent):
        raise NotFound("没有待审核的内容，或不在您的范围内")
    return list(dict.fromkeys(map(int, sent)))


def _page(asked: dict[str, str], code: int = 200, failed: dict[str, Any] | None = None) -> Response:
    view = next((one for one in VIEWS if one == asked.get("view")), ContentState.HELD)
    after = number_cursor(asked.get("cursor") or None) or 0
    with work(kit().autocommit) as here:
        rows = content.queue(here.db, here.actor, view, after, PAGE)
    page = [content.shape(here.atlas, row) for row in rows[:PAGE]]
    more = encode_cursor(rows[PAGE - 1].id) if len(rows) > PAGE else None
    amount = asked.get("amount", "")
    done = DONE.get(asked.get("done", ""))
    return show(
        "moderation.html",
        code,
        here.actor,
        rows=page,
        view=view.value,
        cursor=asked.get("cursor", ""),
        tabs=[
            {"label": label, "url": f"{LIST}?view={name}", "current": name == view}
            for name, label in VIEWS.items()
        ],
        next_page=f"{LIST}?{urlencode({'view': view.value, 'cursor': more})}" if more else None,
        first_page=f"{LIST}?view={view.value}" if after else None,
        reasons=REASONS,
        failed=failed,
        once=uuid4().hex,
        done=f"{done} {amount} 项。" if done and amount.isdecimal() and len(amount) < 4 else None,
    )
