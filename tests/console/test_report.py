"""Recording on somebody's behalf: once, with every fault named and nothing lost."""

import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from models.report import Report
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Drive
from tools.pictures import make_photo

PATH = "/console/report"
GRID = "43990000100304"


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def form_of(desk: Desk, **fields: Any) -> dict[str, Any]:
    page = desk.get(PATH)
    (once,) = re.findall(r'name="once" value="([0-9a-f]+)"', page)
    given = {
        "csrf": csrf_of(page),
        "once": once,
        "source": "phone",
        "category": "flyers",
        "description": "路口有人发广告",
        "grid": GRID,
        "reporter_name": "王先生",
        "contact_phone": "13912345678",
    }
    return given | fields


def send(desk: Desk, form: dict[str, Any], status: int = 200) -> str:
    answer = desk.client.post(PATH, data=form, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def count(drive: Drive) -> int:
    return drive.db.execute(select(func.count()).select_from(Report)).scalar_one()


def test_a_call_becomes_a_case(drive: Drive, desk: Desk) -> None:
    picture = (io.BytesIO(make_photo(81, size=(480, 360))), "a.jpg")
    page = send(desk, form_of(desk, photos=[picture]))
    (number,) = re.findall(r"已登记：<a href=\"/console/cases/(HY\d+)\"", page)
    case = drive.staff("desk").case(number)
    assert (case["source"], case["grid"]) == ("phone", GRID)
    assert len(case["reports_received"][0]["photos"]) == 1
    people = drive.staff("desk").get(f"/api/v1/cases/{number}/reporters").json["items"]
    assert (people[0]["name"], people[0]["phone"]) == ("王先生", "13912345678")


def test_a_form_that_is_sent_twice_counts_once(drive: Drive, desk: Desk) -> None:
    form = form_of(desk)
    numbers = {re.findall(r"HY\d+", send(desk, form))[0] for _ in range(3)}
    assert len(numbers) == 1
    assert count(drive) == 1


def test_a_ticket_counts_once_by_its_number(drive: Drive, desk: Desk) -> None:
    ticket = {
        "source": "hotline_12345",
        "external_number": "T-1",
        "external_due_at": "2030-01-02T09:30",
    }
    numbers = {re.findall(r"HY\d+", send(desk, form_of(desk, **ticket)))[0] for _ in range(2)}
    assert len(numbers) == 1
    received = drive.staff("desk").case(numbers.pop())["reports_received"][0]
    assert received["external_due_at"].startswith("2030-01-02T01:30:00")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": ""}, "只有代录可以填写"),
        ({"description": ""}, "必填"),
        ({"grid": ""}, "请选择网格"),
        ({"grid": "", "location.longitude": "116.4", "location.latitude": "39.9"}, "服务范围"),
        ({"contact_phone": "call me"}, "格式不对"),
        ({"external_due_at": "tomorrow"}, "RFC 3339"),
        ({"source": "open311"}, "Open311"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_lost(
    drive: Drive, desk: Desk, change: dict[str, str], words: str
) -> None:
    page = send(desk, form_of(desk, **change), 422)
    assert words in page
    assert "王先生" in page
    assert count(drive) == 0


def test_who_may_not_record_is_told(drive: Drive, desk: Desk) -> None:
    unit = sign_in(drive, "unit1")
    cases = unit.get("/console/cases")
    assert "代录" not in cases
    assert "只有受理派遣员和督查员可以代录" in unit.get(PATH, 403)
    sent = form_of(desk) | {"csrf": csrf_of(cases)}
    assert "只有受理派遣员和督查员可以代录" in send(unit, sent, 403)
    assert count(drive) == 0
