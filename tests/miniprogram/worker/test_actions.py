"""Actions as the server offers them: each kind of field, filled on a phone."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from models.calendar import LOCAL
from models.geo import Point
from tests.drive import CENTRE
from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.worker.work import (
    DONE,
    GARBAGE,
    WORDS,
    begin,
    reported,
    send,
    status,
    steps,
)


def test_a_worker_puts_right_what_a_round_finds(phones: Handsets, island: Island) -> None:
    phone = phones("worker1")
    phone.open("pages/mine/mine")
    phone.tap("巡查上报、自办")
    phone.says("第四网格")
    phone.shoot()
    phone.tap("选类别")
    phone.tap("环境卫生")
    phone.tap(GARBAGE)
    phone.says(f"{GARBAGE}，换一个")
    phone.tap("当场办好了")
    phone.tap("提交自办")
    phone.says("自办要有处置后的照片")
    phone.page.locator(".card:visible", has_text="处置后的照片").locator(
        "wx-button", has_text="拍照"
    ).last.click()
    phone.page.locator("button:visible", has_text=re.compile("^拍照$")).last.click()
    phone.write("做了什么", DONE)
    send(phone, "提交自办")
    phone.says("自办已结案")
    assert status(island) == "closed"
    assert steps(island, "self_handle") == 1
    phone.tap("看这个案卷")
    phone.says("网格巡查")


def test_a_worker_verifies_what_the_desk_asks_about(phones: Handsets, island: Island) -> None:
    number = island.drive.resident().report(None, description=WORDS)["case_number"]
    island.drive.staff("desk").done(number, "ask_verification")
    phone = phones("worker1")
    phone.open("pages/mine/mine")
    phone.tap(re.compile(WORDS))
    phone.tap("核实")
    phone.tap("属实")
    phone.write("说明", "确实有垃圾，约三袋")
    send(phone, "核实")
    phone.says("照片")  # what is missing is said; the finding stays
    phone.says("✓ 属实")
    phone.says("还差一点，请改一下")
    phone.shoot()
    expect(phone.page.get_by_text("还差一点，请改一下")).to_have_count(0)
    phone.says("已上传")
    send(phone, "核实")
    assert eventually(lambda: status(island) == "submitted")
    assert steps(island, "verify") == 1


def test_a_worker_corrects_the_place_from_where_the_phone_is(
    phones: Handsets, island: Island
) -> None:
    number = reported(island)
    phone = phones("worker1")
    there = Point(CENTRE.longitude + 0.0003, CENTRE.latitude)
    phone.stand(there)
    begin(phone, number, "relocate")
    send(phone, "更正位置")
    phone.says("请选“位置”")
    phone.tap("我现在的位置")
    phone.says("我现在的位置（误差约")
    phone.write("原因", "在路口另一侧")
    send(phone, "更正位置")
    assert eventually(lambda: steps(island, "relocate") == 1)
    placed = island.one('SELECT longitude FROM "case"')
    assert abs(placed - there.longitude) < 1e-5


def test_a_unit_asks_for_time_with_a_day_and_an_hour(phones: Handsets, island: Island) -> None:
    number = reported(island)
    island.drive.staff("unit1").done(number, "start")
    phone = phones("unit1")
    phone.open(f"pages/case/detail?number={number}")
    phone.says(re.compile("处置：.*还剩 .*，到"))
    begin(phone, number, "ask_extension")
    phone.says(re.compile("现在的期限是.*，还剩 "))
    day = (datetime.now(LOCAL) + timedelta(days=9)).date().isoformat()
    phone.tap("新的期限，日期")
    phone.page.get_by_role("textbox", name="选择日期").fill(day)
    phone.answer("确定")
    phone.says(day)
    phone.write("原因", "要等吊车")
    send(phone, "申请延期")
    assert eventually(lambda: steps(island, "ask_extension") == 1)
    asked = island.one(
        "SELECT payload ->> 'due_at' FROM ledger_entry WHERE action = 'ask_extension'"
    )
    assert datetime.fromisoformat(asked) == datetime.fromisoformat(f"{day}T17:00:00+08:00")


def test_an_emergency_is_brought_under_control_first(phones: Handsets, island: Island) -> None:
    made = island.drive.resident().report("road-collapse", description="路面塌了一个洞")
    phone = phones("unit2")
    phone.open(f"pages/case/detail?number={made['case_number']}")
    phone.says("先保证安全")
    phone.tap("先期处置")
    phone.write("采取的措施", "已围挡")
    send(phone, "先期处置")
    phone.says("请附现场照片，或写明至少 20 字")
    phone.shoot()
    phone.says("已上传")
    send(phone, "先期处置")
    assert eventually(lambda: steps(island, "control") == 1)


def test_a_unit_delegates_to_those_whom_the_server_names(phones: Handsets, island: Island) -> None:
    number = reported(island)
    phone = phones("unit1")
    phone.open(f"pages/case/detail?number={number}")
    phone.says(number)
    phone.network("off")
    begin(phone, number, "delegate")
    phone.says("可选的单位和人还没取到")
    phone.network("on")
    phone.tap("再取一次")
    expect(phone.page.get_by_text("还没取到")).to_have_count(0)
    phone.says("“下级单位”和“经办人”选一个")
    send(phone, "二级派遣")
    phone.says("请选“下级单位”或“经办人”")
    phone.tap(re.compile("洪环卫"))
    send(phone, "二级派遣")
    assert eventually(lambda: steps(island, "delegate") == 1)


def test_who_checks_sees_what_the_unit_claims(phones: Handsets, island: Island) -> None:
    number, unit = reported(island), island.drive.staff("unit1")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="absent", comment="好了", photo_ids=[unit.photo()])
    phone = phones("worker1")
    phone.open(f"pages/case/detail?number={number}")
    claimed = phone.page.locator(".card:visible", has_text="等着核查的")
    expect(claimed).to_contain_text("处置结果：不实")
    begin(phone, number, "pass")
    expect(claimed).to_contain_text("处置结果：不实")
    expect(phone.page.get_by_text("办到什么样算完").locator("visible=true")).to_have_count(0)


def test_when_it_is_done_is_told_to_who_says_that_it_is(phones: Handsets, island: Island) -> None:
    number = reported(island)
    island.drive.staff("unit1").done(number, "start")
    phone = phones("unit1")
    begin(phone, number, "resolve")
    phone.tap("已处置")
    phone.says("办到什么样算完")
    phone.tap("不实")
    phone.says("✓ 不实")
    expect(phone.page.get_by_text("办到什么样算完").locator("visible=true")).to_have_count(0)
