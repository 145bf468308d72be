"""Importing the extra fields of categories."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from app.services.import_batch import YES_NO, Import, Summary, TableRow
from models.catalogue import Category
from models.extra_fields import CHOICES, CODE, Datatype

COLUMNS = ("category", "code", "datatype", "required", "description", "hint?", "values?")
MOST_FIELDS = 20


def import_fields(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the extra fields those of a CSV file with `COLUMNS`, in the file's order; categories
    that it does not name have none. `values` are choices, `key=名称`, separated by semicolons.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "fields", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    categories = set(db.execute(select(Category.code)).scalars())
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        field = _field(upload, row)
        if row["category"] not in categories:
            upload.fault(row.pointer("category"), f"没有类别“{row['category']}”")
        fields = found.setdefault(row["category"], [])
        if any(one["code"] == row["code"] for one in fields):
            upload.fault(row.pointer("code"), f"该类别已有“{row['code']}”")
        fields.append(field)
        if len(fields) == MOST_FIELDS + 1:
            upload.fault(row.pointer("category"), f"一个类别最多 {MOST_FIELDS} 项")
    revision = upload.accept(len(rows))
    db.execute(update(Category).where(Category.code.not_in(found)).values(fields=[]))
    for code, fields in found.items():
        db.execute(update(Category).where(Category.code == code).values(fields=fields))
    return Summary("fields", revision, rows=len(rows), added=len(rows))


def _field(upload: Import, row: TableRow) -> dict[str, Any]:
    upload.required(row, "category", "description")
    if not CODE.fullmatch(row["code"]):
        upload.fault(row.pointer("code"), "应为小写字母开头的小写字母、数字和下划线")
    upload.one_of(row, "datatype", Datatype)
    upload.one_of(row, "required", YES_NO)
    choices = _choices(upload, row)
    if (row["datatype"] in CHOICES) != bool(choices):
        upload.fault(row.pointer("values"), "单选和多选须列出选项，其他类型没有选项")
    return {
        "code": row["code"],
        "datatype": row["datatype"],
        "required": YES_NO.get(row["required"], False),
        "description": row["description"],
        "hint": row["hint"],
        "values": choices,
    }


def _choices(upload: Import, row: TableRow) -> Sequence[dict[str, str]]:
    choices: list[dict[str, str]] = []
    for part in filter(None, (part.strip() for part in row["values"].split(";"))):
        key, _, name = (one.strip() for one in part.partition("="))
        if not CODE.fullmatch(key) or not name or any(one["key"] == key for one in choices):
            upload.fault(row.pointer("values"), f"“{part}”应如 key=名称，key 不重复")
        choices.append({"key": key, "name": name})
    return choices
