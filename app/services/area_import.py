"""Importing the map: GeoJSON in any Chinese coordinate system, checked as a whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, insert, or_, select

from app.services import outbox
from app.services.import_batch import Import, Summary, newest_areas
from app.services.map_check import check_overlaps, misplaced, to_stored
from models.account import RoleGrant
from models.area import TREE, Area, Level, Responsibility
from models.calendar import LOCAL
from models.duty import Duty
from models.fields import storable
from models.geo import CoordType


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of the file; `position` counts from 0, `boundary` is WGS-84 once converted."""

    position: int
    code: str
    name: str
    level: Level
    parent: str | None
    priority: int
    boundary: BaseGeometry

    def pointer(self, column: str = "") -> str:
        return f"/features/{self.position}/" + (f"properties/{column}" if column else "geometry")


def import_areas(db: Connection, data: bytes, coord_type: CoordType, file_name: str) -> Summary:
    """Stores a GeoJSON FeatureCollection as the new version of the map.

    Properties: `code`, `name`, `level`, `parent`, and of overlays `priority`. The widest level
    in the file has no parents; every other area names one of the next level that the file holds.

    Raises:
        ImportRefused: names every fault by its JSON pointer.
    """
    upload = Import(db, "areas", file_name, coord_type.encode() + b"\n" + data)
    same = upload.unchanged()
    if same is not None:
        return same
    features = _features(upload, data)
    _check_tree(upload, features)
    shapes = to_stored([f.boundary for f in features], coord_type)
    features = [replace(f, boundary=b) for f, b in zip(features, shapes, strict=True)]
    valid = [f for f in features if _check_shape(upload, f)]
    for level in TREE:
        same_level = [f for f in valid if f.level is level]
        for late, early, square_metres in check_overlaps([f.boundary for f in same_level]):
            one, other = same_level[late], same_level[early]
            message = f"与 {other.code}（{other.name}）重叠 {square_metres:.0f} 平方米"
            upload.fault(one.pointer(), message)
    upload.refuse()
    before = newest_areas(db)
    version = upload.accept(len(features))
    _store(db, version, features)
    outbox.post(db, "area.unplace", {"version": version})
    codes = {f.code for f in features}
    vanished = set(before) - codes
    return Summary(
        "areas",
        version,
        rows=len(features),
        added=len(codes - set(before)),
        ended=len(vanished),
        warnings=(*_outside_parent(features), *_still_named(db, codes)),
    )


def _features(upload: Import, data: bytes) -> list[Feature]:
    """The features that can be read; those that cannot are faults."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        upload.fault("", f"不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列")
        upload.refuse()
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        upload.fault("/type", "应为 FeatureCollection")
        upload.refuse()
    features = document.get("features")
    if not isinstance(features, list) or not features:
        upload.fault("/features", "没有要素")
        upload.refuse()
    found = [_feature(upload, position, one) for position, one in enumerate(features or ())]
    return [feature for feature in found if feature is not None]


def _feature(upload: Import, position: int, given: Any) -> Feature | None:
    here = f"/features/{position}"
    if not isinstance(given, dict) or not isinstance(given.get("properties"), dict):
        upload.fault(here, "应为带 properties 的 Feature")
        return None
    values = given["properties"]
    texts = {name: values.get(name) for name in ("code", "name", "level")}
    bad = [name for name, text in texts.items() if not (storable(text) and text.strip())]
    for name in bad:
        upload.fault(f"{here}/properties/{name}", "必填，应为文字")
    if "level" not in bad and values["level"] not in list(Level):
        upload.fault(f"{here}/properties/level", f"“{values['level']}”应为：{'、'.join(Level)}")
        bad.append("level")
    parent, priority = values.get("parent") or None, values.get("priority") or 0
    if parent is not None and not isinstance(parent, str):
        upload.fault(f"{here}/properties/parent", "应为文字")
        bad.append("parent")
    if type(priority) is not int or not 0 <= priority < 1_000_000:
        upload.fault(f"{here}/properties/priority", "应为 0 至 999999 的整数")
        bad.append("priority")
    boundary = _boundary(upload, f"{here}/geometry", given.get("geometry"))
    if bad or boundary is None:
        return None
    code, name = values["code"].strip(), values["name"].strip()
    return Feature(position, code, name, Level(values["level"]), parent, priority, boundary)


def _boundary(upload: Import, pointer: str, given: Any) -> BaseGeometry | None:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        upload.fault(pointer, f"应为 Polygon 或 MultiPolygon，不是 {kind}")
        return None
    try:
        shape: BaseGeometry = shapely.force_2d(shapely.from_geojson(orjson.dumps(given)))
    except shapely.errors.ShapelyError as error:
        upload.fault(pointer, f"坐标无法读取：{error}")
        return None
    west, south, east, north = shape.bounds
    # Written so that NaN, the bounds of an empty polygon, fails as well.
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        upload.fault(pointer, "坐标为空或超出范围；应为经度在前、纬度在后，单位是度")
        return None
    return shape


def _check_shape(upload: Import, feature: Feature) -> bool:
    if feature.boundary.is_valid:
        return True
    reason = shapely.is_valid_reason(feature.boundary)
    upload.fault(feature.pointer(), f"多边形无效（坐标为 WGS-84）：{reason}")
    return False


def _check_tree(upload: Import, features: Sequence[Feature]) -> None:
    if not any(f.level is Level.GRID for f in features):
        upload.fault("/features", "至少要有一个网格（grid）")
    by_code: dict[str, Feature] = {}
    for feature in features:
        first = by_code.setdefault(feature.code, feature)
        if first is not feature:
            message = f"“{feature.code}”与第 {first.position} 个要素重复"
            upload.fault(feature.pointer("code"), message)
    levels = [level for level in TREE if any(f.level is level for f in features)]
    for feature in features:
        fault = _parent_fault(feature, by_code, levels)
        if fault:
            upload.fault(feature.pointer("parent"), fault)


def _parent_fault(
    feature: Feature, by_code: dict[str, Feature], levels: Sequence[Level]
) -> str | None:
    above = None
    if feature.level in levels and feature.level is not levels[0]:
        above = levels[levels.index(feature.level) - 1]
    if above is None:
        return f"{feature.level} 不应有上级" if feature.parent else None
    if feature.parent is None:
        return f"必填，应为一个 {above} 的编码"
    parent = by_code.get(feature.parent)
    if parent is None:
        return f"文件里没有“{feature.parent}”"
    if parent.level is not above:
        return f"“{parent.code}”是 {parent.level}，应为 {above}"
    return None


def _store(db: Connection, version: int, features: Sequence[Feature]) -> None:
    boundaries = shapely.to_geojson([f.boundary for f in features])
    db.execute(
        insert(Area),
        [
            {
                "version": version,
                "code": f.code,
                "name": f.name,
                "level": f.level.value,
                "parent": f.parent,
                "priority": f.priority,
                "boundary": orjson.loads(boundary),
            }
            for f, boundary in zip(features, boundaries, strict=True)
        ],
    )


def _outside_parent(features: Sequence[Feature]) -> list[str]:
    by_code = {f.code: f for f in features}
    children = [f for f in features if f.parent is not None]
    parents = [by_code[f.parent].boundary for f in children if f.parent is not None]
    return [
        f"{children[i].code}（{children[i].name}）的中心不在上级 {children[i].parent} 之内"
        for i in misplaced([f.boundary for f in children], parents)
    ]


def _still_named(db: Connection, codes: set[str]) -> list[str]:
    """Codes outside the new map that rules, duties or roles in force still name."""
    today = datetime.now(LOCAL).date()
    named: Counter[tuple[str, str]] = Counter()
    for label, table in (("条权责", Responsibility), ("条排班", Duty)):
        in_force = or_(table.valid_to.is_(None), table.valid_to >= today)
        for (area,) in db.execute(select(table.area).where(in_force)):
            named[area, label] += 1
    for (area,) in db.execute(select(RoleGrant.code).where(RoleGrant.scope == "area")):
        named[area, "个角色"] += 1
    return [
        f"区域 {area} 已不在新地图中，仍有 {count} {label}使用它"
        for (area, label), count in sorted(named.items())
        if area not in codes
    ]
