"""The set-up as files that the imports take again: as it is now, and as empty forms."""

from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any

import orjson
from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from app.services import catalogue_import, duty_import, field_import, responsibility_import
from app.services.import_headings import COLUMN_LABELS, KIND_LABELS, VALUE_LABELS
from app.services.sheet import Sheet
from models.account import Account
from models.area import Area, ImportBatch, Responsibility, Unit
from models.calendar import LOCAL
from models.catalogue import Category
from models.duty import Duty

_UNIT_COLUMNS = ("code", "name", "parent", "kind", "calendar")
COLUMNS: dict[str, tuple[str, ...]] = {
    "units": _UNIT_COLUMNS,
    "responsibilities": responsibility_import.COLUMNS,
    "duties": duty_import.COLUMNS,
    "catalogue": tuple(name.removesuffix("?") for name in catalogue_import.COLUMNS),
    "fields": tuple(name.removesuffix("?") for name in field_import.COLUMNS),
}
EXAMPLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "units": (
        ("U-CG", "城市管理局", "", "bureau", ""),
        ("U-HW", "洁净环卫公司", "U-CG", "contractor", "street"),
    ),
    "responsibilities": (
        ("430400", "", "", "U-CG", "", ""),
        ("430400", "", "environment", "U-HW", "", ""),
    ),
    "duties": (
        ("430400", "", "1-7", "00:00", "24:00", "", "", "", "U-ZB"),
        ("43040000100101", "worker1", "1-5", "08:00", "18:00", "", "", "worker2", ""),
    ),
    "catalogue": (
        (
            *("exposed-garbage", "environment", "暴露垃圾", "event", "4wh", "", "street", "auto"),
            *("yes", "after_photo", "1", "no", "垃圾成堆 乱倒垃圾", "环境卫生"),
            *("公共场所有成堆垃圾。", "垃圾全部清走，有清理后照片。", "", "no"),
        ),
    ),
    "fields": (
        (
            *("street-light", "light_number", "string", "no", "灯杆编号", "灯杆上的号牌", ""),
        ),
    ),
}  # fmt: skip
_EXAMPLE_MAP = (
    ("430400", "示例区", "district", None, (112.55, 26.88, 112.59, 26.90)),
    ("430400001001", "示例社区", "community", "430400", (112.55, 26.88, 112.59, 26.90)),
    ("43040000100101", "第一网格", "grid", "430400001001", (112.55, 26.88, 112.57, 26.90)),
    ("43040000100102", "第二网格", "grid", "430400001001", (112.57, 26.88, 112.59, 26.90)),
)


def empty(kind: str) -> Sheet:
    """The headings with example rows, to be replaced."""
    columns = COLUMNS[kind]
    return _sheet(kind, (dict(zip(columns, row, strict=True)) for row in EXAMPLES[kind]))


def current(db: Connection, kind: str) -> Sheet:
    """What is in force today or later. Importing it again changes nothing."""
    return _sheet(kind, _READ[kind](db))


def _sheet(kind: str, rows: Iterator[dict[str, Any]]) -> Sheet:
    labels, values = COLUMN_LABELS[kind], VALUE_LABELS.get(kind, {})
    columns = [(name, labels[name]) for name in COLUMNS[kind]]
    told = (
        {name: values.get(name, {}).get(value, value) for name, value in row.items()}
        for row in rows
    )
    return Sheet(KIND_LABELS[kind], [], columns, told)


def _units(db: Connection) -> Iterator[dict[str, Any]]:
    columns = [Unit.__table__.c[name] for name in _UNIT_COLUMNS]
    known = select(*columns).where(Unit.retired_at.is_(None)).order_by(Unit.code)
    yield from (dict(row) for row in db.execute(known).mappings())


def _responsibilities(db: Connection) -> Iterator[dict[str, Any]]:
    columns = (
        Responsibility.area,
        Responsibility.category,
        Responsibility.category_group.label("group"),
        Responsibility.unit,
        Responsibility.valid_from,
        Responsibility.valid_to,
    )
    order = (Responsibility.area, Responsibility.id)
    found = db.execute(select(*columns).where(_not_over(Responsibility)).order_by(*order))
    yield from (dict(row) for row in found.mappings())


def _duties(db: Connection) -> Iterator[dict[str, Any]]:
    worker, backup = aliased(Account), aliased(Account)
    found = db.execute(
        select(Duty.__table__, worker.username.label("worker"), backup.username.label("backup"))
        .outerjoin(worker, worker.id == Duty.worker_id)
        .outerjoin(backup, backup.id == Duty.backup_id)
        .where(_not_over(Duty))
        .order_by(Duty.area, Duty.id)
    )
    for row in found:
        yield {
            "area": row.area,
            "worker": row.worker,
            "weekdays": ",".join(str(day) for day in sorted(row.weekdays)),
            "starts": f"{row.starts:%H:%M}",
            "ends": "24:00" if row.ends == time(0) else f"{row.ends:%H:%M}",
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "backup": row.backup,
            "duty_unit": row.duty_unit,
        }


def _catalogue(db: Connection) -> Iterator[dict[str, Any]]:
    for row in _categories(db):
        told = {name: getattr(row, name) for name in ("code", "name", "kind", "calendar")}
        yield told | {
            "group": row.category_group,
            "group_name": row.group_name,
            "limit": row.handle_limit,
            "control_limit": row.control_limit,
            "intake": row.intake,
            "public": _yes(row.public),
            "evidence": row.evidence,
            "min_photos": row.min_photos,
            "emergency": _yes(row.emergency),
            "aliases": " ".join(row.aliases),
            "accept_when": row.accept_when,
            "close_when": row.close_when,
            "call_first": row.call_first,
            "coarse": _yes(row.coarse),
        }


def _fields(db: Connection) -> Iterator[dict[str, Any]]:
    for row in _categories(db):
        for one in row.fields:
            yield {
                "category": row.code,
                "code": one["code"],
                "datatype": one["datatype"],
                "required": _yes(one["required"]),
                "description": one["description"],
                "hint": one["hint"],
                "values": ";".join(f"{c['key']}={c['name']}" for c in one["values"]),
            }


_READ: dict[str, Callable[[Connection], Iterator[dict[str, Any]]]] = {
    "units": _units,
    "responsibilities": _responsibilities,
    "duties": _duties,
    "catalogue": _catalogue,
    "fields": _fields,
}


def _categories(db: Connection) -> Any:
    known = select(Category.__table__).where(Category.retired_at.is_(None))
    return db.execute(known.order_by(Category.position))


def _not_over(table: Any) -> Any:
    return or_(table.valid_to.is_(None), table.valid_to >= datetime.now(LOCAL).date())


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def current_map(db: Connection) -> bytes:
    """The newest map as GeoJSON in WGS-84, as the import takes it."""
    newest = select(func.max(ImportBatch.id)).where(ImportBatch.kind == "areas").scalar_subquery()
    rows = db.execute(select(Area.__table__).where(Area.version == newest).order_by(Area.code))
    return _collection(
        _feature(row.code, row.name, row.level, row.parent, row.priority, row.boundary)
        for row in rows
    )


def example_map() -> bytes:
    """A small map of rectangles, to show how one is written."""
    features = []
    for code, name, level, parent, (west, south, east, north) in _EXAMPLE_MAP:
        corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        boundary = {"type": "Polygon", "coordinates": [corners]}
        features.append(_feature(code, name, level, parent, 0, boundary))
    return _collection(features)


def _feature(
    code: str, name: str, level: str, parent: str | None, priority: int, boundary: Any
) -> dict[str, Any]:
    properties = {"code": code, "name": name, "level": level, "parent": parent}
    if priority:
        properties["priority"] = priority  # type: ignore[assignment]
    return {"type": "Feature", "properties": properties, "geometry": boundary}


def _collection(features: Any) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": list(features)})
