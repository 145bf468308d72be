"""What every import shares: rows of a CSV file, every fault named, one batch when accepted."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, func, insert, select

from app.services.import_headings import HEADINGS, VALUE_LABELS, VALUES
from models.area import Area, ImportBatch
from models.errors import FieldFault, ImportRefused

_LOCK = 0x696D706F  # one import at a time, so that batch ids become visible in their order
YES_NO = {"yes": True, "no": False}


def one_at_a_time(db: Connection) -> None:
    """Waits until no other import is under way, and lets none begin before this one's end."""
    db.execute(select(func.pg_advisory_xact_lock(_LOCK)))


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did; `revision` is the batch id, `unchanged` that nothing was to do.

    `ended` counts rows that the file no longer holds: retired, or valid until yesterday.
    `new_names` are usernames of accounts made.
    """

    kind: str
    revision: int
    rows: int = 0
    added: int = 0
    ended: int = 0
    unchanged: bool = False
    warnings: tuple[str, ...] = ()
    new_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a CSV file, numbered as a spreadsheet shows it: the heading is row 1."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def pointer(self, column: str) -> str:
        return f"/rows/{self.number}/{column}"


class Import:
    """One file on its way into the database: gathers faults, then writes its batch."""

    def __init__(self, db: Connection, kind: str, file_name: str, content: bytes) -> None:
        """`content` decides whether the file is the same as the last one of its kind."""
        # A large map is checked for longer than a transaction may idle otherwise.
        db.execute(select(func.set_config("idle_in_transaction_session_timeout", "0", True)))
        one_at_a_time(db)
        self._db, self._kind, self._file_name = db, kind, file_name
        self._sha256 = hashlib.sha256(content).digest()
        self._faults: list[FieldFault] = []

    def unchanged(self) -> Summary | None:
        """A summary if the newest batch of this kind had the same content."""
        last = self._db.execute(
            select(ImportBatch.id, ImportBatch.sha256, ImportBatch.rows)
            .where(ImportBatch.kind == self._kind)
            .order_by(ImportBatch.id.desc())
            .limit(1)
        ).one_or_none()
        if last is None or last.sha256 != self._sha256:
            return None
        return Summary(self._kind, last.id, last.rows, unchanged=True)

    def fault(self, pointer: str, message: str) -> None:
        self._faults.append(FieldFault(pointer, message))

    def refuse(self) -> None:
        """Raises ImportRefused with every fault so far, if there is any."""
        if self._faults:
            raise ImportRefused(
                f"{self._file_name} 有 {len(self._faults)} 处错误，未导入任何内容", self._faults
            )

    def accept(self, rows: int) -> int:
        """Writes the batch and returns its id, the new revision.

        Raises:
            ImportRefused: faults were found.
        """
        self.refuse()
        statement = insert(ImportBatch).values(
            kind=self._kind, file_name=self._file_name, sha256=self._sha256, rows=rows
        )
        return int(self._db.execute(statement.returning(ImportBatch.id)).scalar_one())

    def table(self, data: bytes, columns: Sequence[str]) -> list[TableRow]:
        """The rows of a CSV file in UTF-8; a column named `name?` may be missing. Headings are
        the columns' names or what HEADINGS calls them, and so are VALUES in the cells.

        Raises:
            ImportRefused: no such table, or no rows.
        """
        try:
            records = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
        except UnicodeDecodeError:
            self.fault("/rows", "文件不是 UTF-8 编码，请另存为“CSV UTF-8”")
            self.refuse()
        except csv.Error as error:
            self.fault("/rows", f"不是有效的 CSV 文件：{error}")
            self.refuse()
        known = HEADINGS.get(self._kind, {})
        heading = [known.get(name.strip(), name.strip()) for name in records[0]] if records else []
        self._check_heading(heading, columns)
        rows = []
        for number, record in enumerate(records[1:], start=2):
            cells = [cell.strip() for cell in record]
            if not any(cells):
                continue
            if len(cells) != len(heading):
                self.fault(f"/rows/{number}", f"应有 {len(heading)} 列，实有 {len(cells)} 列")
                continue
            named = zip(heading, cells, strict=True)
            rows.append(TableRow(number, {name: self._code(name, cell) for name, cell in named}))
        if not rows:
            self.fault("/rows", "文件里没有数据行")
            self.refuse()
        return rows

    def _code(self, column: str, cell: str) -> str:
        return VALUES.get(self._kind, {}).get(column, {}).get(cell, cell)

    def _check_heading(self, heading: Sequence[str], columns: Sequence[str]) -> None:
        known = {name.removesuffix("?") for name in columns}
        for name in columns:
            if not name.endswith("?") and name not in heading:
                self.fault("/rows/1", f"缺少列 {name}")
        for position, name in enumerate(heading):
            if name not in known:
                self.fault("/rows/1", f"不认识的列“{name}”")
            elif name in heading[:position]:
                self.fault("/rows/1", f"列 {name} 重复")
        self.refuse()

    def required(self, row: TableRow, *columns: str) -> None:
        for column in columns:
            if not row[column]:
                self.fault(row.pointer(column), "必填")

    def one_of(self, row: TableRow, column: str, allowed: Iterable[str]) -> None:
        choices = list(allowed)
        if row[column] not in choices:
            labels = VALUE_LABELS.get(self._kind, {}).get(column, {})
            known = [f"{one}（{labels[one]}）" if one in labels else one for one in choices]
            self.fault(row.pointer(column), f"“{row[column]}”应为：{'、'.join(known)}")

    def unique(self, rows: Sequence[TableRow], column: str) -> None:
        seen: dict[str, int] = {}
        for row in rows:
            first = seen.setdefault(row[column], row.number)
            if first != row.number and row[column]:
                self.fault(row.pointer(column), f"“{row[column]}”与第 {first} 行重复")

    def day(self, row: TableRow, column: str) -> date | None:
        """The date in a cell, None when it is blank or faulty."""
        if not row[column]:
            return None
        try:
            return date.fromisoformat(row[column])
        except ValueError:
            self.fault(row.pointer(column), f"“{row[column]}”不是日期，应如 2026-01-31")
            return None


def newest_areas(db: Connection) -> dict[str, Row[str, str, str, str | None]]:
    """Code to (code, name, level, parent) of the current map."""
    newest = select(func.max(ImportBatch.id)).where(ImportBatch.kind == "areas").scalar_subquery()
    columns = select(Area.code, Area.name, Area.level, Area.parent)
    rows = db.execute(columns.where(Area.version == newest))
    return {row.code: row for row in rows}
