"""What is counted of a round, and the figures made of it (docs/figures.md). Pure data.

A round adds 0 or 1 (of answers: how many) to each column, on the day that the column's basis
names: a round that is due in November counts there, whenever it was reported. Whatever reads or
writes figures goes by these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

BASES: dict[str, tuple[str, ...]] = {
    "submitted": ("found", "found_by_patrol", "self_handled", "reported", "accepted"),
    "assigned": ("assigned", "never_handed_back", "contacted_in_time"),
    "start_due": ("due_to_start", "started_in_time"),
    "due": (
        "due",
        "resolved",
        "resolved_in_time",
        "reworked",
        "extended",
        "late",
        "pardoned_late_resolved",
        "pardoned_late",
        "pardoned_reworked",
        "appealed",
        "appeal_open",
        "upheld",
    ),
    "close_due": (
        "due_to_close",
        "closed",
        "closed_in_time",
        "pardoned_late_closed",
        "fixed",
        "recurred_7",
        "recurred_30",
    ),
    "closed": (
        "answered",
        "solved",
        "satisfied",
        "pardoned_answered",
        "pardoned_solved",
        "called",
        "called_solved",
        "called_unsolved",
    ),
    "transferred": ("transferred",),
}
"""Columns by basis; the day of basis B stands in column `B_day`."""
COLUMNS = tuple(column for columns in BASES.values() for column in columns)
BASIS_OF = {column: basis for basis, columns in BASES.items() for column in columns}


@dataclass(frozen=True, slots=True)
class Count:
    """A number people read: columns added and taken away. `before` is the number without the
    appeals that were upheld, where they matter. `without` names the condition of the moment that
    takes rounds away: `pending` (not due yet), `suspended` (at the period's end)."""

    label: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    without: str = ""

    @property
    def basis(self) -> str:
        return BASIS_OF[self.plus[0]]


COUNTS: dict[str, Count] = {
    "found": Count("发现", ("found",)),
    "found_by_patrol": Count("巡查发现", ("found_by_patrol",)),
    "self_handled": Count("网格员自办", ("self_handled",)),
    "reported": Count("上报", ("reported",)),
    "accepted": Count("立案", ("accepted",)),
    "assigned": Count("派遣", ("assigned",)),
    "never_handed_back": Count("一次派遣到位", ("never_handed_back",)),
    "contacted_in_time": Count("按时响应", ("contacted_in_time",)),
    "due_to_start": Count("应签收", ("due_to_start",)),
    "started_in_time": Count("按期签收", ("started_in_time",)),
    "due": Count("应处置", ("due",)),
    "resolved": Count("已处置", ("resolved",)),
    "resolved_in_time": Count(
        "按期处置",
        ("resolved_in_time", "pardoned_late_resolved"),
        before=("resolved_in_time",),
    ),
    "reworked": Count("返工", ("reworked",), ("pardoned_reworked",), ("reworked",)),
    "extended": Count("延期", ("extended",)),
    "late": Count("超时", ("late",), ("pardoned_late",), ("late",), "pending"),
    "appealed": Count("申诉", ("appealed",)),
    "appeal_open": Count("待审理申诉", ("appeal_open",)),
    "upheld": Count("申诉成立", ("upheld",)),
    "due_to_close": Count("应结案", ("due_to_close",)),
    "suspended": Count("期末挂账", ("due_to_close",)),
    "closed": Count("已结案", ("closed",), without="suspended"),
    "closed_in_time": Count(
        "按期结案",
        ("closed_in_time", "pardoned_late_closed"),
        before=("closed_in_time",),
        without="suspended",
    ),
    "fixed": Count("真正解决", ("fixed",), without="suspended"),
    "recurred_7": Count("七天内复发", ("recurred_7",), without="suspended"),
    "recurred_30": Count("三十天内复发", ("recurred_30",), without="suspended"),
    "answered": Count("市民评价", ("answered",), ("pardoned_answered",), ("answered",)),
    "solved": Count("市民认为已解决", ("solved",), ("pardoned_solved",), ("solved",)),
    "satisfied": Count("市民满意", ("satisfied",)),
    "called": Count("回访", ("called",)),
    "called_solved": Count("回访已解决", ("called_solved",)),
    "called_unsolved": Count("回访未解决", ("called_unsolved",)),
    "transferred": Count("转办", ("transferred",)),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A share in percent: one count of another, less a third where the denominator has one.
    `lower` says that less of it is better."""

    label: str
    numerator: str
    denominator: str
    less: str = ""
    lower: bool = False


FIGURES: dict[str, Figure] = {
    "acceptance_rate": Figure("立案率", "accepted", "reported"),
    "dispatch_accuracy": Figure("派遣准确率", "never_handed_back", "assigned"),
    "start_in_time_rate": Figure("按期签收率", "started_in_time", "due_to_start"),
    "resolution_rate": Figure("处置率", "resolved", "due"),
    "resolution_in_time_rate": Figure("按期处置率", "resolved_in_time", "due"),
    "closing_rate": Figure("结案率", "closed", "due_to_close", "suspended"),
    "closing_in_time_rate": Figure("按期结案率", "closed_in_time", "due_to_close", "suspended"),
    "suspension_rate": Figure("挂账率", "suspended", "due_to_close", lower=True),
    "rework_rate": Figure("返工率", "reworked", "resolved", lower=True),
    "extension_rate": Figure("延期率", "extended", "due", lower=True),
    "late_rate": Figure("超时率", "late", "due", lower=True),
    "recurrence_7_rate": Figure("七天复发率", "recurred_7", "closed", lower=True),
    "recurrence_30_rate": Figure("三十天复发率", "recurred_30", "closed", lower=True),
    "self_discovery_rate": Figure("自主发现率", "found_by_patrol", "found"),
    "response_rate": Figure("响应率", "contacted_in_time", "assigned"),
    "solved_rate": Figure("解决率", "solved", "answered"),
    "satisfied_rate": Figure("满意率", "satisfied", "answered"),
}
FEWEST_RANKED = 10
"""A group whose denominator is smaller takes no place in a ranking."""


def percent(numerator: int, denominator: int) -> float | None:
    """To two decimals, half up; None for a share of nothing."""
    if denominator == 0:
        return None
    share = Decimal(100 * numerator) / Decimal(denominator)
    return float(share.quantize(Decimal("0.01"), ROUND_HALF_UP))


def figure(name: str, counts: Mapping[str, int]) -> dict[str, float | int | None]:
    """Value in percent with its numerator and denominator, from counts by name."""
    one = FIGURES[name]
    numerator = counts[one.numerator]
    denominator = counts[one.denominator] - (counts[one.less] if one.less else 0)
    value = percent(numerator, denominator)
    return {"value": value, "numerator": numerator, "denominator": denominator}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a round whose length is measured; it counts on the day that it ended."""

    label: str
    day: str
    holder: str


STAGES: dict[str, Stage] = {
    "accept": Stage("受理", "assigned_day", "accept_holder"),
    "start": Stage("签收", "started_day", "unit_holder"),
    "resolve": Stage("处置", "resolved_day", "unit_holder"),
    "check": Stage("核查", "closed_day", "check_holder"),
    "close": Stage("从上报到结案", "closed_day", "check_holder"),
}
TIMES = tuple(f"{stage}_{kind}" for stage in STAGES for kind in ("clock", "working"))
"""Columns of whole minutes, null where a round has no such stretch."""
DAYS = (*(f"{basis}_day" for basis in BASES), "started_day", "resolved_day")
