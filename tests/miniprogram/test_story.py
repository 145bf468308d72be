"""The whole way of a case: a resident's phone, the staff's phones, and a desk."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.services import message
from tests.browser.chromium import visiting
from tests.browser.staff import enter
from tests.drive import CENTRE
from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.handset import Handset
from tests.miniprogram.worker.work import (
    DONE,
    FAR,
    GARBAGE,
    REPLY,
    WORDS,
    drop_photo,
    field,
    open_task,
    send,
    status,
    steps,
)
from tools.wechat_standin import StandIn

WAY = (
    "上报",
    "自动分派",
    "立案",
    "签收",
    "处置完成",
    "核查通过",
    "市民评价",
    "重新办理",
    "签收",
    "处置完成",
    "核查通过",
)


@pytest.fixture
def daytime(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message is held back by the hour that the test runs at."""
    monkeypatch.setattr(message, "after_quiet", lambda _: None)


@pytest.fixture
def desk(browser: Browser, origin: str) -> Iterator[Page]:
    """A dispatcher at the desk."""
    with visiting(browser, origin) as visitor:
        yield enter(visitor, "desk")


def accept(desk: Page, words: str) -> str:
    """The dispatcher reads what nobody could name, and says what it is; the case's number."""
    desk.goto(desk.url)
    desk.locator("#queue a", has_text=words).click()
    expect(desk.locator(".report")).to_contain_text(words)
    expect(desk.locator("h2.title")).to_contain_text("待定类别")
    number = desk.locator("h2.title small").inner_text()
    desk.locator("summary", has_text="立案").first.click()
    desk.locator("#accept-category").select_option(label=GARBAGE)
    desk.get_by_role("button", name="确认立案").click()
    expect(desk.get_by_role("status").filter(has_text="立案")).to_contain_text(number)
    return number


def start(phone: Handset) -> None:
    open_task(phone)
    phone.says("待签收")  # as it is now, not as the phone last knew it
    phone.tap("签收")
    phone.at("pages/case/act")
    send(phone, "签收")
    phone.says("处置中")


def resolve_after_a_refusal(phone: Handset) -> None:
    """The first photo is taken too far away: each reason stands there, what was entered stays."""
    phone.tap("处置完成")
    phone.tap("已处置")
    phone.write("做了什么", DONE)
    phone.stand(FAR)
    phone.shoot()
    phone.says("已上传")
    send(phone, "处置完成")
    phone.says("照片不能证明现场已处置")
    phone.says("第 1 张：照片拍摄地点距案卷位置")
    phone.says("可以接受的")
    expect(field(phone, "做了什么")).to_have_value(DONE)
    phone.says("✓ 已处置")
    phone.stand(CENTRE)
    drop_photo(phone)
    phone.shoot()
    phone.says("已上传")
    send(phone, "处置完成")
    phone.says("待核查")


def pass_on_site(phone: Handset) -> None:
    open_task(phone)
    phone.says("待核查")
    phone.tap("核查通过")
    phone.tap("现场核查")
    phone.write("答复市民", REPLY)
    phone.shoot()
    phone.says("已上传")
    send(phone, "核查通过")


def told(island: Island, platform: StandIn) -> str:
    """What was news goes to the inbox and to WeChat; the page that the last message opens."""
    before = len(platform.platform.messages)
    island.drive.spread_notices()
    assert island.drive.work("message.send") == []
    assert len(platform.platform.messages) > before
    return platform.platform.messages[-1].page


def refuse(phone: Handset, page: str) -> None:
    """The message is tapped, the inbox says the same; the resident is not content."""
    phone.open("pages/inbox/inbox")
    phone.says(re.compile(REPLY))
    phone.open(page)
    phone.says("处置后")
    phone.tap("没解决")
    phone.tap("没处理干净")
    phone.tap("提交，要求重新办理")


def look_back(desk: Page, number: str) -> None:
    """The desk sees every step, in order, and that nobody touched the ledger."""
    desk.goto(f"{desk.url.partition('/console')[0]}/console/cases/{number}")
    expect(desk.locator(".badge").first).to_have_text("已结案")
    expect(desk.locator(".story li b")).to_have_text(list(reversed(WAY)))
    expect(desk.locator(".report")).to_contain_text("未解决")
    desk.get_by_role("link", name="台账与核对").click()
    expect(desk.locator("tbody tr")).to_have_count(len(WAY))
    desk.get_by_role("link", name="核对台账").click()
    expect(desk.get_by_role("status")).to_contain_text("都对得上")


@pytest.mark.usefixtures("daytime")
def test_from_a_report_to_its_end_by_way_of_a_refusal_and_a_reopening(
    phones: Handsets, desk: Page, island: Island, platform: StandIn
) -> None:
    lily, unit, worker = phones("lily", messages=True), phones("unit1"), phones("worker1")
    lily.report(WORDS, "说不清")
    lily.says("已收到")
    island.drive.work("photo.render")
    number = accept(desk, WORDS)
    start(unit)
    resolve_after_a_refusal(unit)
    assert steps(island, "resolve") == 1
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    refuse(lily, told(island, platform))
    assert eventually(lambda: status(island) == "assigned")
    lily.says("您反映没解决，重新办理")
    open_task(unit)
    unit.says("第 2 次办理")
    unit.says("说没解决")
    start(unit)
    resolve_after_a_refusal(unit)
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    island.drive.work("photo.render")
    look_back(desk, number)
