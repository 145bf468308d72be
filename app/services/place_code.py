"""Places with a code to scan: importing them, and what a scan fills in."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from app.services.case_view import place_of
from app.services.import_batch import Import, Summary, TableRow
from models.errors import NotFound
from models.geo import CoordType, Point, to_wgs84
from models.place_code import PlaceCode
from models.routing import Atlas

COLUMNS = ("name", "code?", "longitude", "latitude", "coord_type", "area?", "address?", "category?")
REPORT_PAGE = "pages/report/report"
"""The page that a scan opens, with the code as its scene."""
_CODE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 8


def import_places(db: Connection, atlas: Atlas, data: bytes, file_name: str) -> Summary:
    """Makes or changes the places of a CSV file with `COLUMNS`; others stay: codes that hang
    somewhere keep working.

    A place is known by its code, without one by its name; a new one gets a code. Without a
    coordinate pair it lies inside its `area`.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "places", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    upload.unique(rows, "name")
    upload.unique(rows, "code")
    known = {row.name: row.code for row in db.execute(select(PlaceCode.name, PlaceCode.code))}
    values = [found for row in rows if (found := _values(upload, atlas, row)) is not None]
    revision = upload.accept(len(rows))
    codes = set(known.values())
    for one in values:
        one["code"] = one["code"] or known.get(one["name"]) or _fresh()
    statement = insert(PlaceCode)
    changing = {name: statement.excluded[name] for name in values[0] if name != "code"}
    db.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changing), values)
    added = sum(one["code"] not in codes for one in values)
    return Summary("places", revision, rows=len(rows), added=added)


def _fresh() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _values(upload: Import, atlas: Atlas, row: TableRow) -> dict[str, Any] | None:
    upload.required(row, "name")
    if row["code"] and not _CODE.fullmatch(row["code"]):
        upload.fault(row.pointer("code"), "最多 32 个字母、数字或 !#$&'()*+,/:;=?@._~-")
    category = row["category"] or None
    if category is not None and category not in atlas.categories:
        upload.fault(row.pointer("category"), f"没有类别“{category}”")
    where = _where(upload, atlas, row)
    if where is None:
        return None
    return {
        "code": row["code"],
        "name": row["name"],
        "address": row["address"] or None,
        "longitude": where.longitude,
        "latitude": where.latitude,
        "category": category,
    }


def _where(upload: Import, atlas: Atlas, row: TableRow) -> Point | None:
    if not row["longitude"] and not row["latitude"]:
        where = atlas.inside(row["area"])
        if where is None:
            upload.fault(row.pointer("area"), "请填写坐标，或地图上有的区域编号")
        return where
    upload.one_of(row, "coord_type", [kind.value for kind in CoordType])
    try:
        given = float(row["longitude"]), float(row["latitude"])
        where = to_wgs84(*given, CoordType(row["coord_type"]))
    except ValueError:
        upload.fault(row.pointer("longitude"), "坐标应为数字")
        return None
    if atlas.locate(where, atlas.policy.tolerance_m) is None:
        upload.fault(row.pointer("longitude"), "不在服务范围内")
    return where


def known(db: Connection, code: str) -> Row[Any]:
    """The place of a code. Raises NotFound."""
    row = db.execute(select(PlaceCode.__table__).where(PlaceCode.code == code)).one_or_none()
    if row is None:
        raise NotFound("没有这个地点码，请手动选择位置")
    return row


def shape(atlas: Atlas, row: Any) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "address": row.address or row.name,
        "location": place_of(row),
        "category": row.category,
        "category_name": row.category and atlas.category_name(row.category),
    }


def listed(db: Connection, codes: Sequence[str]) -> list[Row[str, str]]:
    """Code and name of the places of those codes, all for none, by name.

    Raises:
        NotFound: a code that is unknown.
    """
    statement = select(PlaceCode.code, PlaceCode.name).order_by(PlaceCode.name, PlaceCode.code)
    rows = db.execute(statement).all()
    missing = set(codes) - {row.code for row in rows}
    if missing:
        raise NotFound(f"没有这些地点码：{'、'.join(sorted(missing))}")
    return [row for row in rows if not codes or row.code in codes]
