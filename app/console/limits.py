"""Limits on reporters: set at a case's reporters, listed and lifted by supervisors."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, redirect, request
from pydantic import ValidationError

from app.auth import Access, access, kit
from app.console import supervision, words
from app.console.pages import pages, render, work
from app.errors import faults_of, status_of
from app.schemas.case import LimitIn
from app.services import reporter_limit
from models.errors import InvalidInput

HOME = f"{supervision.HOME}/limits"


@pages.get("/supervision/limits")
@access(Access.STAFF)
def limits() -> Response:
    with work(kit().autocommit) as here:
        rows = reporter_limit.in_force(here.db, here.atlas, here.actor)
    return supervision.show("limits.html", 200, here.actor, rows=rows)


@pages.post("/supervision/limits/<limit_id>/lift")
@access(Access.STAFF)
def lift_limit(limit_id: str) -> Response:
    with work(kit().engine) as here:
        reporter_limit.lift(here.db, here.atlas, here.actor, limit_id)
    return redirect(f"{HOME}?done=lift")  # type: ignore[return-value]


@pages.post("/cases/<number>/reporters/<report_id>/limit")
@access(Access.STAFF)
def limit_reporter(number: str, report_id: str) -> Response:
    """A limit on the reporter, to the end of a day. A refusal keeps what was typed."""
    typed = {name: request.form.get(name, "").strip() for name in ("reason", "until")}
    try:
        given = LimitIn.model_validate(
            {"report_id": report_id, "reason": typed["reason"], "expires_at": _end(typed["until"])}
        )
        with work(kit().engine) as here:
            reporter_limit.limit(
                here.db, here.actor, number, int(report_id), given.reason, given.expires_at
            )
    except (ValidationError, InvalidInput) as error:
        return _refused(number, report_id, typed, error)
    return redirect(f"{HOME}?done=limit")  # type: ignore[return-value]


def _end(day: str) -> datetime:
    try:
        there = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise InvalidInput.at("/expires_at", "请选择日期") from None
    return words.midnight(there)


def _refused(
    number: str, report_id: str, typed: dict[str, str], error: ValidationError | InvalidInput
) -> Response:
    known: Any = error.faults if isinstance(error, InvalidInput) else faults_of(error)
    with work(kit().autocommit) as here:
        actor = here.actor
    return render(
        "limit.html",
        status_of(error) if isinstance(error, InvalidInput) else 422,
        actor,
        number=number,
        report_id=report_id,
        typed=typed,
        faults={fault.pointer[1:]: fault.message for fault in known},
    )
