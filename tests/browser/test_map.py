"""The staff's map as people use it: by mouse, by keyboard, day by day, and when things go wrong."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from models.calendar import LOCAL
from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe, Visitors
from tests.browser.staff import SCROLLS_SIDEWAYS, enter
from tests.browser.town import HOSTILE, Town
from tests.island import Island

MAP = "/console/map"
LISTED = "#list button"
SIGN = """(colour) => {
  const canvas = document.querySelector(".leaflet-cases-pane canvas");
  if (!canvas?.width) return null;
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== colour[0] || data[i + 1] !== colour[1] || data[i + 2] !== colour[2]) continue;
    const pixel = i / 4;
    const x = box.x + (pixel % canvas.width) / scale;
    const y = box.y + Math.floor(pixel / canvas.width) / scale;
    if (document.elementFromPoint(x, y)?.closest("#map")) return { x, y };
  }
  return null;
}"""
"""A point of the screen where a sign of that colour is drawn."""
FINE = [11, 105, 168]


def shown(visitor: Visitor, path: str = MAP, size: tuple[int, int] = (1366, 768)) -> Page:
    page = enter(visitor, "supervisor", path, size)
    expect(page.locator("#total")).to_have_text(re.compile(r"共 \d+ 件"))
    expect(page.locator(LISTED).first).to_be_visible()
    return page


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#total").inner_text()))


def test_no_state_of_the_map_is_hard_to_use(
    visitor: Visitor, town: Town, axe: Axe, size: tuple[int, int]
) -> None:
    page = shown(visitor, f"{MAP}?period=30&duty=exposed-garbage", size)
    expect(page.locator("#duty-legend button").first).to_be_visible()
    page.locator(f'{LISTED}[data-number="{town.hostile}"]').click()
    expect(page.get_by_role("link", name="打开案卷")).to_be_visible()
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="前一天").click()
    page.get_by_label("热力").check()
    expect(page.locator("#day-words")).to_contain_text("在办")
    assert axe(page) == []


def test_a_sign_opens_its_card_and_the_card_its_case(visitor: Visitor, town: Town) -> None:
    page = shown(visitor, f"{MAP}?show=points")
    place = page.wait_for_function(SIGN, arg=FINE).json_value()
    page.mouse.click(place["x"] + 3, place["y"])
    card = page.get_by_role("region", name="案卷", exact=True)
    expect(card.get_by_text("编号")).to_be_visible()
    number = card.locator("dd").first.inner_text()
    card.get_by_role("link", name="打开案卷").click()
    expect(page).to_have_url(re.compile(f"/console/cases/{number}$"))


def test_by_keyboard_alone_a_case_is_found_and_words_stay_words(
    visitor: Visitor, town: Town
) -> None:
    page = shown(visitor)
    page.locator("#in-sight").focus()
    entry = page.locator(f'{LISTED}[data-number="{town.hostile}"]')
    while page.locator(f"{LISTED}:focus").count() == 0 or not entry.evaluate(
        "element => element === document.activeElement"
    ):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    card = page.locator("#card")
    expect(card).to_be_focused()
    expect(card.locator(".card-words")).to_have_text(HOSTILE)
    expect(card.locator("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(entry).to_be_focused()


def test_what_is_looked_at_stands_in_the_address(visitor: Visitor, town: Town) -> None:
    page = shown(visitor)
    now = total(page)
    page.get_by_label("时段").select_option("30")
    expect(page.locator("#time")).to_be_visible()
    expect(page.locator("#total")).not_to_have_text(f"共 {now} 件")
    month = total(page)
    page.get_by_label("按状态").check()
    page.locator("[name=category]").select_option("group:environment")
    expect(page.locator("#total")).not_to_have_text(f"共 {month} 件")
    page.get_by_label("权责归属").select_option("exposed-garbage")
    expect(page).to_have_url(re.compile("period=30&category=group%3Aenvironment&by=status&duty="))
    expect(page.locator("#duty-legend button").first).to_be_visible()
    count = total(page)
    page.reload()
    expect(page.locator("#total")).to_have_text(f"共 {count} 件")
    expect(page.get_by_label("按状态")).to_be_checked()
    expect(page.locator("#duty-legend button").first).to_be_visible()
    page.get_by_role("link", name="清除筛选").click()
    expect(page.locator("#total")).to_have_text(f"共 {now} 件")


def test_each_day_has_its_cases(visitor: Visitor, town: Town, island: Island) -> None:
    page = shown(visitor, f"{MAP}?period=7")
    page.get_by_role("button", name="前一天").click()
    page.locator("#mode").select_option("reported")
    day = int(page.locator("#day").input_value())
    begins = datetime.fromtimestamp(day * 86400, UTC).replace(tzinfo=LOCAL)
    ends = begins + timedelta(days=1)
    reported = 'SELECT count(*) FROM "case" WHERE submitted_at >= :begins AND submitted_at < :ends'
    assert total(page) == island.one(reported, begins=begins, ends=ends)
    page.locator("#mode").select_option("open")
    was_open = """
        SELECT count(*) FROM "case" WHERE submitted_at < :ends
        AND status NOT IN ('rejected', 'withdrawn', 'merged')
        AND (status <> 'closed' OR closed_at >= :ends)
        """
    expect(page.locator("#total")).to_have_text(f"共 {island.one(was_open, ends=ends)} 件")
    expect(page.locator("#legend li")).to_have_count(2)
    expect(page).to_have_url(re.compile(f"mode=open&day={day}"))


def test_a_kind_can_be_hidden(visitor: Visitor, town: Town) -> None:
    page = shown(visitor)
    every = page.locator(LISTED).count()
    fine = page.locator("#legend li", has_text="时间充足")
    kept = every - int(fine.locator("b").inner_text())
    assert 0 < kept < every
    fine.locator("input").uncheck()
    expect(page.locator(LISTED)).to_have_count(kept)


@pytest.mark.parametrize("calm", [False, True])
def test_days_play_unless_somebody_wants_it_calm(
    visitors: Visitors, town: Town, *, calm: bool
) -> None:
    visitor = visitors(reduced_motion="reduce" if calm else "no-preference")
    visitor.context.clock.install()
    page = shown(visitor, f"{MAP}?period=7")
    play = page.locator("#play")
    if calm:
        expect(play).to_be_hidden()
        return
    play.click()
    expect(play).to_have_text("暂停")
    first = int(page.locator("#day").get_attribute("min") or 0)
    assert int(page.locator("#day").input_value()) == first
    page.clock.run_for(10_000)
    expect(play).to_have_text("播放")
    assert int(page.locator("#day").input_value()) == first + 6


def test_a_cut_is_said_and_can_be_tried_again(visitor: Visitor, town: Town) -> None:
    page = shown(visitor)
    visitor.expects("ERR_FAILED")
    page.route(re.compile("cases.json"), lambda route: route.abort())
    page.get_by_label("时段").select_option("7")
    expect(page.locator("#note")).to_contain_text("没有读到案卷")
    page.unroute(re.compile("cases.json"))
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#note")).to_be_hidden()
    expect(page.locator("#time")).to_be_visible()


def test_after_the_sessions_end_the_way_back_is_shown(
    visitor: Visitor, town: Town, island: Island
) -> None:
    page = shown(visitor)
    island.run("UPDATE login_session SET idle_until = now() - interval '1 minute'")
    island.drive.forget_sessions()
    page.get_by_label("时段").select_option("7")
    link = page.get_by_role("link", name="重新登录")
    expect(link).to_be_visible()
    assert "period%3D7" in (link.get_attribute("href") or "")


def test_without_scripts_the_list_is_named(visitors: Visitors, town: Town) -> None:
    page = enter(visitors(java_script_enabled=False), "supervisor", MAP)
    expect(page.get_by_role("link", name="案卷列表")).to_be_visible()
