"""The units: their tree, what they are, and which are retired."""

from typing import Any

from flask import Response

from app.auth import Access, access
from app.console.admin.menu import admin_page
from app.console.district.upload import done, opened, with_history
from app.console.pages import pages
from models.area import UNIT_KIND_LABELS
from models.calendar import CALENDAR_LABELS
from models.routing import Atlas, UnitInfo


@pages.get("/district/units")
@access(Access.ADMIN)
def district_units() -> Response:
    with opened() as here:
        shown = {
            "rows": _tree(here.atlas),
            "retired": [unit for unit in here.atlas.units.values() if unit.retired],
            "forwarded": here.atlas.forwarded,
        }
        shown |= with_history(here, "units") | done()
    return admin_page(
        "district/units.html",
        200,
        here.actor,
        **shown,
        kinds=UNIT_KIND_LABELS,
        calendars=CALENDAR_LABELS,
    )


def _tree(atlas: Atlas) -> list[dict[str, Any]]:
    """Units in use, each under the one above it, with how many rules name it."""
    children: dict[str | None, list[UnitInfo]] = {}
    for unit in atlas.units.values():
        if not unit.retired:
            above = unit.parent if unit.parent and not atlas.units[unit.parent].retired else None
            children.setdefault(above, []).append(unit)
    rules: dict[str, int] = {}
    for rule in atlas.rules:
        if rule.valid_to is None:
            rules[rule.unit] = rules.get(rule.unit, 0) + 1
    found: list[dict[str, Any]] = []

    def add(above: str | None, depth: int) -> None:
        for unit in sorted(children.get(above, ()), key=lambda one: one.code):
            found.append({"unit": unit, "depth": depth, "rules": rules.get(unit.code, 0)})
            add(unit.code, depth + 1)

    add(None, 0)
    return found
