"""The page of supervisors' orders."""

import pytest
from sqlalchemy import func, select, text

from models.case import Case
from models.geo import Point
from tests.api.story import Story, in_days
from tests.console.desk import sign_in
from tests.drive import CENTRE, Drive, place
from tests.statements import counted

LIST = "/console/supervision/orders"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'


class Elsewhere(Story):
    """A case of its own place: a second one nearby would wait for the desk."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive
        self.desk, self.unit = drive.staff("desk"), drive.staff("unit1")
        self.supervisor = drive.staff("supervisor")
        count = drive.db.execute(select(func.count()).select_from(Case)).scalar_one()
        where = place(Point(CENTRE.longitude + 0.0006 * count, CENTRE.latitude))
        lily = drive.resident()
        self.report = lily.report(location=where, photo_ids=[lily.photo()])
        self.number = self.report["case_number"]


def ordered(drive: Drive, comment: str = "三日内报结果") -> Story:
    story = Elsewhere(drive)
    story.supervisor.done(story.number, "supervise", due_at=in_days(1), comment=comment)
    return story


def answered(drive: Drive, comment: str = "已清完") -> Story:
    story = ordered(drive)
    story.unit.done(story.number, "answer_order", comment=comment)
    return story


def test_empty_lists_say_what_to_do(drive: Drive) -> None:
    desk = sign_in(drive, "desk")
    assert "没有待回复的督办" in desk.get(LIST)
    assert "没有超期的督办" in desk.get(f"{LIST}?view=late")
    assert "还没有回复过的督办" in desk.get(f"{LIST}?view=answered")
    assert "看全部单位" in desk.get(f"{LIST}?unit=U-CG")


def test_an_order_waits_is_late_and_is_answered(drive: Drive) -> None:
    desk, story = sign_in(drive, "desk"), ordered(drive, HOSTILE)
    page = desk.get(LIST)
    assert f'href="/console/cases/{story.number}"' in page
    assert "还剩" in page
    assert "<script>alert" not in page
    assert story.number not in desk.get(f"{LIST}?view=late")
    drive.db.execute(
        text("UPDATE timer SET due_at = now() - interval '1 hour' WHERE clock = 'supervise'")
    )
    assert "已超" in desk.get(f"{LIST}?view=late")
    story.unit.done(story.number, "answer_order", comment=HOSTILE)
    assert story.number not in desk.get(LIST)
    page = desk.get(f"{LIST}?view=answered")
    assert story.number in page
    assert '<span class="due late">超期</span>' in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_each_answer_stands_beside_its_own_order(drive: Drive) -> None:
    story = answered(drive, "第一次回复")
    story.supervisor.done(story.number, "supervise", due_at=in_days(2), comment="第二次要求")
    story.unit.done(story.number, "answer_order", comment="第二次回复")
    page = sign_in(drive, "desk").get(f"{LIST}?view=answered")
    rows = page.split("<tr>")[2:]
    assert ["第二次要求" in row and "第二次回复" in row for row in rows] == [True, False]
    assert "三日内报结果" in rows[1]
    assert "第一次回复" in rows[1]


def test_orders_are_filtered_by_unit_and_scope(drive: Drive) -> None:
    story = ordered(drive)
    other = answered(drive)
    desk = sign_in(drive, "desk")
    unit = story.case()["unit"]
    for view, number in (("open", story.number), ("answered", other.number)):
        assert number in desk.get(f"{LIST}?view={view}&unit={unit}")
        assert number not in desk.get(f"{LIST}?view={view}&unit=U-SZ")
        assert number in desk.get(f"{LIST}?view={view}&unit=no-such"), "no filter"
        assert number in sign_in(drive, "unit1").get(f"{LIST}?view={view}")
        assert number not in sign_in(drive, "unit4").get(f"{LIST}?view={view}")


def test_answered_orders_come_in_pages(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.console.orders.PAGE", 2)
    numbers = [answered(drive).number for _ in range(3)]
    desk = sign_in(drive, "desk")
    page = desk.get(f"{LIST}?view=answered")
    assert [number in page for number in numbers] == [False, True, True]
    after = page.partition("cursor=")[2].partition('"')[0]
    page = desk.get(f"{LIST}?view=answered&cursor={after}")
    assert [number in page for number in numbers] == [True, False, False]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJ4Iiwic3RyIl0"])
def test_a_wrong_cursor_is_refused(drive: Drive, cursor: str) -> None:
    desk = sign_in(drive, "desk")
    assert "从第一页开始" in desk.get(f"{LIST}?view=answered&cursor={cursor}", status=422)


@pytest.mark.parametrize("cases", [1, 3])
def test_the_lists_take_two_statements(drive: Drive, cases: int) -> None:
    for _ in range(cases):
        ordered(drive)
        answered(drive)
    desk = sign_in(drive, "desk")
    for view in ("open", "late", "answered"):
        with counted(drive.db) as seen:
            desk.get(f"{LIST}?view={view}")
        assert len(seen) == 2, seen


def test_orders_elsewhere_take_no_room(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.order.MOST", 1)
    other = Story(drive, "road-damage")
    other.supervisor.done(other.number, "supervise", due_at=in_days(0.5), comment="先报")
    own = ordered(drive)
    unit = sign_in(drive, "unit1")
    assert own.number in unit.get(LIST)
    assert other.number not in unit.get(LIST)
    assert own.number in sign_in(drive, "desk").get(f"{LIST}?unit=U-HW")
