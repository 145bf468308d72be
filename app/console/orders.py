"""Supervisors' orders: those that wait, those that are late, those that were answered."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.auth import Access, access, kit
from app.console import forms, words
from app.console.pages import pages, work
from app.console.supervision import HOME, show
from app.schemas.page import decode_cursor, encode_cursor
from app.services import order
from app.services.order import After
from models.errors import InvalidInput

LIST = f"{HOME}/orders"
PAGE = 50
VIEWS = {"open": "待回复", "late": "已超期", "answered": "已回复"}


@pages.get("/supervision/orders")
@access(Access.STAFF)
def orders() -> Response:
    given = request.args
    view = given.get("view") if given.get("view") in VIEWS else "open"
    now = datetime.now(UTC)
    with work(kit().autocommit) as here:
        unit = given.get("unit") if given.get("unit") in here.atlas.units else None
        if view == "answered":
            rows = order.answered_orders(
                here.db, here.atlas, here.actor, unit, _after(given.get("cursor")), PAGE
            )
        else:
            rows = order.open_orders(here.db, here.atlas, here.actor, now, unit)
    if view == "late":
        rows = [one for one in rows if one["late"]]
    more = view == "answered" and len(rows) > PAGE
    page = rows[:PAGE] if view == "answered" else [_left(here.atlas, one, now) for one in rows]
    chosen = {"view": str(view)} | ({"unit": unit} if unit else {})
    last = encode_cursor(page[-1]["met_at"], page[-1]["id"]) if more else None
    return show(
        "orders.html",
        200,
        here.actor,
        rows=page,
        view=view,
        unit=unit,
        units=forms.units(here.atlas),
        tabs=[
            {"label": label, "url": _url(chosen | {"view": name}), "current": name == view}
            for name, label in VIEWS.items()
        ],
        next_page=_url(chosen | {"cursor": last}) if last else None,
        first_page=_url(chosen) if given.get("cursor") else None,
    )


def _after(cursor: str | None) -> After | None:
    values = decode_cursor(cursor or None, 2)
    if values is None:
        return None
    at, last = values
    if type(last) is not int or not 0 <= last < 2**63:
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")
    try:
        found = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始") from None
    return found, last


def _left(atlas: Any, one: dict[str, Any], now: datetime) -> dict[str, Any]:
    calendar = atlas.calendars[one["calendar"]]
    return one | {
        "number": one["case_number"],
        "left": words.remaining(calendar, one["due_at"], now),
    }


def _url(query: dict[str, str]) -> str:
    return f"{LIST}?{urlencode(query)}"
