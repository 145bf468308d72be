"""12345 tickets as a table: rows that become reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from models.area import Level
from models.calendar import LOCAL
from models.errors import FieldFault, ImportRefused
from models.geo import CoordType
from models.report import Report
from models.routing import Atlas
from models.submission import Source, Submission

COLUMNS: dict[str, str] = {
    "工单编号": "external_number",
    "诉求内容": "description",
    "类别": "category",
    "网格": "grid",
    "地址": "address",
    "经度": "longitude",
    "纬度": "latitude",
    "坐标系": "coord_type",
    "反映人": "reporter_name",
    "联系电话": "contact_phone",
    "办结时限": "external_due_at",
}
"""Headings of a file of tickets, and what they are of a report; the first two are needed."""
NEEDED = ("工单编号", "诉求内容")
MOST_TICKETS = 500
SYSTEMS = {"wgs84": CoordType.WGS84, "gcj02": CoordType.GCJ02, "bd09": CoordType.BD09}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A row of the file by its number there: the report that it makes, or what is wrong with it,
    each fault pointing to its heading."""

    row: int
    number: str
    given: Submission | None
    faults: tuple[FieldFault, ...] = ()


def tickets(atlas: Atlas, rows: Sequence[Sequence[str]]) -> list[Ticket]:
    """Rows of a table, its heading first.

    Raises:
        ImportRefused: no such table, no ticket in it, or more than MOST_TICKETS.
    """
    heading = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in NEEDED if name not in heading]
    strange = [name for name in heading if name and name not in COLUMNS]
    faults = [FieldFault("/rows/1", f"缺少列“{name}”") for name in missing]
    faults += [FieldFault("/rows/1", f"不认识的列“{name}”") for name in strange]
    filled = [(n, row) for n, row in enumerate(rows[1:], start=2) if any(c.strip() for c in row)]
    if not faults and not filled:
        faults = [FieldFault("/rows", "文件里没有工单")]
    if len(filled) > MOST_TICKETS:
        faults.append(FieldFault("/rows", f"一次最多 {MOST_TICKETS} 件，请分成几个文件"))
    if faults:
        raise ImportRefused("没有登记任何工单", faults)
    names = _Names(atlas)
    found, seen = [], dict[str, int]()
    for number, row in filled:
        cells = {n: c.strip() for n, c in zip(heading, row, strict=False) if n and c.strip()}
        ticket = _ticket(names, number, cells)
        first = seen.setdefault(ticket.number, number)
        if first != number and ticket.number:
            fault = FieldFault("/工单编号", f"与第 {first} 行重复")
            ticket = Ticket(number, ticket.number, None, (fault,))
        found.append(ticket)
    return found


class _Names:
    """Codes of categories and grids by what people write: the code itself, or a name that only one
    has."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        known = [c for c in atlas.categories.values() if c.retired_at is None]
        self.categories = _unique([(c.code, c.name) for c in known])
        grids = [a for a in atlas.areas.values() if a.level is Level.GRID]
        self.grids = _unique([(a.code, a.name) for a in grids])

    def location(self, cells: Mapping[str, str]) -> dict[str, Any]:
        """The place of a row; ValueError with heading and words where there is none."""
        if "经度" in cells or "纬度" in cells:
            system = SYSTEMS.get(cells.get("坐标系", "").lower())
            if system is None:
                raise ValueError("坐标系", f"有经纬度时必填：{'、'.join(SYSTEMS)}")
            return {
                "longitude": cells.get("经度"),
                "latitude": cells.get("纬度"),
                "coord_type": system,
            }
        if "网格" not in cells:
            raise ValueError("网格", "请填写网格，或经度、纬度和坐标系")
        point = self._atlas.inside(self.grids.get(cells["网格"], ""))
        if point is None:
            raise ValueError("网格", f"没有网格“{cells['网格']}”，或有几个同名，请用编码")
        return {
            "longitude": point.longitude,
            "latitude": point.latitude,
            "coord_type": CoordType.WGS84,
        }


def _unique(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    names = [name for _, name in pairs]
    return {name: code for code, name in pairs if names.count(name) == 1} | {
        code: code for code, _ in pairs
    }


def _ticket(names: _Names, row: int, cells: Mapping[str, str]) -> Ticket:
    given: dict[str, Any] = {
        COLUMNS[name]: value
        for name, value in cells.items()
        if COLUMNS[name] not in {"grid", "longitude", "latitude", "coord_type", "category"}
    }
    given["source"] = Source.HOTLINE
    faults = [FieldFault(f"/{name}", "必填") for name in NEEDED if name not in cells]
    if "类别" in cells:
        given["category"] = names.categories.get(cells["类别"])
        if given["category"] is None:
            faults.append(FieldFault("/类别", f"没有类别“{cells['类别']}”；说不清可以不填"))
    try:
        given["location"] = names.location(cells)
    except ValueError as error:
        faults.append(FieldFault(f"/{error.args[0]}", error.args[1]))
    if "办结时限" in cells:
        given["external_due_at"] = _moment(cells["办结时限"])
        if given["external_due_at"] is None:
            faults.append(FieldFault("/办结时限", "应如 2026-01-31 17:00"))
    number = cells.get("工单编号", "")
    if faults:
        return Ticket(row, number, None, tuple(faults))
    try:
        return Ticket(row, number, Submission.model_validate(given))
    except ValidationError as error:
        return Ticket(row, number, None, tuple(_fault(one) for one in error.errors()))


_HEADINGS = {field: name for name, field in COLUMNS.items()}
_SAID = {
    "description": "1 至 500 个字",
    "external_number": "字母、数字和 . _ : -，最多 64 个",
    "contact_phone": "应为电话号码",
    "address": "最多 200 个字",
    "reporter_name": "最多 200 个字",
    "longitude": "应为 -180 至 180 的数字",
    "latitude": "应为 -90 至 90 的数字",
}


def _fault(error: Any) -> FieldFault:
    field = str(error["loc"][-1])
    return FieldFault(f"/{_HEADINGS.get(field, field)}", _SAID.get(field, "格式不对"))


def headed(faults: Sequence[FieldFault]) -> list[FieldFault]:
    """Faults of a report, at the headings of its row."""
    fields = [(fault.pointer.split("/")[1], fault.message) for fault in faults]
    return [FieldFault(f"/{_HEADINGS.get(name, name)}", said) for name, said in fields]


def _moment(words: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(words.replace("/", "-"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)


def known(db: Connection, numbers: Sequence[str]) -> frozenset[str]:
    """Which ticket numbers were recorded before."""
    own = select(Report.external_number).where(
        Report.source == Source.HOTLINE, Report.external_number.in_(numbers)
    )
    return frozenset(str(number) for number in db.execute(own).scalars())
