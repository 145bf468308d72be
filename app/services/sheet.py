"""Tables as files: XLSX and CSV, row by row in constant memory."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

from models.calendar import LOCAL
from models.errors import InvalidInput

MOST_ROWS = 200_000
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`notes` (label, text) say what was asked for and when it was made, on the first sheet of a
    workbook; `columns` (key, label) are taken from each row in order."""

    title: str
    notes: Sequence[tuple[str, str]]
    columns: Sequence[tuple[str, str]]
    rows: Iterable[Mapping[str, Any]]

    def lines(self) -> Iterable[list[Cell]]:
        """The rows as cells.

        Raises:
            InvalidInput: there are more than MOST_ROWS.
        """
        keys = [key for key, _ in self.columns]
        for count, row in enumerate(self.rows):
            if count == MOST_ROWS:
                message = f"超过 {MOST_ROWS} 行，请缩小时间或范围后再导出"
                raise InvalidInput.at("/format", message)
            yield [cell(row.get(key)) for key in keys]


def cell(value: Any) -> Cell:
    """What a spreadsheet shows: local times, numbers, and text that is never a formula."""
    if value is None or isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return f"{value.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def write(sheet: Sheet, kind: str, file: IO[bytes]) -> None:
    """Writes the sheet as `xlsx` or `csv` (UTF-8 with a mark that spreadsheets look for)."""
    if kind == "csv":
        _write_csv(sheet, file)
    else:
        _write_xlsx(sheet, file)


def _write_csv(sheet: Sheet, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow([label for _, label in sheet.columns])
        writer.writerows(sheet.lines())
    finally:
        text.detach()  # flushes, and leaves the file open


def _write_xlsx(sheet: Sheet, file: IO[bytes]) -> None:
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    try:
        _fill(book, sheet)
        book.close()
    except BaseException:
        for one in book.worksheets():  # each keeps its rows in a file until the book is closed
            one.row_data_fh.close()
        raise


def _fill(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    bold = book.add_format({"bold": True})
    about = book.add_worksheet("说明")
    about.set_column(0, 1, 24)
    about.write_row(0, 0, [sheet.title], bold)
    for position, (label, text) in enumerate(sheet.notes, start=1):
        about.write_row(position, 0, [cell(label), cell(text)])
    data = book.add_worksheet("数据")
    data.freeze_panes(1, 0)
    data.set_column(0, len(sheet.columns) - 1, 16)
    data.write_row(0, 0, [label for _, label in sheet.columns], bold)
    for position, line in enumerate(sheet.lines(), start=1):
        for column, value in enumerate(line):
            if isinstance(value, str):
                data.write_string(position, column, value)
            elif value is not None:
                data.write_number(position, column, value)
