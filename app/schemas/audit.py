"""Shapes of what audits are asked for."""

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.schemas.page import PageQuery, Query, decode_cursor, encode_cursor
from app.services.audit_answer import FILTERS
from app.services.audit_selection import Selection, select_within
from models import period
from models.account import Actor
from models.calendar import LOCAL
from models.errors import InvalidInput
from models.fields import Code
from models.period import Period
from models.routing import Atlas

GroupBy = Literal[
    "district", "street", "community", "grid", "overlay",
    "unit", "root_unit", "category", "group", "kind", "source", "worker",
    "month", "week", "day",
]  # fmt: skip
CountName = Literal[
    "found", "found_by_patrol", "self_handled", "reported", "accepted",
    "assigned", "never_handed_back", "contacted_in_time", "due_to_start", "started_in_time",
    "due", "resolved", "resolved_in_time", "reworked", "extended", "late",
    "due_to_close", "suspended", "closed", "closed_in_time", "fixed", "recurred_7", "recurred_30",
    "appealed", "appeal_open", "upheld",
    "answered", "solved", "satisfied", "called", "called_solved", "called_unsolved", "transferred",
]  # fmt: skip
FigureName = Literal[
    "acceptance_rate", "dispatch_accuracy", "start_in_time_rate",
    "resolution_rate", "resolution_in_time_rate", "closing_rate", "closing_in_time_rate",
    "suspension_rate", "rework_rate", "extension_rate", "late_rate",
    "recurrence_7_rate", "recurrence_30_rate", "self_discovery_rate",
    "response_rate", "solved_rate", "satisfied_rate",
]  # fmt: skip
Format = Literal["json", "xlsx", "csv"]
Words = Annotated[str, StringConstraints(max_length=40)]


class PeriodQuery(Query):
    """A period and filters; without a period, this month."""

    period: Words | None = Field(
        default=None, description="2026, 2026-Q4, 2026-11 or 2026-11-23; this month if left out"
    )
    since: Words | None = Field(default=None, description="first day; with `until`")
    until: Words | None = Field(
        default=None, description="last day, or the local midnight before which it ends"
    )
    area: Code | None = Field(default=None, description="area code, with its subtree")
    unit: Code | None = Field(default=None, description="unit code, with its subtree")
    category: Code | None = None
    source: Code | None = None
    format: Format = "json"

    def when(self) -> Period:
        """The period that is asked for.

        Raises:
            InvalidInput: it is none, or two at once.
        """
        if self.period is not None:
            if self.since is not None or self.until is not None:
                raise InvalidInput.at("/period", "period 与 since、until 只能用一种")
            return period.parse(self.period)
        if self.since is not None and self.until is not None:
            return period.between(self.since, self.until)
        if self.since is not None or self.until is not None:
            missing = "since" if self.since is None else "until"
            raise InvalidInput.at(f"/{missing}", "since 与 until 须同时给出")
        return period.parse(f"{datetime.now(LOCAL):%Y-%m}")

    def within(self, atlas: Atlas, actor: Actor) -> Selection:
        """What the actor may see of it; raises as `select_within`."""
        filters = {name: getattr(self, name) for name in FILTERS}
        groups = {name: getattr(self, name, None) for name in ("group_by", "key")}
        return select_within(atlas, actor, self.when(), **filters, **groups)


class FiguresQuery(PeriodQuery):
    group_by: GroupBy | None = None
    rank_by: FigureName | None = Field(
        default=None, description="orders the groups, best first; fewer than ten get no rank"
    )


class TimesQuery(PeriodQuery):
    group_by: Literal[GroupBy, "holder"] | None = None


class PagedQuery(PeriodQuery, PageQuery):
    def after(self) -> tuple[date, int, int] | None:
        """The day, case id and round that the page begins behind."""
        values = decode_cursor(self.cursor, 3)
        if values is None:
            return None
        day, case_id, number = values
        ours = type(case_id) is int and type(number) is int
        if ours and isinstance(day, str) and 0 <= case_id < 2**63 and 0 <= number < 2**31:
            with suppress(ValueError):
                return date.fromisoformat(day), case_id, number
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")


class CasesQuery(PagedQuery):
    count: CountName = Field(description="the number whose cases are listed")
    group_by: GroupBy | None = None
    key: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="one group; empty for the group without a key"
    )
    before_appeals: bool = False


class LateQuery(PagedQuery):
    state: Literal["all", "open", "closed"] = "all"


def cursor_behind(row: Any) -> str:
    return encode_cursor(row.day, row.case_id, row.round)
