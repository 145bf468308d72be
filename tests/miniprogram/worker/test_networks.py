"""Networks that go away, apps that are killed, cases that change meanwhile."""

import re

from playwright.sync_api import expect

from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.worker.work import (
    REPLY,
    begin,
    field,
    open_task,
    reported,
    resolved,
    send,
    status,
    steps,
)


def test_an_action_whose_answer_was_lost_arrives_once(phones: Handsets, island: Island) -> None:
    number = reported(island)
    phone = phones("unit1")
    begin(phone, number, "start")
    phone.network("lost")
    send(phone, "签收")
    phone.says("已存在手机上")
    assert steps(island, "start") == 1
    phone.kill()
    phone.network("on")
    phone.kill()
    phone.open(f"pages/case/detail?number={number}")
    phone.says("处置中")
    expect(phone.page.get_by_text("等待发送")).to_have_count(0)
    assert steps(island, "start") == 1


def test_an_action_without_network_waits_on_the_task_and_in_the_list(
    phones: Handsets, island: Island
) -> None:
    number = reported(island)
    phone = phones("unit1")
    open_task(phone)
    phone.tap("签收")
    phone.network("off")
    send(phone, "签收")
    phone.says("已存在手机上")
    phone.tap("先做别的")
    phone.at("pages/case/detail")
    phone.says("有 1 步在手机上等着发出")
    phone.says("没有网络，下面是上次看到的")
    phone.kill()
    phone.open("pages/mine/mine")
    phone.says("有 1 步在手机上，还没发出")
    assert steps(island, "start") == 0
    phone.network("on")
    assert eventually(lambda: steps(island, "start") == 1)
    phone.open(f"pages/case/detail?number={number}")
    phone.says("处置中")
    phone.kill()
    assert steps(island, "start") == 1


def test_a_half_filled_form_is_there_after_a_kill(phones: Handsets, island: Island) -> None:
    number = reported(island)
    island.drive.staff("unit1").done(number, "start")
    phone = phones("unit1")
    begin(phone, number, "resolve")
    phone.tap("到场已消失")
    phone.write("做了什么", "到场时没有了")
    phone.network("off")
    phone.shoot()
    phone.says("有网络时自动传")
    phone.kill()
    phone.network("on")
    begin(phone, number, "resolve")
    phone.says("上次没填完的")
    expect(field(phone, "做了什么")).to_have_value("到场时没有了")
    phone.says("✓ 到场已消失")
    phone.says("已上传")
    send(phone, "处置完成")
    assert eventually(lambda: status(island) == "resolved")


def test_what_changed_meanwhile_is_told_and_the_same_is_sent_again(
    phones: Handsets, island: Island
) -> None:
    number = resolved(island)
    phone = phones("worker1")
    begin(phone, number, "pass")
    phone.tap("现场核查")
    phone.write("答复市民", REPLY)
    phone.shoot()
    phone.says("已上传")
    island.drive.staff("desk").done(number, "remark", comment="市民来电催问")
    send(phone, "核查通过")
    phone.says("您填写期间，案卷有了变化")
    phone.says("市民来电催问")
    expect(field(phone, "答复市民")).to_have_value(REPLY)
    send(phone, "按现在的情况，核查通过")
    assert eventually(lambda: status(island) == "closed")
    assert steps(island, "pass") == 1


def test_what_is_no_more_possible_is_told_and_nothing_entered_is_lost(
    phones: Handsets, island: Island
) -> None:
    number = resolved(island)
    phone = phones("worker1")
    begin(phone, number, "rework")
    phone.write("原因", "墙角还有碎玻璃")
    worker = island.drive.staff("worker1")
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    send(phone, "返工")
    phone.says("现在不能“返工”了")
    expect(field(phone, "原因")).to_have_value("墙角还有碎玻璃")
    phone.kill()
    phone.open("pages/mine/mine")
    phone.tap(re.compile("返工"))
    expect(field(phone, "原因")).to_have_value("墙角还有碎玻璃")
    assert steps(island, "rework") == 0


def test_a_step_behind_a_refused_one_leads_to_that_one(phones: Handsets, island: Island) -> None:
    number = reported(island)
    island.drive.staff("unit1").done(number, "start")
    phone = phones("unit1")
    begin(phone, number, "resolve")
    phone.tap("已处置")
    phone.write("做了什么", "清了")
    phone.network("off")
    send(phone, "处置完成")
    phone.says("已存在手机上")
    begin(phone, number, "remark")
    phone.write("批注", "门口还要再看一次")
    send(phone, "批注")
    phone.says("已存在手机上")
    phone.network("on")
    phone.says("这个案卷前面有一步没发出")
    expect(phone.page.locator(".foot wx-button:visible")).to_have_text(re.compile("等前面一步"))
    phone.kill()
    begin(phone, number, "remark")
    phone.says("这个案卷前面有一步没发出")
    phone.tap("去看一下")
    phone.says("您填的和拍的都还在")
    phone.shoot()
    phone.says("已上传")
    send(phone, "处置完成")
    assert eventually(lambda: status(island) == "resolved")
    phone.open(f"pages/case/detail?number={number}")
    phone.tap("有一步没发出，去看一下")
    phone.says("您填写期间，案卷有了变化")
    phone.says("处置结果：已处置")
    expect(field(phone, "批注")).to_have_value("门口还要再看一次")
    send(phone, "按现在的情况，批注")
    assert eventually(lambda: steps(island, "remark") == 1)
