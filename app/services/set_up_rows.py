"""The set-up in words, as a preview compares it: what there is, and what is said of it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from app.services.import_batch import newest_areas
from models.account import Account
from models.area import (
    LEVEL_LABELS,
    UNIT_KIND_LABELS,
    Area,
    ImportBatch,
    Level,
    Responsibility,
    Unit,
)
from models.calendar import CALENDAR_LABELS, LOCAL, limit_in_words, weekdays_in_words
from models.catalogue import EVIDENCE_LABELS, INTAKE_LABELS, KIND_LABELS, Category
from models.duty import Duty


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: its title, what it belongs to, and its fields, label to words. `boundary` is an
    area's GeoJSON geometry."""

    title: str
    belongs: str
    fields: Mapping[str, str] = field(default_factory=dict)
    boundary: Any = None


Rows = dict[str, Entry]
"""By what each is known by: a code, or several joined."""


def areas(db: Connection) -> Rows:
    newest = select(func.max(ImportBatch.id)).where(ImportBatch.kind == "areas").scalar_subquery()
    found = db.execute(select(Area.__table__).where(Area.version == newest))
    return {
        row.code: Entry(
            f"{row.name}（{row.code}）",
            LEVEL_LABELS[Level(row.level)],
            {
                "名称": row.name,
                "级别": LEVEL_LABELS[Level(row.level)],
                "上级": row.parent or "",
                "优先级": str(row.priority),
            },
            row.boundary,
        )
        for row in found
    }


def units(db: Connection) -> Rows:
    return {
        row.code: Entry(
            f"{row.name}（{row.code}）",
            UNIT_KIND_LABELS.get(row.kind, row.kind),
            {
                "名称": row.name,
                "上级": row.parent or "",
                "类型": UNIT_KIND_LABELS.get(row.kind, row.kind),
                "日历": CALENDAR_LABELS[row.calendar] if row.calendar else "随类别",
            },
        )
        for row in db.execute(select(Unit.__table__).where(Unit.retired_at.is_(None)))
    }


def responsibilities(db: Connection) -> Rows:
    """Rules that are in force today or later."""
    today, areas = _today(), newest_areas(db)
    units = _names(db, select(Unit.code, Unit.name))
    categories = list(db.execute(select(Category.__table__)))
    names = {row.code: f"{row.name}" for row in categories}
    groups = {row.category_group: f"{row.group_name}（大类）" for row in categories}
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in db.execute(
        select(Responsibility.__table__)
        .where(_not_over(Responsibility, today))
        .order_by(Responsibility.valid_from, Responsibility.id)
    ):
        what = names.get(row.category) or groups.get(row.category_group) or "所有类别"
        unit = f"{units.get(row.unit, row.unit)}（{row.unit}）"
        said[row.area, what].append(f"{unit}，{_valid(row, today)}")
    return {
        f"{area} {what}": Entry(f"{_named(areas, area)} · {what}", _level(areas, area),
            {"责任单位": "；".join(texts)})
        for (area, what), texts in said.items()
    }  # fmt: skip


def duties(db: Connection) -> Rows:
    """Duties that are in force today or later, by area and who has them."""
    today, areas = _today(), newest_areas(db)
    units = _names(db, select(Unit.code, Unit.name))
    staff = Account.username.is_not(None)
    people = _names(db, select(Account.id, Account.display_name).where(staff))
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    statement = select(Duty.__table__).where(_not_over(Duty, today))
    for row in db.execute(statement.order_by(Duty.valid_from, Duty.starts, Duty.id)):
        who = people.get(row.worker_id) if row.worker_id else units.get(row.duty_unit)
        backup = f"，替补 {people[row.backup_id]}" if row.backup_id in people else ""
        ends = "24:00" if row.ends.hour == row.ends.minute == 0 else f"{row.ends:%H:%M}"
        hours = f"{weekdays_in_words(row.weekdays)} {row.starts:%H:%M}–{ends}"
        said[row.area, who or "—"].append(f"{hours}{backup}，{_valid(row, today)}")
    return {
        f"{area} {who}": Entry(
            f"{_named(areas, area)} · {who}", _level(areas, area), {"值班": "；".join(texts)}
        )
        for (area, who), texts in said.items()
    }


def catalogue(db: Connection) -> Rows:
    found = db.execute(select(Category.__table__).where(Category.retired_at.is_(None)))
    return {
        row.code: Entry(f"{row.name}（{row.code}）", row.group_name, _category(row))
        for row in found
    }


def _category(row: Any) -> dict[str, str]:
    return {
        "名称": row.name,
        "大类": f"{row.group_name}（{row.category_group}）",
        "性质": KIND_LABELS[row.kind],
        "处置时限": limit_in_words(row.handle_limit),
        "先期处置时限": limit_in_words(row.control_limit),
        "日历": CALENDAR_LABELS[row.calendar],
        "受理": INTAKE_LABELS[row.intake],
        "证据": EVIDENCE_LABELS[row.evidence],
        "最少照片": str(row.min_photos),
        "公开": _yes(row.public) + ("（只到大致位置）" if row.coarse else ""),
        "突发险情": _yes(row.emergency),
        "别名": " ".join(row.aliases),
        "立案条件": row.accept_when,
        "结案条件": row.close_when,
        "先打电话": row.call_first or "",
    }


def fields(db: Connection) -> Rows:
    found = db.execute(select(Category.code, Category.name, Category.fields))
    return {
        f"{row.code} {one['code']}": Entry(
            f"{row.name} · {one['description']}（{one['code']}）",
            row.name,
            {
                "名称": one["description"],
                "类型": one["datatype"],
                "必填": _yes(one["required"]),
                "提示": one["hint"],
                "选项": "；".join(choice["name"] for choice in one["values"]),
            },
        )
        for row in found
        for one in row.fields
    }


def _names(db: Connection, statement: Any) -> dict[Any, str]:
    return {row[0]: row[1] for row in db.execute(statement)}


def _today() -> date:
    return datetime.now(LOCAL).date()


def _not_over(table: Any, today: date) -> Any:
    """Still to be in force; one that ended the day it began has a last day before its first."""
    return or_(table.valid_to.is_(None), table.valid_to >= today)


def _valid(row: Any, today: date) -> str:
    since = f"{row.valid_from} 起"
    if row.valid_to is None:
        return since if row.valid_from > today else "长期"
    return f"至 {row.valid_to}" if row.valid_from <= today else f"{since}至 {row.valid_to}"


def _named(areas: Mapping[str, Any], code: str) -> str:
    return f"{areas[code].name}（{code}）" if code in areas else f"{code}（不在地图上）"


def _level(areas: Mapping[str, Any], code: str) -> str:
    return LEVEL_LABELS[Level(areas[code].level)] if code in areas else "不在地图上"


def _yes(value: bool) -> str:
    return "是" if value else "否"
