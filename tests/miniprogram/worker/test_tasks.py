"""Tasks in their views, binding, and what every page of staff must be."""

import re

import pytest
from playwright.sync_api import expect

from models.geo import Point
from tests.browser.chromium import violations
from tests.drive import CENTRE
from tests.island import Island
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.worker.work import GARBAGE, code, reported, resolved

PAGES = ("pages/mine/mine", "pages/figures/figures", "pages/patrol/patrol", "pages/inbox/inbox")
MEASURE = """(least) => {
  const wrong = [];
  for (const one of document.querySelectorAll('wx-button, wx-navigator, wx-picker')) {
    const { width, height, right } = one.getBoundingClientRect();
    if (!width || !height) continue;
    if (height < least - 0.5) wrong.push(`${one.innerText} is ${height} high`);
    if (right > innerWidth + 0.5) wrong.push(`${one.innerText} ends at ${right}`);
  }
  const page = document.querySelector('wx-page');
  if (page.scrollWidth > innerWidth) wrong.push(`the page is ${page.scrollWidth} wide`);
  return wrong;
}"""


def test_tasks_are_shown_by_limit_by_distance_and_on_a_map(
    phones: Handsets, island: Island
) -> None:
    resident = island.drive.resident()
    for east, category in ((0.0035, "dirty-road"), (0.0002, "exposed-garbage")):
        where = Point(CENTRE.longitude + east, CENTRE.latitude)
        resident.report(
            category,
            location={
                "longitude": where.longitude,
                "latitude": where.latitude,
                "coord_type": "wgs84",
            },
            photo_ids=[resident.photo(at=where)],
        )
    late = "(SELECT id FROM \"case\" WHERE category = 'dirty-road')"
    island.run(f"UPDATE \"case\" SET due_at = now() - interval '1 hour' WHERE id = {late}")
    island.run(f"UPDATE timer SET due_at = now() - interval '1 hour' WHERE case_id = {late}")
    phone = phones("unit1")
    phone.open("pages/mine/mine")
    phone.says("已超时 1")
    cards = phone.page.locator("wx-button.line:visible")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("道路不洁")
    expect(cards.first).to_contain_text("已超时")
    phone.tap("离我近")
    expect(cards.first).to_contain_text(GARBAGE)
    expect(cards.first).to_contain_text("离您 20 米")
    phone.tap("地图")
    phone.page.get_by_title(re.compile("道路不洁，.*已超时")).click()
    expect(phone.page.locator(".chosen:visible")).to_contain_text("道路不洁")
    phone.page.locator(".chosen:visible").click()
    phone.at("pages/case/detail")
    phone.tap("去现场，看路线")
    phone.says("道路不洁")


def test_without_a_place_tasks_stay_in_order_of_their_limits(
    phones: Handsets, island: Island
) -> None:
    reported(island)
    phone = phones("unit1", userLocation=False)
    phone.open("pages/mine/mine")
    phone.tap("离我近")
    phone.says("没有位置权限，只能按时限排")
    phone.says(GARBAGE)


def test_a_code_makes_the_phone_one_of_staff(phones: Handsets, island: Island) -> None:
    phone = phones("newphone")
    phone.open("pages/mine/mine")
    phone.page.evaluate("wx.navigateTo({ url: '/pages/bind/bind' })")
    phone.write("绑定码", "ABCD2345")
    phone.tap("绑定")
    phone.says("绑定码")
    phone.write("绑定码", code(island, "unit3"))
    phone.tap("绑定")
    phone.says("已绑定")
    expect(phone.page.get_by_role("heading", name="工作人员绑定")).to_be_visible()
    phone.tap("去看任务")
    phone.says("现在没有等您办的")


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("width", [320, 430])
def test_every_page_of_staff_can_be_read_and_touched(
    phones: Handsets, island: Island, width: int, elder: bool
) -> None:
    number = resolved(island)
    island.drive.spread_notices()
    phone = phones("worker1", width=width)
    if elder:
        phone.open("pages/me/me")
        phone.page.get_by_role("switch", name="长辈版").locator("visible=true").last.click()
        phone.says("回首页")
    case = f"?number={number}"
    for path in (
        *PAGES,
        f"pages/case/detail{case}",
        f"pages/case/act{case}&action=pass",
        f"pages/case/act{case}&action=relocate",
    ):
        phone.open(path)
        phone.page.wait_for_load_state("networkidle")
        assert violations(phone.page) == [], path
        assert phone.page.evaluate(MEASURE, 60 if elder else 44) == [], path
