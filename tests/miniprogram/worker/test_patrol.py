"""A round's report that the server does not take."""

import re

from playwright.sync_api import expect

from tests.island import Island
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.worker.work import DONE, FAR, GARBAGE, send


def test_a_refused_self_handling_may_be_dropped(phones: Handsets, island: Island) -> None:
    phone = phones("worker1")
    phone.open("pages/patrol/patrol")
    phone.says("第四网格")
    phone.tap("提交巡查")
    phone.says("请选类别")
    phone.shoot()
    phone.tap("选类别")
    phone.tap("环境卫生")
    phone.tap(GARBAGE)
    phone.tap("当场办好了")
    phone.stand(FAR)
    after = phone.page.locator(".card:visible", has_text="处置后的照片")
    after.locator("wx-button", has_text="拍照").last.click()
    phone.page.locator("button:visible", has_text=re.compile("^拍照$")).last.click()
    phone.write("做了什么", DONE)
    send(phone, "提交自办")
    phone.says("改好再发")
    phone.kill()
    phone.open("pages/mine/mine")
    phone.tap(re.compile("没有发出，需要修改"))
    phone.tap("不报了，丢掉")
    phone.answer("丢掉")
    phone.at("pages/mine/mine")
    expect(phone.page.get_by_text("手机上还没发出的")).to_have_count(0)
    assert island.one("SELECT count(*) FROM report") == 0
