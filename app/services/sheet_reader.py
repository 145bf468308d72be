"""Tables that people made: XLSX or CSV, as every import takes them.

A spreadsheet is never opened before its size is known: the parts of the archive are counted and
added up as they would be unpacked, and one that declares a DTD is refused, so that neither a
small archive nor a small text becomes a large one. Formulas are not evaluated; a cell is what was
last shown in it.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn

import openpyxl
from openpyxl.utils import get_column_letter

from models.errors import FieldFault, ImportRefused

MOST_ROWS, MOST_COLUMNS = 20_000, 100
MOST_PARTS, MOST_UNPACKED = 500, 16 << 20
DATA_SHEET = "数据"
"""The sheet that is read where there is one, as in our own exports; else the first visible one."""
_SHEET_END = 1 << 20
_EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number, and zeros after them."""
_DTD = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_XLSX, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def table(data: bytes, file_name: str, labels: Mapping[str, str] | None = None) -> bytes:
    """The rows of an XLSX or CSV file as CSV in UTF-8, numbered as in the file; headings that
    `labels` knows (label to column) become the column's name. `file_name` is told in refusals.

    Raises:
        ImportRefused: no such file, or more in it than fits.
    """
    found = rows(data, file_name)
    if labels and found:
        found[0] = [labels.get(heading.strip(), heading) for heading in found[0]]
    text = io.StringIO()
    csv.writer(text).writerows(found)
    return text.getvalue().encode()


def rows(data: bytes, file_name: str) -> list[list[str]]:
    """The rows as text, each as long as the heading where it holds no more: days as 2026-01-31,
    moments as 2026-01-31 08:30, numbers without a point where they are whole.

    Raises:
        ImportRefused: as `table`.
    """
    if data.startswith(_OLE):
        _refuse(file_name, "这是旧版 .xls 或加密的文件，请另存为不加密的 .xlsx")
    read = _workbook if data.startswith(_XLSX) else _text
    found: list[list[str]] = []
    for number, record in enumerate(read(data, file_name), start=1):
        if number > MOST_ROWS and any(record):
            _refuse(file_name, f"超过 {MOST_ROWS} 行，请分成几个文件")
        if len(record) > MOST_COLUMNS:
            _refuse(file_name, f"第 {number} 行超过 {MOST_COLUMNS} 列")
        if number <= MOST_ROWS:
            found.append(record)
    while found and not any(found[-1]):
        found.pop()
    width = len(found[0]) if found else 0
    return [record + [""] * (width - len(record)) if any(record) else [] for record in found]


def _refuse(file_name: str, message: str, pointer: str = "/rows") -> NoReturn:
    raise ImportRefused(f"{file_name}：{message}", [FieldFault(pointer, message)])


def _text(data: bytes, file_name: str) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what Chinese spreadsheets write as plain CSV
        except UnicodeDecodeError:
            _refuse(file_name, "读不懂这个文件，请用 .xlsx，或另存为“CSV UTF-8”")
    if "\0" in text:
        _refuse(file_name, "这不是表格文件，请用 .xlsx 或 .csv")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        _refuse(file_name, "不是有效的 CSV 文件，请用 .xlsx，或另存为“CSV UTF-8”")


def _workbook(data: bytes, file_name: str) -> Iterator[list[str]]:
    try:
        _bounded(data, file_name)
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        sheet = _sheet(book)
        sheet.reset_dimensions()  # what the file says about its size is not to be relied on
        for number, record in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > _SHEET_END:
                break
            yield _cells(record, number, file_name)
    except ImportRefused:
        raise
    except Exception:  # noqa: BLE001  (the library stumbles over a broken file in any way)
        _refuse(file_name, "读不懂这个 Excel 文件，请重新另存为 .xlsx 后再试")


def _bounded(data: bytes, file_name: str) -> None:
    """No part unpacks to more than it declares: the archive's reader stops there."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            _refuse(file_name, "表格解开后太大，请只留下要导入的工作表和行")
        for part in parts:
            if any(mark in archive.read(part) for mark in _DTD):
                _refuse(file_name, "这个 Excel 文件含有不允许的内容")


def _sheet(book: Any) -> Any:
    if DATA_SHEET in book.sheetnames:
        return book[DATA_SHEET]
    return next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def _cells(record: Sequence[Any], number: int, file_name: str) -> list[str]:
    filled = len(record)
    while filled and record[filled - 1] in (None, ""):
        filled -= 1
    if filled > MOST_COLUMNS:
        _refuse(file_name, f"第 {number} 行超过 {MOST_COLUMNS} 列")
    for column, value in enumerate(record[:filled], start=1):
        if isinstance(value, int | float) and abs(value) >= _EXACT:
            where = f"第 {number} 行 {get_column_letter(column)} 列"
            message = f"{where}是超过 15 位的数字，末位已不准确；请把这一列设为文本后重新填写"
            _refuse(file_name, message, f"/rows/{number}")
    return [_words(value) for value in record[:filled]]


def _words(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return _moment(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _moment(value: datetime | date | time) -> str:
    if isinstance(value, time):
        return value.isoformat("minutes")
    if not isinstance(value, datetime):
        return value.isoformat()
    whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if whole.time() == time():
        return whole.date().isoformat()
    return whole.isoformat(" ", "seconds" if whole.second else "minutes")
