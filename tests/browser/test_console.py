"""The staff's pages as people use them: at the desk by keyboard, live, and when things go wrong."""

import re

import pytest
from playwright.sync_api import expect

from app.services import reply_template
from models.status import Action
from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe, Visitors
from tests.browser.staff import DESK, SCROLLS_SIDEWAYS, enter, waiting
from tests.browser.town import Town
from tests.console.desk import PASSWORD
from tests.island import Island


def test_no_page_is_hard_to_use(
    visitor: Visitor, town: Town, island: Island, axe: Axe, size: tuple[int, int]
) -> None:
    number = waiting(island.drive, "油烟 <img src=x onerror=alert(1)>")
    page = enter(visitor, "desk", size=size)
    for path in (
        DESK,
        "/console/cases",
        f"/console/cases/{town.solved}",
        f"/console/cases/{town.solved}/ledger?verify=1",
        f"/console/cases/{town.solved}/reporters",
        f"/console/cases/{number}",
        "/console/report",
    ):
        page.goto(visitor.origin + path)
        expect(page.locator("main")).to_be_visible()
        assert axe(page) == [], path
        assert not page.evaluate(SCROLLS_SIDEWAYS), path


def test_the_sign_in_page_is_easy_to_use(visitor: Visitor, town: Town, axe: Axe) -> None:
    assert axe(visitor.visit("/console/sign-in", 360, 740)) == []


def test_a_case_is_rejected_by_keyboard_alone(visitor: Visitor, town: Town, island: Island) -> None:
    number = waiting(island.drive, "键盘办理的一件")
    page = enter(visitor, "desk", f"{DESK}?case={number}")
    page.keyboard.press("r")
    expect(page.locator("#reject-reason")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("经核实不属于受理范围，请向所属物业反映，谢谢您")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="不予立案")).to_be_visible()
    assert island.drive.staff("desk").case(number)["status"] == "rejected"


def test_two_dispatchers_race_for_one_case(visitors: Visitors, town: Town, island: Island) -> None:
    number = waiting(island.drive, "两人同时受理的一件")
    first, second = visitors(), visitors()
    second.expects("409")
    pages = [enter(one, "desk", f"{DESK}?case={number}") for one in (first, second)]
    for page in pages:
        page.keyboard.press("a")
        page.locator("#accept-paraphrase").fill("油烟直排，影响楼上居民")
        page.get_by_role("button", name="确认立案").press("Enter")
    expect(pages[0].get_by_role("status").filter(has_text="立案")).to_be_visible()
    expect(pages[1].get_by_role("alert")).to_contain_text("刚刚被他人更新")
    expect(pages[1].get_by_text("油烟直排，影响楼上居民").first).to_be_visible()


def test_what_was_typed_survives_the_end_of_the_session(
    visitor: Visitor, town: Town, island: Island
) -> None:
    number = waiting(island.drive, "登录中途失效的一件")
    page = enter(visitor, "desk", f"/console/cases/{number}")
    page.locator("summary", has_text="批注").click()
    page.locator("#remark-comment").fill("写到一半的批注")
    island.run("UPDATE login_session SET idle_until = now() - interval '1 minute'")
    island.drive.forget_sessions()
    visitor.expects("401")
    page.get_by_role("button", name="确认批注").click()
    expect(page.get_by_text("您填写的内容已保留")).to_be_visible()
    page.get_by_label("用户名").fill("desk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("写到一半的批注")).to_be_visible()
    page.get_by_role("button", name="继续提交").click()
    expect(page.get_by_role("status")).to_contain_text("批注")
    expect(page.locator(".story")).to_contain_text("写到一半的批注")


@pytest.mark.parametrize("cut", [False, True])
def test_the_queue_renews_itself_and_bears_a_cut(
    visitor: Visitor, town: Town, island: Island, *, cut: bool
) -> None:
    page = visitor.context.new_page()
    page.clock.install()
    page.close()
    visitor.context.clock.install()
    page = enter(visitor, "desk")
    number = waiting(island.drive, f"刚刚来的一件{cut}")
    if cut:
        visitor.expects("ERR_FAILED")
        page.route(re.compile("/desk/queue"), lambda route: route.abort())
        page.clock.run_for(16_000)
        expect(page.locator("#offline")).to_be_visible()
        page.unroute(re.compile("/desk/queue"))
    page.clock.run_for(16_000)
    expect(page.locator(f'#queue a[href="{DESK}?case={number}"]')).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()


def test_before_and_after_are_compared(visitor: Visitor, town: Town) -> None:
    page = enter(visitor, "desk", f"/console/cases/{town.solved}")
    slider = page.get_by_label("对比处置前后")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    panes = page.locator(".panes")
    assert panes.evaluate("panes => panes.style.getPropertyValue('--at')") == "60%"
    second = page.locator('a[data-side="now"]').first
    second.click()
    wanted = second.get_attribute("href") or ""
    assert (panes.locator(".now").get_attribute("src") or "").endswith(wanted)
    for side in (".then", ".now"):
        expect(panes.locator(side)).not_to_have_js_property("naturalWidth", 0)


def test_a_reply_begins_with_a_template(visitor: Visitor, town: Town, island: Island) -> None:
    number = waiting(island.drive, "套用模板的一件")
    text = "您反映的{category}不属于受理范围，请向所属物业反映"
    reply_template.add(island.db, Action.REJECT, "不属受理范围", text)
    page = enter(visitor, "desk", f"{DESK}?case={number}")
    page.keyboard.press("r")
    page.locator("#reject-reason").select_option(index=1)
    page.get_by_label("套用模板").and_(page.locator('[data-fills="reject-reply"]')).select_option(
        label="不属受理范围"
    )
    expect(page.locator("#reject-reply")).to_have_value(re.compile("您反映的油烟扰民不属于"))
    page.get_by_role("button", name="确认不予立案").click()
    expect(page.get_by_role("status").filter(has_text="不予立案")).to_be_visible()


def test_a_place_is_chosen_on_the_map(visitor: Visitor, town: Town, axe: Axe) -> None:
    page = enter(visitor, "desk", "/console/report")
    page.get_by_role("button", name="在地图上选").click()
    picker = page.locator(".picker")
    expect(picker).to_be_focused()
    expect(picker.locator("canvas").first).to_be_visible()
    page.keyboard.press("Enter")
    centre = float(page.locator('[name="location.longitude"]').input_value())
    box = picker.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
    expect(page.locator('[name="location.longitude"]')).not_to_have_value(f"{centre:.6f}")
    assert float(page.locator('[name="location.longitude"]').input_value()) > centre
    assert 26.8 < float(page.locator('[name="location.latitude"]').input_value()) < 27.0
    assert axe(page) == []
