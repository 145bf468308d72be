"""Supervisors' orders."""

from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from app.auth import Access, Work, access, read
from app.schemas.case_clock import OrdersOut
from app.services import order

api = APIBlueprint("order", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


@api.get("/orders", summary="待回复的督办", responses={200: OrdersOut})
@access(Access.STAFF)
def listing() -> Response:
    """Open orders on cases in scope, the most urgent first."""

    def answer(work: Work) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "items": order.open_orders(work.db, work.atlas, work.actor, now),
            "next_cursor": None,
        }

    return read(answer)
