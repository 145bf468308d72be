"""12345 tickets: a file is recorded row by row, once however often it is sent, and answered."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from models.account import RoleGrant
from models.calendar import LOCAL
from models.case import Case
from models.report import Report
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Answer, Drive
from tools.pictures import make_photo

PATH = "/console/report/tickets"
GRID = "43990000100304"
HEADING = ["工单编号", "诉求内容", "类别", "网格", "联系电话", "办结时限"]
GOOD = ["T-1", "路口有人发广告", "街头散发广告", GRID, "13912345678", "2030-01-02 17:00"]


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def table(*rows: list[str], heading: list[str] = HEADING) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue().encode()


def workbook(*rows: list[str]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (HEADING, *rows):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def send(desk: Desk, data: bytes, name: str = "tickets.csv") -> Answer:
    csrf = csrf_of(desk.get(PATH))
    return desk.answer("POST", PATH, data={"csrf": csrf, "file": (io.BytesIO(data), name)})


def count(drive: Drive) -> int:
    return drive.db.execute(select(func.count()).select_from(Report)).scalar_one()


@pytest.mark.parametrize("make", [table, workbook])
def test_tickets_become_cases_once(drive: Drive, desk: Desk, make: Any) -> None:
    data = make(GOOD, ["T-2", "楼道堆物", "", GRID, "", ""])
    first = send(desk, data)
    assert first.status_code == 200, first.text
    assert "新登记 2 件" in first.text
    again = send(desk, data)
    assert "2 件以前登记过" in again.text
    assert "新登记" not in again.text
    assert count(drive) == 2
    row = drive.db.execute(select(Report).where(Report.external_number == "T-1")).one()
    assert (row.source, row.category) == ("hotline_12345", "flyers")
    assert row.external_due_at == datetime(2030, 1, 2, 9, tzinfo=UTC)


def test_a_number_recorded_elsewhere_tells_whom_to_ask(drive: Drive, desk: Desk) -> None:
    send(desk, table(GOOD))
    number = drive.db.execute(select(Case.number)).scalar_one()
    unseen = RoleGrant.account_id == drive.staff("supervisor2").account_id
    drive.db.execute(update(RoleGrant).where(unseen).values(scope="area", code="none"))
    answer = send(sign_in(drive, "supervisor2"), table(GOOD))
    assert answer.status_code == 422
    assert "工单编号 这个编号已由何受理" in answer.text
    assert number not in answer.text
    assert count(drive) == 1


def test_what_is_right_is_recorded_though_others_are_not(drive: Drive, desk: Desk) -> None:
    long = ["T-5", "字" * 501, "", GRID, "", ""]
    rows = [
        GOOD,
        ["", "没有编号", "", GRID, "", ""],
        ["T-3", "类别 <b>", "没有这类", GRID, "", ""],
        ["T-4", "没有位置", "", "", "", "明天"],
        long,
        ["T-6", "电话不对", "", GRID, "abc", ""],
        ["T-1", "重复的一行", "", GRID, "", ""],
    ]
    answer = send(desk, table(*rows))
    assert answer.status_code == 422
    assert "新登记 1 件" in answer.text
    assert "6 件没有登记" in answer.text
    for words in (
        "工单编号 必填",
        "没有类别“没有这类”",
        "网格 请填写网格",
        "办结时限 应如",
        "诉求内容 1 至 500 个字",
        "联系电话 应为电话号码",
        "与第 2 行重复",
    ):
        assert words in answer.text
    assert count(drive) == 1


def test_a_place_outside_is_refused_for_its_row(drive: Drive, desk: Desk) -> None:
    heading = ["工单编号", "诉求内容", "经度", "纬度", "坐标系"]
    rows = [
        ["T-1", "在区外", "100", "20", "wgs84"],
        ["T-2", "没有坐标系", "112.57", "26.90", ""],
        ["T-3", "不是数", "x", "26.90", "wgs84"],
        ["T-4", "在区内", "112.57", "26.90", "WGS84"],
    ]
    answer = send(desk, table(*rows, heading=heading))
    assert "新登记 1 件" in answer.text
    assert "服务范围" in answer.text
    assert "坐标系 有经纬度时必填" in answer.text
    assert "经度 应为" in answer.text
    assert count(drive) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "请选择文件"),
        (b"MZ\x00\x00", "不是表格文件"),
        (table(), "文件里没有工单"),
        (table(["T-1"], heading=["工单编号", "<script>"]), "缺少列“诉求内容”"),
        (table(*[[f"T-{i}", "满了"] for i in range(501)], heading=HEADING[:2]), "一次最多 500 件"),
    ],
    ids=["nothing", "binary", "empty", "columns", "many"],
)
def test_a_file_that_is_none_is_refused(drive: Drive, desk: Desk, data: bytes, words: str) -> None:
    answer = send(desk, data)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>" not in answer.text
    assert count(drive) == 0


def test_who_does_not_record_has_no_tickets(drive: Drive) -> None:
    unit = sign_in(drive, "unit1")
    unit.get(PATH, status=403)
    assert unit.answer("GET", "/console/report/replies.xlsx").status_code == 403
    csrf = csrf_of(unit.get("/console/cases"))
    data = {"csrf": csrf, "file": (io.BytesIO(table(GOOD)), "a.csv")}
    assert unit.answer("POST", PATH, data=data).status_code == 403
    assert count(drive) == 0


def replies(desk: Desk, query: str) -> list[list[Any]]:
    answer = desk.answer("GET", f"/console/report/replies.xlsx?{query}")
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return [list(row) for row in book["数据"].iter_rows(values_only=True)]


def test_replies_are_given_back(drive: Drive, desk: Desk) -> None:
    rejected = ["T-1", "说不清的事", "油烟扰民", GRID, "", ""]
    send(desk, table(rejected, ["T-2", "还在办的", "", GRID, "", ""]))
    found = drive.staff("desk").get("/api/v1/cases?category=cooking-fumes")
    case = found.json["items"][0]["number"]
    drive.staff("desk").done(
        case, "reject", reason="out_of_scope", reply="=经核实不属于受理范围，请向所属物业反映"
    )
    rows = replies(desk, "from=2020-01-01&to=2020-12-31")
    assert len(rows) == 1
    today = datetime.now(LOCAL).date()
    rows = replies(desk, f"from={today - timedelta(days=2)}&to={today + timedelta(days=2)}")
    answered = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert answered["T-1"]["状态"] == "不予立案"
    assert answered["T-1"]["答复"].startswith("'=经核实")
    assert answered["T-2"]["答复"] is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=x&to=2026-01-01",
        "from=2026-02-01&to=2026-01-01",
        "from=2020-01-01&to=2026-01-01",
    ],
)
def test_days_that_make_no_sense_are_refused(desk: Desk, query: str) -> None:
    answer = desk.answer("GET", f"/console/report/replies.xlsx?{query}")
    assert answer.status_code == 422


def test_the_template_is_taken_once_it_is_filled(drive: Drive, desk: Desk) -> None:
    answer = desk.answer("GET", f"{PATH}/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheet = book["数据"]
    heading = [cell.value for cell in sheet[1]]
    values = dict(zip(HEADING, GOOD, strict=True))
    sheet.append([values.get(name) for name in heading])
    file = io.BytesIO()
    book.save(file)
    assert "新登记 1 件" in send(desk, file.getvalue(), "a.xlsx").text


def test_a_picture_is_no_table(desk: Desk) -> None:
    assert send(desk, make_photo(3, size=(480, 360))).status_code == 422
