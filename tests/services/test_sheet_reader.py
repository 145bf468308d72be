"""Tables that people made: the same rows from XLSX as from CSV, and nothing hostile opened."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest

from app.services import sheet_reader
from app.services.sheet_reader import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED, rows, table
from models.errors import ImportRefused

HEADING = ("编号", "名称")


def book(*lines: Sequence[Any], title: str = "Sheet1", first: str | None = None) -> bytes:
    """An XLSX file of these lines; `first` is the name of a sheet before them."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for line in lines:
        sheet.append(list(line))
    if first is not None:
        made.create_sheet(first, 0).append(["别的"])
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def rewritten(data: bytes, part: str, change: Any) -> bytes:
    """The archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            new.writestr(one.filename, change(content) if one.filename == part else content)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        rows(data, "某表.xlsx")
    assert refused.value.detail.startswith("某表.xlsx：")
    return refused.value.faults[0].message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("文字", "文字"),
        ("两行\n文字", "两行\n文字"),
        (7, "7"),
        (7.0, "7"),
        (0.25, "0.25"),
        (13800001111, "13800001111"),
        (None, ""),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 8, 30), "2026-01-31 08:30"),  # noqa: DTZ001  (as in a cell)
        (datetime(2026, 1, 31, 8, 30, 5), "2026-01-31 08:30:05"),  # noqa: DTZ001
        (time(8, 5), "08:05"),
    ],
    ids=str,
)
def test_a_cell_reads_as_people_would_type_it(value: Any, said: str) -> None:
    assert rows(book(("a", "b", "c"), ("x", value, "y")), "f")[1] == ["x", said, "y"]


def test_the_same_rows_come_from_either_kind_of_file() -> None:
    typed = '编号,名称\r\n1,甲\r\n\r\n3,"乙,丙"\r\n'
    sheet = book(HEADING, (1, "甲"), (), (3, "乙,丙"))
    assert table(sheet, "f.xlsx") == typed.encode()
    for coding in ("utf-8", "utf-8-sig", "gb18030"):
        assert table(typed.encode(coding), "f.csv") == typed.encode(), coding


def test_headings_may_be_said_in_chinese() -> None:
    labels = {"编号": "code", "名称": "name"}
    for heading in (HEADING, ("code", "name"), (" 编号 ", "名称")):
        assert table(book(heading, (1, "编号")), "f", labels).splitlines() == [
            b"code,name",
            "1,编号".encode(),
        ]


def test_short_rows_are_filled_up_and_empty_ends_are_left_out() -> None:
    found = rows(book(HEADING, ("1",), ("2", "乙", None, ""), (None, None), ("",)), "f")
    assert found == [list(HEADING), ["1", ""], ["2", "乙"]]


def test_a_row_longer_than_the_heading_is_shown_as_it_is() -> None:
    assert rows(book(HEADING, ("1", "甲", "多"))[:], "f")[1] == ["1", "甲", "多"]


def test_the_sheet_with_the_data_is_read_and_no_hidden_one() -> None:
    assert rows(book(HEADING, title="数据", first="说明"), "f") == [list(HEADING)]
    assert rows(book(HEADING, first="封面"), "f") == [["别的"]]
    made = openpyxl.load_workbook(io.BytesIO(book(HEADING, first="藏")))
    made["藏"].sheet_state = "hidden"
    made.active = 1
    assert rows(saved(made), "f") == [list(HEADING)]


def test_formulas_are_not_evaluated() -> None:
    made = book(HEADING, ("=1+1", '=HYPERLINK("http://evil.example")'))
    assert rows(made, "f") == [list(HEADING)]

    def shown(xml: bytes) -> bytes:
        return xml.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>5</v>").replace(
            b"<f>1+1</f><v></v>", b"<f>1+1</f><v>5</v>"
        )

    assert rows(rewritten(made, "xl/worksheets/sheet1.xml", shown), "f")[1] == ["5", ""]


def test_nothing_is_there() -> None:
    assert rows(b"", "f.csv") == []
    assert rows(book(), "f.xlsx") == []
    assert table(b"", "f.csv", {"编号": "code"}) == b""


@pytest.mark.parametrize("number", [10**15, 20261125000123456, 2.5e19])
def test_long_numbers_that_lost_their_end_are_named(number: float) -> None:
    said = refusal(book(HEADING, ("1", number)))
    assert said.startswith("第 2 行 B 列是超过 15 位的数字")


def test_what_is_no_table_is_said() -> None:
    assert "旧版 .xls 或加密" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    assert "读不懂这个文件" in refusal(b"\xff\xff\xff")
    assert "不是表格文件" in refusal(b"a,b\n\0,1\n")
    assert "不是有效的 CSV" in refusal(b'a,b\n"1,2\n')
    for broken in (b"PK\x03\x04 and no more", book(HEADING)[:-200], b"PK\x03\x04"):
        assert "读不懂这个 Excel 文件" in refusal(broken)
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("hello.txt", "no spreadsheet")
    assert "读不懂这个 Excel 文件" in refusal(empty.getvalue())


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(MOST_UNPACKED + 1))
    assert len(bomb.getvalue()) < 50_000
    assert "解开后太大" in refusal(bomb.getvalue())
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(sheet_reader.MOST_PARTS + 1):
            archive.writestr(f"{number}", b"")
    assert "解开后太大" in refusal(many.getvalue())


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    made = book(HEADING, ("1", "x" * 5000))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = made.replace(size.to_bytes(4, "little"), (40).to_bytes(4, "little"))
    assert lying != made
    assert "读不懂这个 Excel 文件" in refusal(lying)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_text_that_grows_is_refused(coding: str) -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'

    def grown(xml: bytes) -> bytes:
        text = xml.decode().partition("?>")[2] if xml.startswith(b"<?xml") else xml.decode()
        return f'<?xml version="1.0" encoding="{coding}"?>{entity}{text}'.encode(coding)

    data = rewritten(book(HEADING), "xl/worksheets/sheet1.xml", grown)
    assert "不允许的内容" in refusal(data)


def test_rows_and_columns_are_bounded() -> None:
    many = "\n".join(["a"] * (MOST_ROWS + 1)).encode()
    assert "超过 20000 行" in refusal(many)
    assert len(rows("\n".join(["a"] * MOST_ROWS).encode(), "f")) == MOST_ROWS
    wide = ["x"] * (MOST_COLUMNS + 1)
    assert "超过 100 列" in refusal(",".join(wide).encode())
    assert "超过 100 列" in refusal(book(HEADING, wide))


def test_a_far_away_cell_costs_little() -> None:
    def moved(xml: bytes) -> bytes:
        return xml.replace(b'<row r="2">', b'<row r="1048576">').replace(b'"A2"', b'"A1048576"')

    far = rewritten(book(HEADING, ("x",)), "xl/worksheets/sheet1.xml", moved)
    assert "超过 20000 行" in refusal(far)

    def beyond(xml: bytes) -> bytes:
        return xml.replace(b'<row r="2">', b'<row r="999999999999">')

    assert rows(rewritten(book(HEADING, ("x",)), "xl/worksheets/sheet1.xml", beyond), "f") == [
        list(HEADING)
    ]
