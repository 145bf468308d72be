"""Public cases of a month as a table."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from app.services import public
from app.services.public import PublicFilter
from app.services.sheet import MOST_ROWS, Sheet
from models.calendar import LOCAL
from models.errors import InvalidInput
from models.period import parse
from models.routing import Atlas

COLUMNS = (
    ("number", "案卷编号"),
    ("category_name", "类别"),
    ("status_label", "状态"),
    ("grid_name", "网格"),
    ("unit_name", "责任单位"),
    ("description", "问题描述"),
    ("address", "地址"),
    ("longitude", "经度"),
    ("latitude", "纬度"),
    ("submitted_at", "上报时间"),
    ("closed_at", "结案时间"),
)


def sheet(db: Connection, atlas: Atlas, month: str) -> Sheet:
    """The public cases that were submitted in a month of local time (2026-11), day by day.

    Raises:
        InvalidInput: no month.
    """
    period = parse(month, "/month")
    if period.month is None:
        raise InvalidInput.at("/month", "应为一个月，如 2026-11")

    def rows() -> Iterator[dict[str, Any]]:
        day = period.first
        while day < period.end:
            since = datetime.combine(day, time(), LOCAL)
            wanted = PublicFilter(since, since + timedelta(days=1), most=MOST_ROWS)
            yield from (_cells(atlas, row) for row in public.cases(db, wanted))
            day += timedelta(days=1)

    return Sheet(f"公开案卷-{period.name}", [("月份", period.name)], COLUMNS, rows())


def _cells(atlas: Atlas, row: Any) -> dict[str, Any]:
    longitude, latitude = public.place(atlas, row)
    return {
        "number": row.number,
        "category_name": atlas.category_name(row.category),
        "status_label": public.label(row),
        "grid_name": atlas.area_name(row.grid),
        "unit_name": atlas.unit_name(row.unit),
        "description": row.description,
        "address": public.address(atlas, row),
        "longitude": longitude,
        "latitude": latitude,
        "submitted_at": row.submitted_at,
        "closed_at": row.closed_at,
    }
