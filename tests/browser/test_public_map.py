"""The public page as people use it, on a phone, a tablet and a desk's screen."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe, Visit, Visitors
from tests.browser.town import HOSTILE, HOSTILE_ADDRESS, SOLVED, Town

Size = tuple[int, int]
PHONE = (360, 740)
READY = {
    "/map": "#open-count:not(:empty)",
    "/map?view=list": ".list-view .row",
    "/map?view=stats": "#stats .trend svg",
    "/map?view=solved": "#solved .card",
    "/map/cases/{solved}": ".case-head",
    "/map/cases/{hidden}": ".case .notice",
}
"""Paths of all views, and what is there once each is shown."""
SIGN = """() => {
  const canvas = document.querySelector(".leaflet-cases-pane canvas");
  if (!canvas?.width) return null;
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== 179 || data[i + 1] !== 66 || data[i + 2] !== 15) continue;
    const pixel = i / 4;
    const x = box.x + (pixel % canvas.width) / scale;
    const y = box.y + Math.floor(pixel / canvas.width) / scale;
    if (document.elementFromPoint(x, y) === canvas) return { x, y };
  }
  return null;
}"""
"""A point of the screen where the sign of an open case is drawn."""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LOADED = "image => image.complete && image.naturalWidth > 0"


def shown(visitor: Visitor, path: str, size: Size, town: Town) -> Page:
    """A view once it is there."""
    if "{hidden}" in path:
        visitor.expects("404")
    page = visitor.visit(path.format(solved=town.solved, hidden=town.hidden), *size)
    expect(page.locator(READY[path]).first).to_be_visible()
    return page


def expect_loaded(images: Locator, least: int) -> None:
    """Each picture loads once it is scrolled to."""
    count = images.count()
    assert count >= least
    for position in range(count):
        image = images.nth(position)
        image.scroll_into_view_if_needed()
        element: Any = image.element_handle()
        image.page.wait_for_function(LOADED, arg=element)


def tab_to(page: Page, selector: str) -> Locator:
    """Presses Tab until something of that kind has the focus."""
    focused = page.locator(f"{selector}:focus")
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused.count():
            return focused
    raise AssertionError(f"no {selector} comes by Tab")


def test_the_map_shows_cases_and_opens_one(visit: Visit, town: Town, size: Size) -> None:
    page = visit("/map", *size)
    expect(page.locator("#open-count")).to_have_text(re.compile(r"^[1-9]\d*$"))
    expect(page.locator("#closed-count")).to_have_text(re.compile(r"^[1-9]\d*$"))
    point = page.wait_for_function(SIGN).json_value()
    page.mouse.click(point["x"], point["y"])
    expect(page.locator(".case .badge.open")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/map/cases/HY\d+$"))


def test_filters_stand_in_the_address_and_survive_a_reload(
    visit: Visit, town: Town, size: Size
) -> None:
    page = visit("/map?view=list", *size)
    rows = page.locator(".list-view .row")
    expect(rows.first).to_be_visible()
    every = rows.count()
    page.get_by_label("状态").select_option("closed")
    expect(page).to_have_url(re.compile(r"\?view=list&status=closed$"))
    expect(page.locator("#count")).to_contain_text("办理中 0 件")
    page.get_by_label("类别").select_option("group:environment")
    page.get_by_label("时间").select_option("7")
    expect(page).to_have_url(re.compile(r"status=closed&category=group%3Aenvironment&days=7$"))
    expect(page.locator("#count")).to_contain_text("近 7 天")
    kept = rows.all_inner_texts()
    assert 0 < len(kept) < every
    page.reload()
    expect(rows).to_have_count(len(kept))
    assert rows.all_inner_texts() == kept
    assert page.get_by_label("状态").input_value() == "closed"
    assert page.get_by_label("类别").input_value() == "group:environment"
    assert page.get_by_label("时间").input_value() == "7"


def test_a_case_opens_by_keyboard_and_its_text_stays_text(
    visit: Visit, town: Town, size: Size
) -> None:
    page = visit("/map", *size)
    expect(page.locator(READY["/map"])).to_be_visible()
    tab_to(page, ".skip")
    page.keyboard.press("Enter")
    expect(page.locator(".list-view .row").first).to_be_visible()
    tab_to(page, f".row[data-number='{town.hostile}']")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="案卷：道路破损")
    expect(panel.locator("blockquote")).to_have_text(HOSTILE)
    expect(panel.locator(".facts")).to_contain_text(HOSTILE_ADDRESS)
    assert panel.locator("img[src='x'], script, blockquote *, .facts svg").count() == 0
    expect(page).to_have_url(re.compile(rf"/map/cases/{town.hostile}\?view=list$"))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(f".row[data-number='{town.hostile}']")).to_be_focused()


def test_pictures_before_and_after_load(visit: Visit, town: Town, size: Size) -> None:
    page = visit("/map?view=list", *size)
    page.locator(f".row[data-number='{town.solved}']").click()
    expect(page.locator(".case .badge.closed")).to_be_visible()
    expect(page.locator(".case figcaption")).to_have_text(["处置前", "处置后"])
    expect_loaded(page.locator(".case figure img"), 3)
    assert page.locator(".case .no-photo").count() == 0
    expect(page.locator(".steps li")).to_contain_text(["待受理", "待签收", "处置中", "已结案"])


def test_figures_are_shown_and_can_be_read_as_a_table(visit: Visit, town: Town, size: Size) -> None:
    page = visit("/map", *size)
    page.get_by_role("navigation", name="看什么").get_by_text("统计").click()
    expect(page.locator("#stats .trend svg")).to_be_visible()
    expect(page.locator(".hero")).to_contain_text("正在办")
    page.get_by_text("用表格看").click()
    expect(page.locator("#stats tbody tr")).to_have_count(13)
    page.get_by_role("button", name="近 30 天").click()
    expect(page.get_by_role("button", name="近 30 天")).to_be_focused()
    expect(page.locator(".bars").first).to_contain_text("环境卫生")


def test_results_show_pictures_and_lead_to_their_cases(
    visit: Visit, town: Town, size: Size
) -> None:
    page = visit("/map?view=solved", *size)
    expect(page.locator(".card")).to_have_count(SOLVED)
    expect_loaded(page.locator(".card img"), 2 * SOLVED)
    page.locator(".card-words").first.click()
    expect(page.locator(".case-head")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/map/cases/{town.solved}\?view=solved$"))


def test_back_and_forward_go_through_what_was_looked_at(
    visit: Visit, town: Town, size: Size
) -> None:
    page = visit("/map", *size)
    views = page.get_by_role("navigation", name="看什么")
    views.get_by_text("列表").click()
    page.locator(".list-view .row").first.click()
    expect(page.locator(".case-head")).to_be_visible()
    page.go_back()
    expect(page.locator("#case")).to_be_hidden()
    expect(page.locator(".list-view")).to_be_visible()
    page.go_back()
    expect(page.locator("#map")).to_be_visible()
    assert page.url.endswith("/map")
    page.go_forward()
    page.go_forward()
    expect(page.locator(".case-head")).to_be_visible()


def test_a_case_that_is_not_public_says_so(visitor: Visitor, town: Town, size: Size) -> None:
    page = shown(visitor, "/map/cases/{hidden}", size, town)
    expect(page.locator("#case")).to_contain_text("看不到这件案卷")
    page.get_by_role("button", name="看其他案卷").click()
    expect(page.locator("#case")).to_be_hidden()
    assert page.url.endswith("/map")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/map", "cases.geojson*"),
        ("/map", "areas.geojson*"),
        ("/map?view=list", "cases.geojson*"),
        ("/map?view=stats", "figures.json"),
        ("/map?view=solved", "solved.json*"),
        ("/map/cases/{solved}", "cases/*.json"),
    ],
)
def test_when_data_do_not_come_a_retry_does(
    visitor: Visitor, town: Town, path: str, data: str
) -> None:
    visitor.expects("ERR_CONNECTION_FAILED")
    pattern = f"**/public/{data}"
    visitor.context.route(pattern, lambda route: route.abort("connectionfailed"))
    page = visitor.visit(path.format(solved=town.solved), *PHONE)
    expect(page.get_by_role("alert")).to_contain_text("没有连上网络")
    visitor.context.unroute(pattern)
    page.get_by_role("button", name="重试").click()
    expect(page.locator(READY[path]).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_busy_server_is_told_apart(visitor: Visitor, town: Town, size: Size) -> None:
    def busy(route: Route) -> None:
        route.fulfill(status=503)

    visitor.expects("503")
    visitor.context.route("**/public/cases.geojson*", busy)
    page = visitor.visit("/map", *size)
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("服务器正忙")
    visitor.context.unroute("**/public/cases.geojson*")
    alert.get_by_role("button", name="重试").click()
    expect(page.locator(READY["/map"])).to_be_visible()


@pytest.mark.parametrize("path", READY)
def test_no_view_keeps_anybody_out_or_scrolls_sideways(
    visitor: Visitor, town: Town, axe: Axe, size: Size, path: str
) -> None:
    page = shown(visitor, path, size, town)
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_without_scripts_links_lead_to_the_data(visitors: Visitors, town: Town, size: Size) -> None:
    page = visitors(java_script_enabled=False).visit(f"/map/cases/{town.solved}", *size)
    links = page.locator(".plain a")
    expect(links).to_have_count(5)
    for link in links.all():
        expect(link).to_be_visible()
    expect(page.get_by_role("navigation", name="看什么")).to_be_hidden()
    links.last.click()
    expect(page).to_have_url(re.compile(rf"/public/cases/{town.solved}\.json$"))
