"""Residents on their phones: the mini program's own source against a real server."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from models.geo import Point
from tests.browser.chromium import violations
from tests.drive import CENTRE
from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets

GARBAGE, LIGHT, COVER = "暴露垃圾", "路灯不亮", "井盖缺损"
ELSEWHERE = Point(112.5735, 26.9035)
OUTSIDE = Point(113.2, 27.2)


def sent(island: Island) -> list[str]:
    """What residents said, of all reports that came in."""
    rows = island.db.exec_driver_sql(
        "SELECT t.content FROM report r JOIN ledger_text t ON t.case_id = r.entry_case_id"
        " AND t.seq = r.entry_seq AND t.field = 'description' ORDER BY 1"
    )
    return [row.content for row in rows]


def settle(island: Island, wanted: list[str]) -> None:
    assert eventually(lambda: len(sent(island)) >= len(wanted))
    assert sent(island) == sorted(wanted)


def test_a_report_is_made_by_photo_words_and_one_guess(phones: Handsets, island: Island) -> None:
    phone = phones("lily")
    phone.report("路边好几袋垃圾没人收", GARBAGE, photos=2)
    phone.answer()
    phone.says("已收到")
    settle(island, ["路边好几袋垃圾没人收"])
    photos = island.db.exec_driver_sql("SELECT client_taken_at, client_longitude FROM photo").all()
    assert len(photos) == 2
    assert all(row.client_taken_at and row.client_longitude for row in photos)
    phone.tap("看进展")
    phone.says("已派单")


def test_reports_made_without_network_arrive_once_each(phones: Handsets, island: Island) -> None:
    phone = phones("wang")
    phone.page.wait_for_load_state("networkidle")
    phone.network("off")
    said = {"一 垃圾没人清": GARBAGE, "二 路灯坏了": LIGHT, "三 井盖没了": COVER}
    for words, category in said.items():
        phone.report(words, category)
        phone.says("已存在手机上")
        phone.kill()
    phone.says("手机上还没发出的（3）")
    assert sent(island) == []
    phone.network("on")
    phone.kill()
    settle(island, list(said))
    phone.open("pages/reports/reports")
    phone.says("三 井盖没了")
    phone.kill()
    assert sent(island) == sorted(said)


def test_a_report_whose_answer_was_lost_arrives_once(phones: Handsets, island: Island) -> None:
    phone = phones("zhao")
    phone.open("pages/report/report")
    phone.shoot()
    phone.says("已上传")
    phone.write("问题描述", "垃圾没人清")
    phone.tap(GARBAGE)
    phone.network("lost")
    phone.tap("提交上报")
    phone.answer()
    settle(island, ["垃圾没人清"])
    phone.says("现在再试一次")
    phone.kill()
    phone.network("on")
    phone.kill()
    phone.says("已送达")
    assert sent(island) == ["垃圾没人清"]


def test_an_upload_cut_in_the_middle_goes_on_after_a_kill(phones: Handsets, island: Island) -> None:
    phone = phones("qian")
    phone.open("pages/report/report")
    phone.says("第四网格")
    phone.network("slow")
    phone.shoot()
    phone.says("上传 0%")
    phone.network("off")
    phone.says("有网络时自动传")
    phone.write("问题描述", "写了一半")
    phone.kill()
    phone.network("on")
    phone.tap("接着写上次没写完的")
    phone.says("上次没写完的")
    phone.says("已上传")
    expect(phone.page.get_by_label("问题描述").locator("visible=true").first).to_have_value(
        "写了一半"
    )


def test_what_the_server_refuses_is_explained_and_kept(phones: Handsets, island: Island) -> None:
    phone = phones("sun")
    phone.stand(OUTSIDE)
    phone.report("地上一个坑", "道路破损")
    phone.answer()
    phone.says("还差一点")
    phone.tap("以后再说")
    phone.kill()
    phone.tap(re.compile("道路破损"))
    phone.says("该位置不在服务范围内")
    phone.stand(CENTRE)
    phone.tap("去改一下再发")
    phone.says("写过的都在")
    phone.tap("用现在的位置")
    phone.says("第四网格")
    phone.tap("提交上报")
    phone.answer()
    phone.says("已收到")
    settle(island, ["地上一个坑"])


def test_who_meets_the_same_joins_it(phones: Handsets, island: Island) -> None:
    first, second = phones("zhou"), phones("wu")
    first.report("墙角一堆垃圾", GARBAGE)
    first.answer()
    first.says("已收到")
    second.report("我也看到垃圾", GARBAGE)
    second.tap("是这件，我也遇到")
    second.answer()
    second.says("已加入")
    assert island.one('SELECT count(*) FROM "case"') == 1
    assert island.one("SELECT count(*) FROM report") == 2


def closed(island: Island) -> str:
    """The one case, resolved and passed by staff; its number."""
    number: str = island.one('SELECT number FROM "case"')
    unit, worker = island.drive.staff("unit1"), island.drive.staff("worker1")
    act(unit, number, "start")
    act(
        unit, number, "resolve", outcome="fixed", comment="袋装垃圾已清走", photo_ids=[unit.photo()]
    )
    reply = "11月25日洁净环卫公司清走了垃圾，冲洗了地面。"
    act(worker, number, "pass", method="on_site", reply=reply, photo_ids=[worker.photo()])
    return number


def act(person: Any, number: str, action: str, **fields: Any) -> None:
    version = person.get(f"/api/v1/cases/{number}").json["version"]
    body = {"action": action, "version": version, **fields}
    answer = person.post(f"/api/v1/cases/{number}/actions", body)
    assert answer.status_code == 200, answer.text


def test_who_is_not_content_says_why_and_it_is_reopened(phones: Handsets, island: Island) -> None:
    phone = phones("zheng")
    phone.report("路边好几袋垃圾没人收", GARBAGE)
    phone.answer()
    phone.says("已收到")
    closed(island)
    phone.tap("看进展")
    phone.tap("没解决")
    phone.tap("没处理干净")
    phone.network("off")
    phone.tap("提交，要求重新办理")
    phone.says("等待发送")
    phone.kill()
    phone.network("on")
    phone.kill()
    assert eventually(lambda: island.one('SELECT status FROM "case"') == "assigned")
    closed(island)
    phone.open(f"pages/report/detail?id={island.one('SELECT id FROM report')}")
    phone.tap("解决了")
    phone.tap("很满意")
    phone.says("已解决，5 分")
    assert island.one("SELECT count(*) FROM feedback") == 2


def test_without_permissions_the_way_on_is_told(phones: Handsets) -> None:
    phone = phones("feng", userLocation=False, camera=False)
    phone.open("pages/report/report")
    phone.says("没有位置权限")
    phone.page.locator("wx-button:visible", has_text=re.compile("^ *拍照")).last.click()
    phone.says("没有相机权限")
    phone.tap("在地图上选")
    phone.tap("就是这里")
    phone.says("网格")


def test_a_fault_goes_away_when_it_is_put_right(phones: Handsets) -> None:
    phone = phones("shen")
    phone.open("pages/report/report")
    phone.tap("提交上报")
    phone.says("请说说是什么问题")
    phone.tap("看图选")
    phone.tap("街面秩序")
    phone.tap("占道经营")
    phone.says("换一个")
    expect(phone.page.get_by_text("请说说是什么问题")).to_have_count(0)
    phone.tap("提交上报")
    phone.says("没有照片就选“说不清”")


def test_large_letters_are_one_tap_from_the_first_page(phones: Handsets) -> None:
    phone = phones("jiang")
    phone.tap("字大一点")
    phone.says("换回普通版")
    phone.kill()
    phone.tap("换回普通版")
    phone.says("字大一点")


def test_a_scanned_code_fills_in_the_place(phones: Handsets, island: Island) -> None:
    island.run(
        "INSERT INTO place_code (code, name, address, longitude, latitude, category)"
        " VALUES ('stop7', '示范路公交站', '示范路 7 号', 112.5735, 26.9035, 'bin-overflow')"
        " ON CONFLICT DO NOTHING"
    )
    phone = phones("han")
    phone.open("pages/report/report?scene=stop7")
    expect(phone.page.get_by_label("地点说明").locator("visible=true")).to_have_value("示范路 7 号")
    phone.says("垃圾满溢")
    phone.shoot()
    phone.says("已上传")
    phone.tap("提交上报")
    phone.answer()
    phone.says("已收到")
    settle(island, ["垃圾满溢"])
    longitude = island.one('SELECT longitude FROM "case"')
    assert abs(longitude - 112.5735) < 1e-6


def test_refusing_messages_does_not_hold_a_report_back(phones: Handsets, island: Island) -> None:
    phone = phones("yang")
    phone.report("垃圾没人清", GARBAGE)
    phone.answer("拒绝")
    phone.says("已收到")
    theirs = "FROM consent WHERE account_id = (SELECT account_id FROM report)"
    assert eventually(lambda: island.one(f"SELECT count(*) {theirs}") == 3)
    assert island.one(f"SELECT sum(remaining) {theirs}") == 0


def test_a_phone_killed_while_it_asks_for_messages_has_sent_the_report(
    phones: Handsets, island: Island
) -> None:
    phone = phones("zhu")
    phone.report("垃圾没人清", GARBAGE)
    settle(island, ["垃圾没人清"])
    phone.kill()
    phone.says("已送达")
    expect(phone.button("接着写上次没写完的")).to_have_count(0)
    assert sent(island) == ["垃圾没人清"]


def test_an_emergency_names_whom_to_call_first(phones: Handsets) -> None:
    phone = phones("chen")
    phone.open("pages/report/report")
    phone.write("问题描述", "闻到煤气味")
    phone.tap("听起来有危险，先打电话")
    phone.says("拨 120 急救")
    phone.tap("燃气泄漏")
    phone.says("有危险，先打电话")
    phone.tap(re.compile("119"))
    phone.says("119")


PAGES = (
    "pages/home/home",
    "pages/mine/mine",
    "pages/me/me",
    "pages/report/report",
    "pages/report/category",
    "pages/inbox/inbox",
    "pages/reports/reports",
    "pages/bind/bind",
    "pages/privacy/privacy",
    "pages/about/about",
)
MEASURE = """(least) => {
  const wrong = [];
  for (const one of document.querySelectorAll('wx-button, wx-navigator')) {
    const { width, height, right } = one.getBoundingClientRect();
    if (!width || !height) continue;
    if (height < least - 0.5) wrong.push(`${one.innerText} is ${height} high`);
    if (right > innerWidth + 0.5) wrong.push(`${one.innerText} ends at ${right}`);
  }
  return wrong;
}"""


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("width", [320, 430])
def test_every_page_can_be_read_and_touched(phones: Handsets, width: int, elder: bool) -> None:
    phone = phones("lily", width=width)
    if elder:
        phone.open("pages/me/me")
        phone.page.get_by_role("switch", name="长辈版").locator("visible=true").last.click()
        phone.says("回首页")
    for path in PAGES:
        phone.open(path)
        phone.page.wait_for_load_state("networkidle")
        assert violations(phone.page) == [], path
        assert phone.page.evaluate(MEASURE, 60 if elder else 44) == [], path
