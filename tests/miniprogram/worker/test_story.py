"""The whole way of a case on two phones, a resident's and the staff's."""

import re

from playwright.sync_api import expect

from tests.drive import CENTRE
from tests.island import Island, eventually
from tests.miniprogram.handset import Handset
from tests.miniprogram.worker.work import (
    DONE,
    FAR,
    GARBAGE,
    REPLY,
    WORDS,
    Hold,
    drop_photo,
    field,
    open_task,
    send,
    status,
    steps,
)


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


def read_and_refuse(phone: Handset) -> None:
    phone.open("pages/inbox/inbox")
    phone.tap(re.compile(REPLY))
    phone.at("pages/report/detail")
    phone.tap("没解决")
    phone.tap("没处理干净")
    phone.tap("提交，要求重新办理")


def test_from_a_report_to_its_end_by_way_of_a_refusal_and_a_reopening(
    hold: Hold, island: Island
) -> None:
    lily, unit, worker = hold("lily"), hold("unit1"), hold("worker1")
    lily.report(WORDS, GARBAGE)
    lily.says("已收到")
    start(unit)
    resolve_after_a_refusal(unit)
    assert steps(island, "resolve") == 1
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    island.drive.spread_notices()
    read_and_refuse(lily)
    assert eventually(lambda: status(island) == "assigned")
    open_task(unit)
    unit.says("第 2 次办理")
    unit.says("说没解决")
    start(unit)
    resolve_after_a_refusal(unit)
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    number = island.one('SELECT number FROM "case"')
    case = island.drive.staff("desk").case(number)
    assert case["round"] == 2
    assert [one["solved"] for one in case["reports_received"][0]["feedback"]] == [False]
