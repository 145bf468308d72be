"""Response times by stage and by group, in working time and by the clock."""

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response

from app.auth import Access, Work, access, download, kit
from app.console.audit import charts, told
from app.console.audit.asked import HOME, Asked, Unanswerable, address, ask, must
from app.console.audit.figures import Kind
from app.console.audit.frame import audit_page
from app.console.pages import pages, work
from app.schemas.audit import GroupBy, TimesQuery
from app.services import audit_sheets, audit_times
from app.services.audit_selection import GROUPS
from app.services.audit_times import NAMES
from app.services.sheet import Sheet
from models.measures import STAGES

PATH = f"{HOME}/times"
BY = {"holder": "责任方"} | GROUPS


class TimesPage(TimesQuery):
    group_by: Literal[GroupBy, "holder"] | None = "holder"
    stage: Literal["accept", "start", "resolve", "check", "close"] = "resolve"


@pages.get("/audit/times")
@access(Access.STAFF)
def audit_times_page() -> Response:
    with work(kit().autocommit) as here:
        asked = ask(here, TimesPage)
        shown = {} if isinstance(asked, Unanswerable) else _shown(here, asked)
        return audit_page("times.html", here, asked, PATH, groups=BY, **shown)


def _shown(here: Work, asked: Asked[TimesPage]) -> dict[str, Any]:
    found = audit_times.response_times(here.db, here.atlas, asked.wanted, asked.here)
    stage = asked.query.stage
    whole = found["total"]["stages"]
    groups = [one for one in found["items"] if one["stages"][stage]["count"]]
    longest = [one["stages"][stage]["working_minutes"]["p95"] for one in groups]
    most = max(longest, default=0)
    return {
        "exact": found["exact"],
        "group": BY[asked.wanted.group_by or "holder"],
        "stage": stage,
        "stage_label": STAGES[stage].label,
        "any": any(one["count"] for one in whole.values()),
        "stages": [
            _row(STAGES[name].label, one) | {"chosen": name == stage, "url": _link(asked, name)}
            for name, one in whole.items()
        ],
        "items": [
            _row(one["name"], one["stages"][stage])
            | {"bar": _bar(one["stages"][stage]["working_minutes"], most)}
            for one in sorted(groups, key=lambda one: -one["stages"][stage]["count"])
        ],
        "exports": [
            (kind.upper(), address(f"{PATH}.{kind}", dict(asked.given))) for kind in ("xlsx", "csv")
        ],
    }


def _row(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """A stage's count and percentiles in words."""
    working, clock = found["working_minutes"], found["clock_minutes"]
    return {
        "name": name,
        "count": found["count"],
        "working": [told.minutes_worked(working[rank]) for rank in NAMES],
        "clock": [told.minutes_by_the_clock(clock[rank]) for rank in NAMES],
    }


def _bar(minutes: Mapping[str, int | None], most: int) -> dict[str, float]:
    lengths = charts.spread([minutes[rank] for rank in NAMES], most)
    return dict(zip(NAMES, lengths, strict=True))


def _link(asked: Asked[TimesPage], stage: str) -> str:
    return address(PATH, dict(asked.given) | {"stage": stage})


@pages.get("/audit/times.<any(xlsx, csv):kind>")
@access(Access.STAFF)
def audit_times_file(kind: Kind) -> Response:
    """Every stage of every group, as a file."""

    def sheet(here: Work) -> Sheet:
        asked = must(ask(here, TimesPage))
        found = audit_times.response_times(here.db, here.atlas, asked.wanted, asked.here)
        return audit_sheets.response_times(asked.about() | found)

    return download(kind, sheet)
