"""What a resident does with a report afterwards, on the phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.handset import Handset
from tests.miniprogram.worker.work import DONE, GARBAGE, REPLY, status, steps

WORDS = "路边好几袋垃圾没人收"
QUESTION = "请问是菜市场的哪个门？"
NO = "现场属于小区内部，由物业负责，请向物业反映"


def reported(phone: Handset, island: Island, category: str = GARBAGE) -> str:
    """Reports; the case's number. The phone shows what became of it."""
    phone.report(WORDS, category)
    phone.says("已收到")
    phone.tap("看进展")
    phone.at("pages/report/detail")
    phone.says("您上报的")
    island.drive.work("photo.render")
    number: str = island.one('SELECT number FROM "case"')
    return number


def nothing_waits(phone: Handset) -> None:
    expect(phone.page.get_by_text("手机上还没发出的")).to_have_count(0)


def test_urging_is_for_once_a_day(phones: Handsets, island: Island) -> None:
    first, second = phones("lily", messages=True), phones("lily")
    reported(first, island)
    second.open(f"pages/report/detail?id={island.one('SELECT id FROM report')}")
    second.says("您上报的")
    first.tap("催办")
    first.says("已催办")
    expect(first.button("催办")).to_have_count(0)
    second.tap("催办")
    second.says("每天可以催办一次，请明天再试")
    second.answer("知道了")
    expect(second.page.get_by_text("没有催办")).to_have_count(0)
    nothing_waits(second)
    expect(second.button("催办")).to_have_count(0)
    second.says("补充情况")
    assert steps(island, "urge") == 1


def test_a_supplement_has_words_and_a_photo(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    reported(phone, island)
    phone.tap("补充情况")
    phone.tap("提交补充")
    phone.says("请写两句，或者加照片")
    phone.write("补充", "后面还有一堆")
    phone.shoot()
    phone.says("已上传")
    phone.tap("提交补充")
    phone.says("已收到补充")
    nothing_waits(phone)
    expect(phone.page.get_by_role("button", name="您拍的照片第 2 张")).to_be_visible()
    assert island.one("SELECT count(*) FROM photo") == 2


def test_the_desks_question_is_answered_from_its_message(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    number = reported(phone, island, "说不清")
    desk = island.drive.staff("desk")
    desk.done(number, "ask_reporter", question=QUESTION)
    island.drive.spread_notices()
    phone.open("pages/inbox/inbox")
    phone.tap(re.compile(re.escape(QUESTION)))
    phone.says("受理人员等您补充")
    phone.tap("现在答复")
    phone.write("请您补充", "东门，公交站旁边")
    phone.network("off")
    phone.tap("提交答复")
    phone.says("等待发送")
    phone.kill()
    phone.network("on")
    assert eventually(lambda: steps(island, "answer") == 1)
    assert desk.case(number)["holder"] == "desk"
    phone.open(f"pages/report/detail?id={island.one('SELECT id FROM report')}")
    phone.says("已收到补充答复")
    expect(phone.button("现在答复")).to_have_count(0)


def test_a_report_is_withdrawn_after_a_second_thought(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    reported(phone, island, "说不清")
    phone.tap("撤回")
    phone.answer("取消")
    expect(phone.page.get_by_text("您已撤回")).to_have_count(0)
    phone.tap("撤回")
    phone.answer("撤回")
    phone.says("您已撤回")
    assert eventually(lambda: status(island) == "withdrawn")
    for gone in ("催办", "补充情况", "撤回"):
        expect(phone.button(gone)).to_have_count(0)


def test_who_does_not_agree_with_a_rejection_appeals(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    number = reported(phone, island, "说不清")
    island.drive.staff("desk").done(number, "reject", reason="out_of_scope", reply=NO)
    phone.page.evaluate("window.phone.refresh()")
    phone.says(re.compile(NO))
    phone.tap("不同意，申诉")
    phone.write("申诉", "垃圾在小区围墙外的人行道上")
    phone.tap("提交申诉")
    assert eventually(lambda: status(island) == "submitted")
    phone.says("您已申诉")
    nothing_waits(phone)


def test_two_taps_say_that_it_is_solved(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    number = reported(phone, island)
    unit, worker = island.drive.staff("unit1"), island.drive.staff("worker1")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment=DONE, photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    phone.page.evaluate("window.phone.refresh()")
    phone.says("问题解决了吗？")
    phone.tap("解决了")
    phone.tap("很满意")
    phone.says("已解决，5 分")
    assert island.one("SELECT solved AND rating = 5 FROM feedback") is True
    expect(phone.page.get_by_text("问题解决了吗？")).to_have_count(0)


def test_the_receipt_is_copied(phones: Handsets, island: Island) -> None:
    phone = phones("lily", messages=True)
    reported(phone, island)
    phone.tap("复制存证回执")
    phone.says("内容已复制")
    copied = phone.page.evaluate("wx.getClipboardData().then(found => found.data)")
    assert copied == island.one("SELECT encode(receipt, 'hex') FROM report")


def test_news_is_read_one_by_one_and_all_at_once(phones: Handsets, island: Island) -> None:
    phone = phones("reader", messages=True)
    number = reported(phone, island, "说不清")
    desk = island.drive.staff("desk")
    desk.done(number, "accept", category="exposed-garbage")
    unit = island.drive.staff("unit1")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment=DONE, photo_ids=[unit.photo()])
    island.drive.spread_notices()
    unread = "SELECT count(*) FROM notice WHERE read_at IS NULL AND report_id IS NOT NULL"
    assert island.one(unread) == 3
    phone.kill()
    phone.tap("您有 3 条新消息")
    phone.page.locator("wx-button.line:visible").first.click()
    phone.at("pages/report/detail")
    assert eventually(lambda: island.one(unread) == 2)
    phone.page.evaluate("window.phone.back()")
    phone.at("pages/inbox/inbox")
    marked = phone.page.locator("wx-button.line:visible", has_text="未读")
    expect(marked).to_have_count(2)
    phone.tap("全部标为已读")
    expect(marked).to_have_count(0)
    assert eventually(lambda: island.one(unread) == 0)


def test_a_code_at_a_bus_stop_is_scanned_from_the_home_page(
    phones: Handsets, island: Island
) -> None:
    island.run(
        "INSERT INTO place_code (code, name, address, longitude, latitude, category)"
        " VALUES ('stop8', '八号站', '示范路 8 号', 112.5735, 26.9035, 'bin-overflow')"
        " ON CONFLICT DO NOTHING"
    )
    phone = phones("lily", messages=True)
    phone.tap("扫地点码")
    phone.write("码的内容", "stop8")
    phone.write("小程序码的页面", "pages/report/report")
    phone.answer("扫到了")
    phone.at("pages/report/report")
    expect(phone.page.get_by_label("地点说明")).to_have_value("示范路 8 号")
    phone.says("垃圾满溢")


@pytest.mark.parametrize("width", [320, 430])
def test_elder_mode_leads_through_a_report_and_back(
    phones: Handsets, island: Island, width: int
) -> None:
    phone = phones("lily", messages=True, width=width)
    phone.open("pages/me/me")
    phone.page.get_by_role("switch", name="长辈版").locator("visible=true").last.click()
    phone.tap("回首页")
    phone.tap("随手拍")
    phone.says("书院社区第四网格")
    phone.shoot()
    phone.says("已上传")
    phone.tap("说不清")
    phone.write("问题描述", WORDS)
    phone.tap("提交上报")
    phone.says("已收到")
    phone.tap("看进展")
    phone.says("您上报的")
    phone.tap(re.compile("12345"))
    phone.says("12345")
    phone.answer("取消")
    phone.tap("撤回")
    phone.answer("撤回")
    phone.says("您已撤回")
    phone.open("pages/home/home")
    phone.tap("看我的上报")
    phone.tap(re.compile(WORDS))
    phone.says("您已撤回")
