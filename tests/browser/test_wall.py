"""A wall as a room sees it: whole on every screen, and honest when the line is cut."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe
from tests.browser.staff import SCROLLS_SIDEWAYS
from tests.browser.town import Town
from tests.console.desk import PASSWORD
from tests.drive import CENTRE
from tests.factories import make_case
from tests.island import Island

WALL = "/console/wall"
SCREENS = {"hd": (1920, 1080), "4k": (3840, 2160), "laptop": (1366, 768), "upright": (820, 1180)}
SCROLLS_DOWN = "document.documentElement.scrollHeight > document.documentElement.clientHeight"
CUT_OFF = """() => [...document.querySelectorAll("dd, h1, h2, #rates div, .clock, .fresh")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 ||
    one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1)
  .map((one) => one.textContent)"""
"""What does not fit where it stands."""


def hung(visitor: Visitor, size: tuple[int, int] = (1920, 1080)) -> Page:
    page = visitor.visit(WALL, *size)
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").press("Enter")
    expect(page.locator("#now dd").first).to_have_text(re.compile(r"^\d+$"))
    return page


def open_now(page: Page) -> int:
    return int(page.locator("#now dd").first.inner_text())


@pytest.mark.parametrize("screen", SCREENS)
def test_all_of_it_is_seen_on_every_screen(
    visitor: Visitor, town: Town, axe: Axe, screen: str
) -> None:
    page = hung(visitor, SCREENS[screen])
    expect(page.locator("#trend canvas")).to_be_visible()
    expect(page.locator("#map canvas").first).to_be_visible()
    expect(page.get_by_text("演示数据")).to_be_visible()
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    assert not page.evaluate(SCROLLS_DOWN)
    assert page.evaluate(CUT_OFF) == []


def test_large_numbers_have_room(visitor: Visitor, town: Town) -> None:
    def much(route: Any) -> None:
        answer = route.fetch()
        told = answer.json()
        for part in ("open", "today", "month"):
            numbers = {name: 88_888 for name, value in told[part].items() if type(value) is int}
            told[part] |= numbers
        for rate in told["month"]["rates"].values():
            rate |= {"value": 100.0, "numerator": 88_888, "denominator": 88_888}
        route.fulfill(response=answer, json=told)

    visitor.context.route(re.compile(r"wall\.json"), much)
    page = hung_with(visitor, "88,888")
    assert page.evaluate(CUT_OFF) == []
    expect(page.locator(".emergency")).to_contain_text("超期 88,888")


def hung_with(visitor: Visitor, words: str) -> Page:
    page = visitor.visit(WALL, 1920, 1080)
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").press("Enter")
    expect(page.locator("#now dd").first).to_have_text(words)
    return page


def test_it_renews_itself(visitor: Visitor, town: Town, island: Island) -> None:
    visitor.context.clock.install()
    page = hung(visitor)
    before = open_now(page)
    make_case(island.db, island.kit.atlas(), at=CENTRE, description="大屏新来的一件")
    page.clock.run_for(31_000)
    expect(page.locator("#now dd").first).to_have_text(str(before + 1))


def test_a_cut_leaves_the_last_figures_and_says_how_old_they_are(
    visitor: Visitor, town: Town, island: Island
) -> None:
    visitor.context.clock.install()
    page = hung(visitor)
    before, as_of = open_now(page), page.locator("#as-of").inner_text()
    visitor.expects("ERR_FAILED")
    page.route(re.compile(r"wall\.json"), lambda route: route.abort())
    page.clock.run_for(31_000)
    expect(page.get_by_role("alert")).to_contain_text(f"连接中断，下面是 {as_of} 的数据")
    assert open_now(page) == before
    make_case(island.db, island.kit.atlas(), at=CENTRE, description="断线时来的一件")
    page.unroute(re.compile(r"wall\.json"))
    page.clock.run_for(6_000)
    expect(page.locator("#now dd").first).to_have_text(str(before + 1))
    expect(page.locator("#stale")).to_be_hidden()


def test_after_the_sessions_end_it_asks_to_sign_in(
    visitor: Visitor, town: Town, island: Island
) -> None:
    visitor.context.clock.install()
    page = hung(visitor)
    before = open_now(page)
    island.run("UPDATE login_session SET idle_until = now() - interval '1 minute'")
    island.drive.forget_sessions()
    page.clock.run_for(31_000)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("登录已失效")
    assert open_now(page) == before
    alert.get_by_role("link", name="重新登录").click()
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").press("Enter")
    expect(page).to_have_url(re.compile(f"{WALL}$"))
    expect(page.locator("#now dd").first).to_have_text(re.compile(r"^\d+$"))


def test_a_new_version_is_taken_up(visitor: Visitor, town: Town) -> None:
    visitor.context.clock.install()
    page = hung(visitor)

    def newer(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"version": "another"})

    page.route(re.compile(r"wall\.json"), newer, times=1)
    with page.expect_event("load"):
        page.clock.run_for(31_000)
    expect(page.locator("#now dd").first).to_have_text(re.compile(r"^\d+$"))


def test_the_whole_screen_is_one_press_away(visitor: Visitor, town: Town) -> None:
    page = hung(visitor)
    page.get_by_role("button", name="全屏").click()
    expect(page.get_by_role("button", name="退出全屏")).to_be_visible()
