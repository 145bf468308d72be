"""What supervisors and the desk follow up: the landing page, and what its parts share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from app.auth import Access, Work, access, kit
from app.console import forms, taking
from app.console.pages import pages, render, work
from app.errors import faults_of, status_of
from app.services import (
    appeal,
    call_back,
    content,
    order,
    reporter_limit,
    spot_check,
)
from models.account import Actor, Role
from models.content import ContentState
from models.errors import DomainError, IdempotencyConflict, StaleCase
from models.status import Action
from models.workflow import MOVES

HOME = "/console/supervision"
MOST = 100
SECTIONS: tuple[tuple[str, str, frozenset[Role], str], ...] = (
    ("spot-checks", "抽查", spot_check.READERS, "随机抽查已结案的案卷，防止弄虚作假"),
    ("orders", "督办", frozenset(Role), "督查员下达、等待回复的督办"),
    ("appeals", "申诉", appeal.READERS, "责任单位对返工、超期和差评的申诉"),
    ("call-backs", "回访", call_back.CALLERS, "结案后给上报人打电话，问是否解决"),
    ("moderation", "内容审核", content.MODERATORS, "未通过自动审核、等人决定能否公开的内容"),
    ("limits", "上报限制", frozenset({Role.SUPERVISOR}), "被限制的上报人和他们的申诉"),
)
"""Path, what it is called, who is shown it, and what it is for."""


def show(name: str, status: int, actor: Actor, **shown: Any) -> Response:
    """A page of supervision, with links to the parts that the person may see."""
    return render(f"supervision/{name}", status, actor, sections=_sections(actor), **shown)


def _sections(actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "url": f"{HOME}/{name}",
            "label": label,
            "hint": hint,
            "current": request.path.startswith(f"{HOME}/{name}"),
        }
        for name, label, roles, hint in SECTIONS
        if actor.holds(*roles)
    ]


@pages.get("/supervision")
@access(Access.STAFF)
def supervision() -> Response:
    """How much waits in each part."""
    with work(kit().autocommit) as here:
        parts = [one | _waits(here, one["name"]) for one in _sections(here.actor)]
    return render("supervision/home.html", 200, here.actor, parts=parts)


def _waits(here: Work, name: str) -> dict[str, Any]:
    amount, unit = _COUNTS[name](here)
    return {"amount": f"{MOST}+" if amount >= MOST else str(amount), "unit": unit, "any": amount}


def _spot_checks(here: Work) -> tuple[int, str]:
    rows = spot_check.checks(here.db, here.atlas, here.actor, None, MOST)
    return sum(row.drawn - row.found for row in rows), "件待查"


def _orders(here: Work) -> tuple[int, str]:
    found = order.open_orders(here.db, here.atlas, here.actor, datetime.now(UTC))
    late = sum(one["late"] for one in found)
    return len(found), f"件待回复，{late} 件超期" if late else "件待回复"


def _appeals(here: Work) -> tuple[int, str]:
    now = datetime.now(UTC)
    return len(appeal.open_appeals(here.db, here.atlas, here.actor, now)), "件待审理"


def _call_backs(here: Work) -> tuple[int, str]:
    return call_back.count(here.db, here.actor, MOST), "件待回访"


def _moderation(here: Work) -> tuple[int, str]:
    held = content.queue(here.db, here.actor, ContentState.HELD, 0, MOST)
    return len(held), "项待审核"


def _limits(here: Work) -> tuple[int, str]:
    found = reporter_limit.in_force(here.db, here.atlas, here.actor)
    return sum(row.appeal is not None for row in found), "件申诉待处理"


_COUNTS: dict[str, Callable[[Work], tuple[int, str]]] = {
    "spot-checks": _spot_checks,
    "orders": _orders,
    "appeals": _appeals,
    "call-backs": _call_backs,
    "moderation": _moderation,
    "limits": _limits,
}


def take(number: str, action: Action) -> None:
    """Takes an action on a case with what the form says.

    Raises:
        DomainError, ValidationError: as `taking.take`.
    """
    names = MOVES[action].needs.model_fields
    given = forms.given(request.form, [])
    fields = {name: value for name, value in given.items() if name in names}
    with work(kit().engine) as here:
        taking.take(here, number, action, request.form.get("version", ""), fields)


def kindly(error: DomainError) -> str:
    if isinstance(error, StaleCase):
        return "这个案卷刚刚有更新。下面是最新情况，您填写的内容还在，请核对后再提交。"
    if isinstance(error, IdempotencyConflict):
        return "这个表单已经提交过，内容又有改动。请核对后再提交一次。"
    return error.detail


def status(error: Exception) -> int:
    return status_of(error) if isinstance(error, DomainError) else 422


def refusal(error: Exception, **which: Any) -> dict[str, Any]:
    """A refused form for its page: which one, what was typed, why, and the faults by field."""
    if isinstance(error, DomainError):
        message, faults = kindly(error), list(error.faults)
    else:
        message, faults = "填写有误，请改正后再提交", faults_of(error)  # type: ignore[arg-type]
    told = {one.pointer.split("/")[1]: one.message for one in faults if one.pointer}
    return which | {"message": message, "faults": told, "typed": request.form.to_dict()}
