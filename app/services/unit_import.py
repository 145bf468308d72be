"""Importing the tree of units."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.services.import_batch import Import, Summary, TableRow
from models.area import UNIT_KIND_LABELS, Responsibility, Unit
from models.calendar import CALENDARS, LOCAL
from models.duty import Duty

DEPTH = 3
"""Levels of units: a case has a column for each."""


def import_units(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the units those of a CSV file: `code`, `name`, `parent`, `kind`, `calendar?`.

    Units that the file lacks are retired, and come back with the file that names them again.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "units", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, ("code", "name", "parent", "kind", "calendar?"))
    _check(upload, rows)
    revision = upload.accept(len(rows))
    before = set(db.execute(select(Unit.code).where(Unit.retired_at.is_(None))).scalars())
    _store(db, rows)
    codes = {row["code"] for row in rows}
    gone = before - codes
    now = datetime.now(UTC)
    db.execute(update(Unit).where(Unit.code.in_(gone)).values(retired_at=now))
    return Summary(
        "units",
        revision,
        rows=len(rows),
        added=len(codes - before),
        ended=len(gone),
        warnings=tuple(_still_named(db)),
    )


def _check(upload: Import, rows: Sequence[TableRow]) -> None:
    upload.unique(rows, "code")
    parents = {row["code"]: row["parent"] for row in rows}
    for row in rows:
        upload.required(row, "code", "name")
        upload.one_of(row, "kind", UNIT_KIND_LABELS)
        if row["calendar"]:
            upload.one_of(row, "calendar", CALENDARS)
        if row["parent"] and row["parent"] not in parents:
            upload.fault(row.pointer("parent"), f"文件里没有单位“{row['parent']}”")
        path = _path(parents, row["code"])
        if parents.get(path[0]) in parents:
            upload.fault(row.pointer("parent"), f"上级单位成环：{' → '.join(reversed(path))}")
        elif len(path) > DEPTH:
            upload.fault(row.pointer("parent"), f"单位最多 {DEPTH} 级，此处为 {len(path)} 级")


def _path(parents: dict[str, str], code: str) -> list[str]:
    """The unit and those above it, the topmost first; it stops where a circle closes."""
    path = [code]
    while (above := parents.get(path[0], "")) in parents and above not in path:
        path.insert(0, above)
    return path


def _store(db: Connection, rows: Sequence[TableRow]) -> None:
    parents = {row["code"]: row["parent"] for row in rows}
    statement = insert(Unit)
    names = ("name", "parent", "kind", "calendar", "retired_at")
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["code"], set_={name: statement.excluded[name] for name in names}
        ),
        [
            {
                "code": row["code"],
                "name": row["name"],
                "parent": row["parent"] or None,
                "kind": row["kind"],
                "calendar": row["calendar"] or None,
                "retired_at": None,
            }
            for row in sorted(rows, key=lambda row: len(_path(parents, row["code"])))
        ],
    )


def _still_named(db: Connection) -> list[str]:
    today = datetime.now(LOCAL).date()
    warnings = []
    for label, table, column in (
        ("权责", Responsibility, Responsibility.unit),
        ("排班", Duty, Duty.duty_unit),
    ):
        named = (
            select(Unit.code, Unit.name)
            .join(table, column == Unit.code)
            .where(
                Unit.retired_at.is_not(None),
                table.valid_from <= today,
                or_(table.valid_to.is_(None), table.valid_to >= today),
            )
            .distinct()
            .order_by(Unit.code)
        )
        warnings += [
            f"单位 {code}（{name}）已停用，仍有有效的{label}指向它"
            for code, name in db.execute(named)
        ]
    return warnings
