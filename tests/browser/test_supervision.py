"""The pages of supervision as people use them: a draw and its findings, decisions, calls."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.services import account
from models.account import Actor
from models.geo import Point
from tests.api.story import REPLY, in_days
from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe
from tests.browser.staff import SCROLLS_SIDEWAYS, enter
from tests.browser.town import Town
from tests.drive import CENTRE, Person, place
from tests.island import Island

HOME = "/console/supervision"
HOSTILE = "照片与现场不符 <img src=x onerror=alert(1)> <script>alert(2)</script>"
LONG = "很长的一句话没有空格" * 20
PHONE = "13800001234"


@dataclass(frozen=True)
class Followed:
    """What waits: numbers of cases."""

    appealed: str
    ordered: str
    called: str
    held: str


@pytest.fixture(scope="module")
def followed(island: Island, town: Town) -> Followed:
    """Something in each part, with text that would run if it were markup."""
    drive = island.drive
    mia = drive.resident("mia")
    account.set_phone(island.db, Actor(mia.account_id, "市民"), drive.kit.safe.phone(PHONE))
    unit, supervisor = drive.staff("unit1"), drive.staff("supervisor")
    appealed = _closed(island, mia, 0.001, description=HOSTILE)
    mia.post(
        f"/api/v1/reports/{appealed['id']}/feedback",
        {"solved": True, "rating": 1, "comment": HOSTILE},
    )
    unit.done(appealed["case_number"], "appeal", reason=HOSTILE + LONG)
    called = _closed(island, mia, 0.002, description=LONG)
    ordered = _sent(island, mia, 0.003)["case_number"]
    supervisor.done(ordered, "supervise", due_at=in_days(1), comment=HOSTILE)
    answered = _sent(island, mia, 0.0038)["case_number"]
    supervisor.done(answered, "supervise", due_at=in_days(1), comment=HOSTILE)
    unit.done(answered, "answer_order", comment=LONG)
    held = mia.report("flyers", location=_place(0.0045), description=HOSTILE)["case_number"]
    drive.work("photo.render")
    island.run(
        "UPDATE content_check SET state = 'held', because = 'review' WHERE case_id ="
        ' (SELECT id FROM "case" WHERE number = :number)',
        number=held,
    )
    return Followed(appealed["case_number"], ordered, called["case_number"], held)


def _place(east: float) -> dict[str, Any]:
    return place(Point(CENTRE.longitude + east, CENTRE.latitude))


def _sent(island: Island, by: Person, east: float, **report: Any) -> dict[str, Any]:
    """A case that unit1's unit has, also where the town has one of the same nearby."""
    where = Point(CENTRE.longitude + east, CENTRE.latitude)
    made = by.report(location=_place(east), photo_ids=[by.photo(at=where)], **report)
    if made["status"] == "submitted":
        island.drive.staff("desk").done(made["case_number"], "accept", unit="U-HW")
    return made


def _closed(island: Island, by: Person, east: float, **report: Any) -> dict[str, Any]:
    drive, where = island.drive, Point(CENTRE.longitude + east, CENTRE.latitude)
    made = _sent(island, by, east, **report)
    number, unit, worker = made["case_number"], drive.staff("unit1"), drive.staff("worker1")
    unit.done(number, "start")
    fields = {"outcome": "fixed", "comment": "垃圾已清走"}
    unit.done(number, "resolve", photo_ids=[unit.photo(at=where)], **fields)
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo(at=where)])
    return made


def drawn(island: Island) -> int:
    """A draw of the town's cases with a few findings, made past the pages."""
    who = island.one("SELECT id FROM account WHERE username = 'supervisor'")
    check: int = island.one(
        "INSERT INTO spot_check (drawn_by, first, last, categories, size, self_handled_weight,"
        " seed, population, population_sha256, drawn_from) VALUES (:who, '2026-01-01',"
        " '2026-01-31', '{}', 4, 3, repeat('ab', 16), 1, sha256('x'), 'x 1' || chr(10))"
        " RETURNING id",
        who=who,
    )
    for position, finding in enumerate(("genuine", "faked", "cannot_tell", None), start=1):
        island.run(
            "INSERT INTO spot_check_item (spot_check_id, position, case_id, self_handled, finding,"
            " comment, found_by, found_at) SELECT :check, :position, id, :position = 2, :finding,"
            " :comment, :who, now() FROM \"case\" WHERE status = 'closed'"
            " ORDER BY closed_at OFFSET :position LIMIT 1",
            check=check,
            position=position,
            finding=finding,
            comment=finding and HOSTILE + LONG,
            who=finding and who,
        )
    return check


def test_no_page_is_hard_to_use(
    visitor: Visitor, followed: Followed, island: Island, axe: Axe, size: tuple[int, int]
) -> None:
    check = drawn(island)
    visitor.expects("503")  # pictures of the town's past that nobody has made small
    page = enter(visitor, "supervisor", HOME, size)
    for path in (
        "",
        "/spot-checks",
        "/spot-checks/new",
        f"/spot-checks/{check}",
        f"/spot-checks/{check}?view=bad",
        f"/spot-checks/{check}/proof",
        "/orders",
        "/orders?view=late",
        "/orders?view=answered",
        "/appeals",
        "/call-backs",
        "/moderation",
        "/moderation?view=refused",
    ):
        page.goto(visitor.origin + HOME + path)
        expect(page.locator("main h1")).to_be_visible()
        assert axe(page) == [], path
        assert not page.evaluate(SCROLLS_SIDEWAYS), path


def test_a_supervisor_draws_looks_and_finds(
    visitor: Visitor, followed: Followed, island: Island
) -> None:
    island.run(
        "UPDATE \"case\" SET closed_at = '2026-02-03 12:00+08' WHERE number = :number",
        number=followed.called,
    )
    page = enter(visitor, "supervisor", HOME)
    page.get_by_role("navigation", name="主导航").get_by_text("督查").click()
    page.get_by_role("link", name="抽查").first.click()
    page.get_by_role("link", name="新的抽查").click()
    page.get_by_label("结案日期从").fill("2026-02-01")
    page.get_by_label("到最晚昨天").fill("2026-02-28")
    page.get_by_label("抽取件数").fill("3")
    page.get_by_role("button", name="抽取").click()
    expect(page.get_by_role("status")).to_contain_text("已抽取 1 件")
    expect(page.get_by_alt_text("处置后照片").first).to_be_visible()
    page.get_by_label("弄虚作假").check()
    page.get_by_role("button", name="记录结论").click()
    expect(page.get_by_text("请写明看到了什么")).to_be_visible()
    expect(page.get_by_label("弄虚作假")).to_be_checked()
    page.get_by_label("说明").fill(HOSTILE)
    page.get_by_role("button", name="记录结论").click()
    expect(page.get_by_role("status")).to_contain_text("已记录第 1 件的结论")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    expect(page.get_by_role("row", name="全部")).to_contain_text("0.00 %（0 ÷ 1）")
    expect(page.get_by_role("link", name="去重新办理")).to_be_visible()
    page.get_by_role("link", name="核对抽样").click()
    expect(page.get_by_role("status")).to_contain_text("核对一致")
    visitor.expects("422")


def test_a_dispatcher_calls_back_and_decides_on_content(
    visitor: Visitor, followed: Followed, island: Island
) -> None:
    page = enter(visitor, "desk", f"{HOME}/call-backs")
    entry = page.get_by_role("article").filter(has_text=followed.appealed)
    expect(entry).to_contain_text("评价 1 分")
    entry.get_by_role("button", name="查看电话").click()
    expect(entry.get_by_role("link", name=PHONE)).to_be_visible()
    entry.get_by_label("已解决").check()
    entry.get_by_label("说明").fill("市民说已经清走了")
    entry.get_by_role("button", name="记录回访").click()
    expect(page.get_by_role("status")).to_contain_text("已记录回访结果：已解决")
    expect(entry).to_have_count(0)
    page.get_by_role("navigation", name="督查").get_by_text("内容审核").click()
    held = page.get_by_role("article").filter(has_text=followed.held)
    expect(held.first).to_be_visible()
    page.get_by_label("全选").check()
    for box in held.get_by_role("checkbox").all():
        expect(box).to_be_checked()
    page.get_by_role("button", name="选中的不予公开").click()
    expect(page.get_by_role("alert")).to_be_visible()
    visitor.expects("422")
    page.get_by_label("原因").fill("含个人信息")
    page.get_by_role("button", name="选中的不予公开").click()
    expect(page.get_by_role("status")).to_contain_text("已不予公开")
    states = island.db.execute(
        text(
            'SELECT DISTINCT k.state FROM content_check k JOIN "case" c ON c.id = k.case_id'
            " WHERE c.number = :number"
        ),
        {"number": followed.held},
    ).scalars()
    assert list(states) == ["refused"]


def test_an_appeal_is_decided_by_keyboard(visitor: Visitor, followed: Followed) -> None:
    page = enter(visitor, "supervisor2", f"{HOME}/appeals")
    page.get_by_label("审理意见").first.focus()
    page.keyboard.type("评价有效，维持")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="申诉不成立").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已审理：申诉不成立")
