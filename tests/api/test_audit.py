"""Audits over HTTP: who sees what, what is refused, every number opened, files."""

import csv
import io
from typing import Any, get_args
from urllib.parse import quote

import openpyxl
import pytest
from sqlalchemy import Connection, insert, text

from app.kit import Kit
from app.schemas.audit import CountName, FigureName, GroupBy
from app.services import sheet
from app.services.audit_selection import GROUPS
from app.services.sheet import Sheet
from models.account import RoleGrant
from models.errors import InvalidInput
from models.measures import COUNTS, FIGURES
from tests.drive import Drive, pointers, problem
from tests.histories import History, hours, local

START = local("2026-03-02 09:00")
FIGURES_PATH = "/api/v1/audit/figures"
HOSTILE = '=HYPERLINK("http://evil","点我")'


@pytest.fixture
def played(drive: Drive, db: Connection, kit: Kit) -> Drive:
    """March 2026 in worker1's grid: A closed in time, B late, C open and late."""
    history = History()
    for name, day, late in (("A", 0, 0), ("B", 24, 30), ("C", 72, None)):
        began = START + hours(day)
        history.report(name, began, description=HOSTILE, by=f"resident:{name}")
        history.start(name, began + hours(0.5))
        if late is not None:
            history.resolve(name, began + hours(1 + late))
            history.close(name, began + hours(2 + late))
    history.play(db, kit.atlas())
    return drive


def get(drive: Drive, path: str, by: str = "supervisor") -> Any:
    answer = drive.staff(by).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_every_number_opens_to_as_many_cases(played: Drive) -> None:
    for group_by in GROUPS:
        found = get(played, f"{FIGURES_PATH}?period=2026-03&group_by={group_by}")
        for part in (found["total"], *found["items"]):
            for name, amount in part["counts"].items():
                behind = get(played, part["cases"] + name)["items"]
                assert sum(item["amount"] for item in behind) == amount, (group_by, name)


def test_a_number_opens_down_to_the_ledger(played: Drive) -> None:
    total = get(played, f"{FIGURES_PATH}?period=2026-03")["total"]
    (late, open_) = get(played, total["cases"] + "late")["items"]
    entries = get(played, late["ledger"])["items"]
    assert entries[0]["payload"]["set"]["grid"] == late["grid"]
    assert open_["resolved_at"] is None


def test_the_late_are_listed_with_by_how_much_and_who_held_them(played: Drive) -> None:
    closed = get(played, "/api/v1/audit/late?period=2026-03&state=closed")["items"]
    assert [item["late_seconds"] for item in closed] == [27 * 3600]
    assert closed[0]["late_working_seconds"] == 18 * 3600
    assert [held["holder"] for held in closed[0]["held_since_due"]] == ["unit:U-HW"]
    assert sum(held["seconds"] for held in closed[0]["held_since_due"]) == 27 * 3600
    assert len(get(played, "/api/v1/audit/late?period=2026-03&state=open")["items"]) == 1


def test_pages_of_late_cases_neither_skip_nor_repeat(played: Drive) -> None:
    first = get(played, "/api/v1/audit/late?period=2026-03&limit=1")
    path = f"/api/v1/audit/late?period=2026-03&limit=1&cursor={quote(first['next_cursor'])}"
    second = get(played, path)
    assert second["next_cursor"] is None
    numbers = [page["items"][0]["case_number"] for page in (first, second)]
    assert len(set(numbers)) == 2


def test_response_times_tell_median_and_percentiles(played: Drive) -> None:
    stages = get(played, "/api/v1/audit/response-times?period=2026-03")["total"]["stages"]
    assert stages["start"]["clock_minutes"] == {"median": 30, "p90": 30, "p95": 30}
    assert stages["resolve"]["count"] == 2
    assert stages["resolve"]["clock_minutes"] == {"median": 60, "p90": 1860, "p95": 1860}
    assert stages["resolve"]["working_minutes"]["p95"] == 1320
    holders = get(played, "/api/v1/audit/response-times?period=2026-03&group_by=holder")["items"]
    assert {item["key"]: item["name"] for item in holders}["unit:U-HW"] == "洁净环卫公司"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("period=2026-13", "/period"),
        ("period=2026-Q5", "/period"),
        ("period=1999", "/period"),
        ("period=gestern", "/period"),
        ("period=2026-02-30", "/period"),
        ("period=2026&since=2026-01-01", "/period"),
        ("since=2026-03-05", "/until"),
        ("until=2026-03-05", "/since"),
        ("since=2026-03-05&until=2026-03-04", "/until"),
        ("since=2001-01-01&until=2026-03-04", "/until"),
        ("since=2026-03-05T08:00:00%2B08:00&until=2026-04-01", "/since"),
        ("since=2026-3-5&until=2026-04-01", "/since"),
        ("group_by=moon", "/group_by"),
        ("rank_by=beauty", "/rank_by"),
        ("category=unheard-of", "/category"),
        ("source=dream", "/source"),
        ("format=pdf", "/format"),
        ("moon=1", "/moon"),
    ],
)
def test_what_cannot_be_asked_is_named(drive: Drive, query: str, pointer: str) -> None:
    answer = drive.staff("supervisor").get(f"{FIGURES_PATH}?{query}")
    assert pointer in pointers(problem(answer, 422, "invalid-input"))


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMiwzXQ", "WyJ4IiwxLDFd"])
def test_a_cursor_of_somebody_else_is_refused(drive: Drive, cursor: str) -> None:
    answer = drive.staff("supervisor").get(f"/api/v1/audit/late?period=2026&cursor={cursor}")
    assert list(pointers(problem(answer, 422, "invalid-input"))) == ["/cursor"]


@pytest.mark.parametrize("path", ["figures", "response-times", "late", "cases?count=due", "months"])
def test_residents_and_grid_workers_see_no_audits(drive: Drive, path: str) -> None:
    for person in (drive.resident(), drive.staff("worker1")):
        problem(person.get(f"/api/v1/audit/{path}"), 403, "forbidden")


def test_a_unit_sees_its_own_figures_only(played: Drive) -> None:
    own = get(played, f"{FIGURES_PATH}?period=2026-03", "unit1")
    assert own["filter"]["unit"] == "U-HW"
    assert own["total"]["counts"]["due"] == 3
    other = get(played, f"{FIGURES_PATH}?period=2026-03", "unit2")
    assert other["total"]["counts"]["due"] == 0
    answer = played.staff("unit2").get(f"{FIGURES_PATH}?unit=U-HW")
    problem(answer, 404, "not-found")


def _only(drive: Drive, *areas: str) -> Any:
    """supervisor2, for these areas only."""
    person = drive.staff("supervisor2")
    drive.db.execute(
        text("DELETE FROM role_grant WHERE account_id = :id"), {"id": person.account_id}
    )
    rows = [
        {"account_id": person.account_id, "role": "supervisor", "scope": "area", "code": code}
        for code in areas
    ]
    drive.db.execute(insert(RoleGrant), rows)
    return person


def test_nobody_gets_figures_of_another_area(played: Drive) -> None:
    person = _only(played, "439900002")
    answer = person.get(f"{FIGURES_PATH}?period=2026-03")
    assert answer.json["filter"]["area"] == "439900002"
    assert answer.json["total"]["counts"]["due"] == 0
    for path in ("area=439900001", "area=439900001003", "area=439900", "area=unheard-of"):
        for view in ("figures?", "response-times?", "late?", "cases?count=due&"):
            found = problem(person.get(f"/api/v1/audit/{view}{path}"), 404, "not-found")
            assert "不在您的范围内" in found["detail"]


def test_the_own_area_may_be_narrowed(played: Drive) -> None:
    person = _only(played, "439900001")
    answer = person.get(f"{FIGURES_PATH}?period=2026-03&area=439900001003&unit=U-HW")
    assert answer.json["total"]["counts"]["due"] == 3


def test_who_has_several_scopes_chooses_one(played: Drive) -> None:
    person = _only(played, "439900001", "439900002")
    found = problem(person.get(f"{FIGURES_PATH}?period=2026-03"), 422, "invalid-input")
    assert list(pointers(found)) == ["/area"]
    assert "439900001" in found["detail"]
    chosen = person.get(f"{FIGURES_PATH}?period=2026-03&area=439900001")
    assert chosen.json["total"]["counts"]["due"] == 3


@pytest.mark.parametrize(
    "path",
    [
        "audit/figures?period=2026-03&group_by=unit",
        "audit/response-times?period=2026-03&group_by=unit",
        "audit/late?period=2026-03",
        "audit/cases?period=2026-03&count=closed",
        "cases?since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z",
    ],
)
def test_every_view_is_exported(played: Drive, path: str) -> None:
    answer = played.staff("supervisor").get(f"/api/v1/{path}&format=xlsx")
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    notes = dict(book["说明"].iter_rows(min_row=2, values_only=True))
    assert "制表时间" in notes
    lines = list(book["数据"].iter_rows(values_only=True))
    plain = played.staff("supervisor").get(f"/api/v1/{path}&format=csv")
    rows = list(csv.reader(io.StringIO(plain.data.decode("utf-8-sig"))))
    assert [str(cell) for cell in lines[0]] == rows[0]
    assert len(lines) == len(rows) > 1
    for line, row in zip(lines, rows, strict=True):
        assert ["" if cell is None else str(cell) for cell in line] == [
            cell.removesuffix(".0") if isinstance(line[i], int) else cell
            for i, cell in enumerate(row)
        ]


def test_formulas_in_words_of_residents_are_defused(played: Drive) -> None:
    path = "/api/v1/cases?since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z"
    answer = played.staff("supervisor").get(f"{path}&format=xlsx")
    data = openpyxl.load_workbook(io.BytesIO(answer.data))["数据"]
    words = [cell for row in data.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert len(words) == 3
    assert {(cell.data_type, cell.value) for cell in words} == {("s", f"'{HOSTILE}")}
    plain = played.staff("supervisor").get(f"{path}&format=csv").data.decode("utf-8-sig")
    assert {row[7] for row in csv.reader(io.StringIO(plain))} == {"问题描述", f"'{HOSTILE}"}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_cell_never_begins_like_a_formula(begin: str) -> None:
    assert sheet.cell(f"{begin}1+1") == f"'{begin}1+1"


def test_an_export_that_is_too_long_is_refused_whole() -> None:
    rows = ({"a": number} for number in range(sheet.MOST_ROWS + 1))
    with pytest.raises(InvalidInput, match="超过"):
        sheet.write(Sheet("长", [], [("a", "A")], rows), "csv", io.BytesIO())


def test_an_export_keeps_to_the_scope(played: Drive) -> None:
    person = _only(played, "439900002")
    answer = person.get("/api/v1/audit/cases?period=2026-03&count=due&format=csv")
    assert len(answer.data.decode().splitlines()) == 1
    problem(person.get(f"{FIGURES_PATH}?area=439900001&format=xlsx"), 404, "not-found")


def test_the_names_that_may_be_asked_for_are_those_that_exist() -> None:
    assert set(get_args(CountName)) == set(COUNTS)
    assert set(get_args(FigureName)) == set(FIGURES)
    assert set(get_args(GroupBy)) == set(GROUPS)
