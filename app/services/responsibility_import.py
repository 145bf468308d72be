"""Importing who answers for what where; history is never overwritten."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.services.dated_rows import Change, Dated, change, first_day, last_day
from app.services.import_batch import Import, Summary, TableRow, newest_areas
from models.area import Area, Responsibility, Unit
from models.calendar import LOCAL
from models.catalogue import Category

COLUMNS = ("area", "category", "group", "unit", "valid_from", "valid_to")


def import_responsibilities(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the rules from today on those of a CSV file with `COLUMNS`.

    `category` or `group` or neither (any category); `valid_from` blank is today, `valid_to`
    blank is open. Rules that the file lacks end yesterday.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "responsibilities", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    today = datetime.now(LOCAL).date()
    wanted = [_dated(upload, row) for row in rows]
    _check_codes(db, upload, zip(rows, wanted, strict=True), today)
    planned = change(_stored(db), wanted, today, upload.fault)
    _check_overlaps(upload, planned.standing)
    revision = upload.accept(len(rows))
    _store(db, revision, planned)
    return Summary(
        "responsibilities",
        revision,
        rows=len(rows),
        added=len(planned.insert),
        ended=planned.ended,
    )


def _dated(upload: Import, row: TableRow) -> Dated:
    key = (row["area"], row["category"] or None, row["group"] or None, row["unit"])
    valid_from, valid_to = upload.day(row, "valid_from"), upload.day(row, "valid_to")
    return Dated(key, valid_from, valid_to, pointer=f"/rows/{row.number}")


def _stored(db: Connection) -> list[Dated]:
    return [
        Dated((r.area, r.category, r.category_group, r.unit), r.valid_from, r.valid_to, r.id)
        for r in db.execute(select(Responsibility.__table__))
    ]


def _check_codes(db: Connection, upload: Import, rows: Any, today: date) -> None:
    """Codes must exist; those of rules that are over already may have gone since."""
    areas = newest_areas(db)
    old_areas = set(db.execute(select(Area.code).distinct()).scalars())
    units = {u.code: u.retired_at for u in db.execute(select(Unit.code, Unit.retired_at))}
    categories = {c.code: c for c in db.execute(select(Category.code, Category.category_group))}
    groups = {c.category_group for c in categories.values()}
    for row, dated in rows:
        over = last_day(dated) < today
        upload.required(row, "area", "unit")
        if row["area"] and row["area"] not in (old_areas if over else areas):
            upload.fault(row.pointer("area"), f"当前地图中没有区域“{row['area']}”")
        if row["category"] and row["group"]:
            upload.fault(row.pointer("group"), "小类和大类只能填一个")
        if row["category"] and row["category"] not in categories:
            upload.fault(row.pointer("category"), f"没有小类“{row['category']}”")
        if row["group"] and row["group"] not in groups:
            upload.fault(row.pointer("group"), f"没有大类“{row['group']}”")
        if row["unit"] and row["unit"] not in units:
            upload.fault(row.pointer("unit"), f"没有单位“{row['unit']}”")
        elif row["unit"] and units[row["unit"]] is not None and not over:
            upload.fault(row.pointer("unit"), f"单位“{row['unit']}”已停用")


def _check_overlaps(upload: Import, standing: Sequence[Dated]) -> None:
    """On any day one unit answers for an area and a category."""

    def place(row: Dated) -> str:
        return repr(row.key[:3])

    dated = [row for row in standing if first_day(row) <= last_day(row)]
    dated.sort(key=lambda row: (place(row), first_day(row), last_day(row)))
    for _, rules in groupby(dated, key=place):
        longest: Dated | None = None
        for rule in rules:
            if longest is not None and first_day(rule) <= last_day(longest):
                _fault_overlap(upload, longest, rule)
            if longest is None or last_day(rule) > last_day(longest):
                longest = rule


def _fault_overlap(upload: Import, one: Dated, two: Dated) -> None:
    at, other = (two, one) if two.pointer else (one, two)
    if not at.pointer:
        return  # both are of the past: nothing that this file could change
    if other.pointer:
        where = f"第 {other.pointer.rpartition('/')[2]} 行"
    else:
        where = f"{first_day(other)} 至 {last_day(other)} 生效过的规则"
    upload.fault(
        f"{at.pointer}/valid_from", f"有效期与{where}重叠：同一天只有一个责任单位，历史不能改写"
    )


def _store(db: Connection, revision: int, planned: Change) -> None:
    if planned.insert:
        names = ("area", "category", "category_group", "unit")
        db.execute(
            insert(Responsibility),
            [
                dict(zip(names, row.key, strict=True))
                | {"valid_from": row.valid_from, "valid_to": row.valid_to, "version": revision}
                for row in planned.insert
            ],
        )
    write_days(db, Responsibility, planned)


def write_days(db: Connection, table: Any, planned: Change) -> None:
    """Writes the new last days and deletes what never became valid."""
    if planned.valid_to:
        columns = table.__table__
        db.execute(
            update(columns)
            .where(columns.c.id == bindparam("row"))
            .values(valid_to=bindparam("last")),
            [{"row": row, "last": last} for row, last in planned.valid_to.items()],
        )
    if planned.delete:
        db.execute(delete(table).where(table.id.in_(planned.delete)))
