"""What a case's page tells: what pictures prove, its place, its ledger, and who reported it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.account import AccessLog
from models.geo import Point
from tests.api.story import Story
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import CENTRE, Drive, place
from tests.statements import counted

FAR = Point(CENTRE.longitude + 0.12, CENTRE.latitude)


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def test_a_picture_tells_its_time_and_place(drive: Drive, desk: Desk) -> None:
    lily = drive.resident()
    photo = lily.photo(at=CENTRE, taken_at=datetime.now(UTC) - timedelta(minutes=3))
    made = lily.report("exposed-garbage", photo_ids=[photo], location=place(CENTRE))
    page = desk.get(f"/console/cases/{made['case_number']}")
    assert re.search(r'class="proof">[今昨]天 \d\d:\d\d（照片文件）</span>', page)
    assert '<span class="proof">距案卷 0 米（照片文件）</span>' in page


def test_a_picture_that_knows_nothing_is_said_to_prove_nothing(drive: Drive, desk: Desk) -> None:
    lily = drive.resident()
    made = lily.report("exposed-garbage", photo_ids=[lily.photo(at=None, timed=False)])
    page = desk.get(f"/console/cases/{made['case_number']}")
    assert "时间未证明，" in page
    assert "位置未证明" in page


def test_what_is_odd_about_a_picture_is_said(drive: Drive, desk: Desk) -> None:
    lily = drive.resident()
    photo = lily.photo(at=FAR, taken_at=datetime.now(UTC) - timedelta(days=400))
    made = lily.report("exposed-garbage", photo_ids=[photo], location=place(CENTRE))
    page = desk.get(f"/console/cases/{made['case_number']}")
    assert re.search(r"拍摄地点距上报位置 1\d\.\d 公里", page)
    assert "拍摄于上报前 400 天" in page


def test_a_case_goes_to_the_unit_of_the_category_that_is_chosen(drive: Drive, desk: Desk) -> None:
    unsure = drive.resident().report(None)["case_number"]
    known = drive.resident().report("cooking-fumes", photo_ids=[])["case_number"]
    assert '<option value="">按权责清单</option>' in desk.get(f"/console/cases/{unsure}")
    assert '<option value="">按权责清单（油烟扰民：' in desk.get(f"/console/cases/{known}")
    expected = drive.resident("wang").report()
    for number in (unsure, known):
        desk.act(number, "accept", category="exposed-garbage", unit="")
        case = drive.staff("desk").case(number)
        assert case["unit"] == drive.staff("desk").case(expected["case_number"])["unit"]


def test_the_place_is_drawn_with_cases_around(drive: Drive, desk: Desk) -> None:
    lily = drive.resident()
    made = lily.report("flyers", photo_ids=[], location=place(CENTRE))
    other = lily.report(
        "flyers", photo_ids=[], location=place(Point(CENTRE.longitude + 0.001, CENTRE.latitude))
    )
    page = desk.get(f"/console/cases/{made['case_number']}")
    assert page.count('<path class="grid"') >= 1
    assert f"<title>{other['case_number']}</title>" in page
    assert "同类" in page


def test_a_case_takes_a_fixed_number_of_statements(drive: Drive, desk: Desk) -> None:
    story = Story(drive).start().resolve()
    with counted(drive.db) as seen:
        desk.get(f"/console/cases/{story.number}")
    assert len(seen) == 9, "person, case, around, replies, pictures, clock (4)"


def test_the_ledger_is_read_and_verified(drive: Drive, desk: Desk) -> None:
    story = Story(drive).start().resolve()
    page = desk.get(f"/console/cases/{story.number}/ledger")
    assert "处置完成" in page
    assert "核对了" not in page
    entries = story.case()["timeline"]
    page = desk.get(f"/console/cases/{story.number}/ledger?verify=1")
    assert f"核对了 {len(entries)} 行" in page
    assert "尚未锚定" in page


def test_a_ledger_that_was_altered_is_told(
    drive: Drive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(drive).start()
    monkeypatch.setattr("app.services.ledger.GENESIS", bytes(32)[:-1] + b"x")
    page = desk.get(f"/console/cases/{story.number}/ledger?verify=1")
    assert f"台账不完整：{story.number} #1，前一行的哈希不符" in page


@pytest.mark.parametrize("page", ["ledger", "reporters"])
def test_what_is_out_of_scope_has_no_such_page(drive: Drive, page: str) -> None:
    story = Story(drive)
    sign_in(drive, "unit4").get(f"/console/cases/{story.number}/{page}", status=404)


def looks(drive: Drive) -> list[tuple[str, str | None]]:
    rows = drive.db.execute(select(AccessLog.what, AccessLog.reason)).all()
    return [(row.what, row.reason) for row in rows]


def test_a_look_at_the_reporter_is_asked_for_and_logged(drive: Drive, desk: Desk) -> None:
    made = drive.resident().report("flyers", photo_ids=[], contact_phone="13800001234")
    path = f"/console/cases/{made['case_number']}/reporters"
    page = desk.get(path)
    assert "13800001234" not in page
    assert looks(drive) == []
    answer = desk.answer("POST", path, data={"csrf": csrf_of(page), "reason": "回电核实"})
    assert "13800001234" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert looks(drive) == [("reporters", "回电核实")]


def test_an_anonymous_reporter_needs_a_reason(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[], anonymous=True)
    supervisor = sign_in(drive, "supervisor")
    path = f"/console/cases/{made['case_number']}/reporters"
    csrf = csrf_of(supervisor.get(path))
    refused = supervisor.answer("POST", path, data={"csrf": csrf, "reason": " "})
    assert refused.status_code == 422
    assert "须填写理由" in refused.text
    assert looks(drive) == []
    long = supervisor.answer("POST", path, data={"csrf": csrf, "reason": "由" * 201})
    assert long.status_code == 422
    assert "由" * 201 in long.text
    assert supervisor.answer("POST", path, data={"csrf": csrf, "reason": "投诉"}).status_code == 200


def test_the_people_reported_on_cannot_look(drive: Drive) -> None:
    story = Story(drive)
    unit = sign_in(drive, "unit1")
    page = unit.get(f"/console/cases/{story.number}")
    assert "查看上报人" not in page
    unit.get(f"/console/cases/{story.number}/reporters", status=404)


def test_a_look_at_an_original_is_a_supervisors_and_logged(drive: Drive, desk: Desk) -> None:
    story = Story(drive)
    photo = story.case()["reports_received"][0]["photos"][0]["id"]
    path = f"/console/photos/{photo}/original"
    assert path not in desk.get(f"/console/cases/{story.number}")
    desk.get(path, status=404)
    supervisor = sign_in(drive, "supervisor")
    assert path in supervisor.get(f"/console/cases/{story.number}")
    assert looks(drive) == []
    answer = supervisor.answer("GET", path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert looks(drive) == [(f"photo:{photo}", None)]
