"""Groups of an audit: what their keys stand for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from app.services.case_clock import names_of
from models.routing import Atlas
from models.submission import SOURCE_LABELS, Source

KIND_LABELS = {"event": "事件", "component": "部件"}
NOBODY = {
    "unit": "未分派",
    "root_unit": "未分派",
    "category": "待定类别",
    "group": "待定类别",
    "kind": "待定类别",
    "worker": "未签收",
    "overlay": "不在专属责任区",
    "holder": "无",
}
"""What a group without a key is called."""


def broader(atlas: Atlas, group_by: str | None, key: str) -> str:
    """The key of a group or kind, from that of a category; any other key as it is."""
    category = atlas.categories.get(key)
    if group_by == "group":
        return category.category_group if category is not None else ""
    if group_by == "kind":
        return category.kind if category is not None else ""
    return key


def fold(
    atlas: Atlas, group_by: str | None, sums: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """Sums by key, with categories added up to groups or kinds where that is asked."""
    found: dict[str, dict[str, int]] = {}
    for key, columns in sums.items():
        own = found.setdefault(broader(atlas, group_by, key), {})
        for column, amount in columns.items():
            own[column] = own.get(column, 0) + amount
    return found


def categories_of(atlas: Atlas, group_by: str, key: str) -> list[str]:
    """The categories that a group or kind is made of."""
    return [code for code in (*atlas.categories, "") if broader(atlas, group_by, code) == key]


def named(
    db: Connection, atlas: Atlas, group_by: str | None, keys: Sequence[str]
) -> dict[str, str]:
    """Keys with the words that people read, in order."""
    if group_by not in ("worker", "holder"):
        return {key: _name(atlas, group_by, key) for key in keys}
    prefix = "worker:" if group_by == "worker" else ""
    people = names_of(db, atlas, {prefix + key for key in keys if key})
    return {key: people.get(prefix + key, key) if key else NOBODY[group_by] for key in keys}


def _name(atlas: Atlas, group_by: str | None, key: str) -> str:
    if not key:
        return NOBODY.get(group_by or "", "")
    if group_by == "group":
        groups = {c.category_group: c.group_name for c in atlas.categories.values()}
        return str(groups[key])
    names: dict[str, Callable[[str], str]] = {
        "unit": atlas.unit_name,
        "root_unit": atlas.unit_name,
        "category": atlas.category_name,
        "kind": lambda code: KIND_LABELS[code],
        "source": lambda code: SOURCE_LABELS[Source(code)],
        "month": lambda day: f"{int(day[:4])} 年 {int(day[5:7])} 月",
        "week": _week,
        "day": str,
    }
    return names.get(group_by or "", atlas.area_name)(key)


def _week(monday: str) -> str:
    year, week, _ = date.fromisoformat(monday).isocalendar()
    return f"{year} 年第 {week} 周"
