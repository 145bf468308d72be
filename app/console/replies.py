"""Reply templates in the forms of a case, with what is known of it written in."""

from datetime import datetime
from typing import Any

from app.auth import Work
from app.services import reply_template
from models.calendar import LOCAL

FILLS = frozenset({"reply", "question"})
"""Fields that a resident reads."""


def offered(here: Work, case: dict[str, Any], possible: list[str]) -> dict[str, list[Any]]:
    """Templates (name and text) by action, for those that are possible now."""
    wanted = [action for action in possible if action in reply_template.ACTIONS]
    if not wanted:
        return {}
    today = datetime.now(LOCAL)
    reports = case["reports_received"]
    facts = {
        "category": case["category_name"] if case["category"] else None,
        "address": next((one["address"] for one in reports if one["address"]), None),
        "unit": case["unit_name"],
        "date": f"{today.month}月{today.day}日",
    }
    found: dict[str, list[Any]] = {action: [] for action in wanted}
    for row in reply_template.in_use(here.db):
        if row.action in found:
            text = reply_template.filled(row.body, facts)
            found[row.action].append({"name": row.name, "text": text})
    return found
