"""The case list as a table for spreadsheets."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from app.services import case_list, case_view
from app.services.case_list import Filter
from app.services.sheet import Sheet, cell
from models import moment
from models.account import Actor
from models.routing import Atlas
from models.submission import SOURCE_LABELS, Source

BATCH = 2000
COLUMNS = (
    ("number", "案卷编号"),
    ("status_label", "状态"),
    ("round", "轮次"),
    ("category_name", "类别"),
    ("source_label", "来源"),
    ("grid_name", "网格"),
    ("unit_name", "责任单位"),
    ("description", "问题描述"),
    ("address", "地址"),
    ("longitude", "经度"),
    ("latitude", "纬度"),
    ("reports", "上报人数"),
    ("submitted_at", "上报时间"),
    ("due_at", "处置期限"),
    ("closed_at", "结案时间"),
    ("overdue", "已超时"),
)
FILTERS = {
    "status": "状态",
    "category": "类别",
    "area": "区域",
    "unit": "责任单位",
    "holder": "责任方",
    "overdue": "已超时",
    "q": "搜索",
    "source": "来源",
    "since": "上报不早于",
    "until": "上报早于",
    "near": "位置附近",
    "sort": "排序",
}


def sheet(
    db: Connection, atlas: Atlas, actor: Actor, wanted: Filter, asked: Mapping[str, Any]
) -> Sheet:
    """Every case that the filter finds in the actor's scope; `asked` is the filter as it was
    sent, for the notes."""
    now = moment.now()

    def rows() -> Iterator[dict[str, Any]]:
        after = None
        while True:
            batch = replace(wanted, after=after, limit=BATCH)
            found = case_list.cases(db, atlas, actor, batch)
            for row in found[:BATCH]:
                yield _cells(case_view.brief(atlas, row, now))
            if len(found) <= BATCH:
                return
            last = found[BATCH - 1]
            after = (last.due_at if wanted.by_due else last.submitted_at, last.id)

    notes = [(label, str(asked[name])) for name, label in FILTERS.items() if asked.get(name)]
    made = ("制表时间", str(cell(now)))
    return Sheet("案卷", [*(notes or [("条件", "全部")]), made], COLUMNS, rows())


def _cells(case: dict[str, Any]) -> dict[str, Any]:
    place = case["location"]["wgs84"]
    return case | {
        "source_label": SOURCE_LABELS[Source(case["source"])],
        "longitude": round(place["longitude"], 6),
        "latitude": round(place["latitude"], 6),
        "overdue": "是" if case["overdue"] else "",
    }
