"""The page for a large screen, and the figures it asks for."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.services import installation
from tests.console.desk import Desk, sign_in
from tests.drive import Drive
from tests.factories import make_case
from tests.statements import counted

WALL, FIGURES = "/console/wall", "/console/wall.json"


@pytest.fixture
def supervisor(drive: Drive) -> Desk:
    return sign_in(drive, "supervisor")


@pytest.mark.parametrize("username", ["supervisor", "desk", "admin"])
def test_those_who_watch_have_a_wall(drive: Drive, username: str) -> None:
    desk = sign_in(drive, username)
    assert f'<a href="{WALL}">大屏</a>' in desk.get("/console/cases")
    page = desk.get(WALL)
    assert "示范区" in page
    for path in re.findall(r'(?:href|src)="(/(?:console/static|vendor)/[^"]+)"', page):
        with desk.client.get(path) as answer:
            assert answer.status_code == 200, path
    assert desk.answer("GET", FIGURES).json["open"]["total"] == 0


@pytest.mark.parametrize("username", ["unit1", "worker1"])
def test_others_have_none(drive: Drive, username: str) -> None:
    desk = sign_in(drive, username)
    assert "大屏" not in desk.get("/console/cases")
    for path in (WALL, FIGURES):
        assert desk.answer("GET", path).status_code == 403


def test_made_up_data_is_named_so(supervisor: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "演示数据" in supervisor.get(WALL)
    monkeypatch.setattr(installation, "is_demo", lambda _: False)
    assert "演示数据" not in supervisor.get(WALL)


def test_late_cases_are_told_in_words(drive: Drive, supervisor: Desk) -> None:
    number = make_case(
        drive.db,
        drive.kit.atlas(),
        status="in_progress",
        unit="U-HW",
        due_at=datetime.now(UTC) - timedelta(days=2, hours=3, minutes=5),
        emergency=True,
    )
    found = supervisor.answer("GET", FIGURES).json
    (late,) = found["late"]
    assert late == {
        "number": number,
        "category": "街头散发广告",
        "unit": drive.kit.atlas().unit_name("U-HW"),
        "place": late["place"],
        "by": "2 天 3 小时",
        "emergency": True,
    }
    assert late["place"].endswith("网格")
    assert found["labels"]["resolution_in_time_rate"] == "按期处置率"
    assert found["version"] in supervisor.get(WALL)
    assert found["open"]["emergencies_late"] == 1


def test_a_part_may_be_chosen_within_the_scope(drive: Drive) -> None:
    desk = sign_in(drive, "desk")
    page = desk.get(f"{WALL}?area=439900001")
    assert f'data-source="{FIGURES}?area=439900001"' in page
    assert drive.kit.atlas().area_name("439900001") in page
    for query in ("area=none", "unit=none", "area=%22%3E%3Cscript%3E"):
        answer = desk.answer("GET", f"{WALL}?{query}")
        assert answer.status_code == 404
        assert "<script>" not in answer.text


@pytest.mark.parametrize("cases", [0, 3])
def test_a_wall_takes_as_many_statements_whatever_there_is(
    drive: Drive, supervisor: Desk, cases: int
) -> None:
    for _ in range(cases):
        past = datetime.now(UTC) - timedelta(days=1)
        make_case(drive.db, drive.kit.atlas(), status="assigned", due_at=past)
    with counted(drive.db) as seen:
        supervisor.get(WALL)
    assert len(seen) == 2
    with counted(drive.db) as seen:
        supervisor.get(FIGURES)
    assert len(seen) == 10


def test_no_style_and_no_script_stands_in_the_page(supervisor: Desk) -> None:
    page = supervisor.get(WALL)
    assert not re.search(r"<style|style=|<script(?![^>]*src=)| on\w+=", page)


def test_after_the_sessions_end_nothing_is_told(drive: Drive) -> None:
    answer = drive.client.application.test_client().get(FIGURES)
    assert answer.status_code == 302
    assert "/console/sign-in" in answer.headers["Location"]
