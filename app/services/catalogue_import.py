"""Importing the catalogue of categories."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.services.import_batch import YES_NO, Import, Summary, TableRow
from models.area import Responsibility
from models.calendar import CALENDARS, LOCAL, parse_limit
from models.catalogue import Category, EvidenceRule, Intake

COLUMNS = (
    *("code", "group", "name", "kind", "limit", "control_limit", "calendar", "intake", "public"),
    *("evidence", "min_photos", "emergency", "aliases", "group_name", "accept_when", "close_when"),
    *("call_first", "coarse?"),
)
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REQUIRED = ("name", "group", "group_name", "limit", "accept_when", "close_when")
_MOST_PHOTOS = 9


def import_catalogue(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the categories those of a CSV file with `COLUMNS`, in the file's order.

    Categories that the file lacks are retired: their cases stay, new ones cannot be made.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "catalogue", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    upload.unique(rows, "code")
    upload.unique(rows, "name")
    _check_groups(upload, rows)
    for row in rows:
        _check(upload, row)
    revision = upload.accept(len(rows))
    before = set(db.execute(select(Category.code).where(Category.retired_at.is_(None))).scalars())
    _store(db, [_values(position, row) for position, row in enumerate(rows, start=1)])
    codes = {row["code"] for row in rows}
    gone = before - codes
    now = datetime.now(UTC)
    db.execute(update(Category).where(Category.code.in_(gone)).values(retired_at=now))
    return Summary(
        "catalogue",
        revision,
        rows=len(rows),
        added=len(codes - before),
        ended=len(gone),
        warnings=tuple(_still_named(db)),
    )


def _check(upload: Import, row: TableRow) -> None:
    upload.required(row, *_REQUIRED)
    if not _CODE.fullmatch(row["code"]):
        upload.fault(row.pointer("code"), "应为小写字母、数字和连字符")
    upload.one_of(row, "kind", ("event", "component"))
    upload.one_of(row, "calendar", CALENDARS)
    upload.one_of(row, "intake", Intake)
    upload.one_of(row, "evidence", EvidenceRule)
    upload.one_of(row, "public", YES_NO)
    upload.one_of(row, "emergency", YES_NO)
    if row["coarse"]:
        upload.one_of(row, "coarse", YES_NO)
    if not (row["min_photos"].isdecimal() and int(row["min_photos"]) <= _MOST_PHOTOS):
        upload.fault(row.pointer("min_photos"), f"应为 0 至 {_MOST_PHOTOS} 的整数")
    for column in ("limit", "control_limit"):
        if row[column] and not _is_limit(row[column]):
            message = f"“{row[column]}”应如 4wh（工作小时）、2wd（工作日）、2h（小时）"
            upload.fault(row.pointer(column), message)
    emergency = row["emergency"] == "yes"
    if emergency and not row["control_limit"]:
        upload.fault(row.pointer("control_limit"), "突发险情须有先期处置时限")
    if not emergency and row["control_limit"]:
        upload.fault(row.pointer("control_limit"), "仅限突发险情")


def _is_limit(text: str) -> bool:
    try:
        return parse_limit(text)[0] > 0
    except ValueError:
        return False


def _check_groups(upload: Import, rows: Sequence[TableRow]) -> None:
    names: dict[str, str] = {}
    for row in rows:
        name = names.setdefault(row["group"], row["group_name"])
        if name != row["group_name"]:
            message = f"大类 {row['group']} 前面叫“{name}”，这里叫“{row['group_name']}”"
            upload.fault(row.pointer("group_name"), message)


def _values(position: int, row: TableRow) -> dict[str, Any]:
    plain = ("code", "name", "kind", "calendar", "intake", "evidence")
    return {column: row[column] for column in (*plain, "group_name")} | {
        "position": position,
        "category_group": row["group"],
        "handle_limit": row["limit"],
        "control_limit": row["control_limit"] or None,
        "public": YES_NO[row["public"]],
        "min_photos": int(row["min_photos"]),
        "emergency": YES_NO[row["emergency"]],
        "coarse": YES_NO.get(row["coarse"], False),
        "aliases": row["aliases"].split(),
        "accept_when": row["accept_when"],
        "close_when": row["close_when"],
        "call_first": row["call_first"] or None,
        "retired_at": None,
    }


def _store(db: Connection, values: Sequence[dict[str, Any]]) -> None:
    statement = insert(Category)
    changed = {name: statement.excluded[name] for name in values[0] if name != "code"}
    db.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed), list(values))


def _still_named(db: Connection) -> list[str]:
    today = datetime.now(LOCAL).date()
    named = (
        select(Category.code, Category.name)
        .join(Responsibility, Responsibility.category == Category.code)
        .where(
            Category.retired_at.is_not(None),
            or_(Responsibility.valid_to.is_(None), Responsibility.valid_to >= today),
        )
        .distinct()
        .order_by(Category.code)
    )
    return [
        f"小类 {code}（{name}）已停用，仍有有效的权责使用它" for code, name in db.execute(named)
    ]
