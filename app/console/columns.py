"""Columns of the list of cases: which there are, and which were chosen."""

from typing import Any

from models.routing import Atlas
from models.submission import SOURCE_LABELS, Source

COLUMNS: dict[str, str] = {
    "category": "类别",
    "status": "状态",
    "deadline": "期限",
    "words": "描述",
    "grid": "网格",
    "community": "社区",
    "street": "街道",
    "unit": "责任单位",
    "source": "来源",
    "reports": "上报人数",
    "round": "轮次",
    "submitted_at": "上报",
    "due_at": "处置期限",
    "closed_at": "结案",
}
"""What they are called, in the order in which they stand."""
USUAL = ("category", "status", "deadline", "words", "grid", "unit", "submitted_at")


def chosen(names: list[str]) -> list[str]:
    """Those named that exist, in the order of the table; the usual ones where none does."""
    wanted = {part for name in names for part in name.split(",")}
    return [name for name in COLUMNS if name in wanted] or [*USUAL]


def named(atlas: Atlas, case: dict[str, Any]) -> dict[str, Any]:
    """A case with the names that columns show."""
    return case | {
        "community_name": atlas.area_name(case["community"]),
        "street_name": atlas.area_name(case["street"]),
        "source_label": SOURCE_LABELS[Source(case["source"])],
    }
