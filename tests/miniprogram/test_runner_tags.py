"""Every tag of the platform does what it says, and is one for keyboards and screen readers too."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import violations
from tests.miniprogram.conftest import Hold


@pytest.fixture
def page(hold: Hold) -> Page:
    return hold(path="pages/tags/tags?a=1")


def told(page: Page, kind: str, of: str = "") -> list[Any]:
    """Details of the events of a kind."""
    found = page.evaluate("phone.page().data.events")
    return [one["detail"] for one in found if one["type"] == kind and one["of"] == of]


def wait(page: Page, kind: str, of: str = "") -> Any:
    page.wait_for_function(
        "([kind, of]) => phone.page().data.events.some(e => e.type === kind && e.of === of)",
        arg=[kind, of],
    )
    return told(page, kind, of)[-1]


def test_a_field_is_typed_in_and_its_listener_may_change_it(page: Page) -> None:
    field = page.get_by_label("姓名")
    page.get_by_text("姓名", exact=True).click()
    expect(field).to_be_focused()
    page.keyboard.type("abcdefghi")
    expect(field).to_have_value("ABCDEF")
    field.press("Enter")
    assert told(page, "confirm", "input") == [{"value": "ABCDEF"}]
    expect(field).not_to_be_focused()
    assert told(page, "focus", "input")
    assert told(page, "blur", "input")[0]["value"] == "ABCDEF"


def test_a_bound_field_writes_its_page(page: Page) -> None:
    page.get_by_label("双向").fill("新值")
    expect(page.locator(".bound-shown")).to_have_text("新值")
    page.evaluate("phone.page().setData({ bound: '再新' })")
    expect(page.get_by_label("双向")).to_have_value("再新")


def test_a_text_area_grows(page: Page) -> None:
    area = page.get_by_label("描述")
    before = area.bounding_box()
    area.fill("一\n二\n三\n四")
    after = area.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    assert told(page, "linechange", "textarea")[-1]["lineCount"] >= 4
    assert told(page, "input", "textarea")[-1]["value"] == "一\n二\n三\n四"


def test_choices_are_made_by_taps_on_them_or_their_labels(page: Page) -> None:
    page.get_by_text("甲类").click()
    page.get_by_text("乙类").click()
    assert told(page, "change", "checkbox")[-1] == {"value": ["a", "b"]}
    page.get_by_label("甲类").uncheck()
    assert told(page, "change", "checkbox")[-1] == {"value": ["b"]}
    page.get_by_role("radio", name="不行").check()
    assert told(page, "change", "radio") == [{"value": "y"}]
    expect(page.get_by_role("radio", name="行", exact=True)).not_to_be_checked()
    page.get_by_text("匿名").click()
    assert told(page, "change", "switch") == [{"value": True}]
    expect(page.get_by_role("switch", name="匿名")).to_be_checked()


def test_a_slider_moves_by_keys(page: Page) -> None:
    page.get_by_role("slider", name="多少").press("ArrowRight")
    assert told(page, "changing", "slider") == [{"value": 4}]
    assert told(page, "change", "slider") == [{"value": 4}]


def test_pickers_give_a_row_rows_a_day_and_a_time(page: Page) -> None:
    page.get_by_role("button", name="选类别").press("Enter")
    page.get_by_role("option", name="环卫").click()
    assert told(page, "change", "picker") == [{"value": "1"}]
    page.get_by_role("button", name="选类别").click()
    page.keyboard.press("Escape")
    assert wait(page, "cancel", "picker") == {}
    page.get_by_role("button", name="选两列").click()
    page.get_by_label("第 1 列").select_option("乙")
    page.get_by_role("button", name="确定").click()
    assert wait(page, "change", "multi") == {"value": [1, 1]}
    page.get_by_role("button", name="选日期").click()
    page.get_by_label("选择日期").last.fill("2026-12-01")
    page.get_by_role("button", name="确定").click()
    assert wait(page, "change", "date") == {"value": "2026-12-01"}
    page.get_by_role("button", name="选时间").click()
    page.get_by_label("选择时间").last.fill("09:05")
    page.get_by_role("button", name="确定").click()
    assert wait(page, "change", "time") == {"value": "09:05"}


def test_a_form_collects_its_fields_and_is_reset(page: Page) -> None:
    page.get_by_label("姓名").fill("abc")
    page.get_by_text("乙类").click()
    page.get_by_role("button", name="提交").click()
    given = told(page, "submit")[0]["value"]
    assert given == {
        "name": "ABC",
        "bound": "初值",
        "area": "",
        "kinds": ["b"],
        "one": "x",
        "anonymous": False,
        "much": 3,
        "pick": 0,
    }
    page.get_by_role("button", name="重置").click()
    expect(page.get_by_label("姓名")).to_have_value("")
    expect(page.get_by_label("乙类")).not_to_be_checked()
    assert told(page, "reset")


def test_a_disabled_button_is_not_tapped(page: Page) -> None:
    off = page.get_by_role("button", name="不可用")
    expect(off).to_be_disabled()
    off.click(force=True)
    assert told(page, "tap") == []


def test_buttons_ask_for_the_number_the_agreement_and_the_settings(page: Page) -> None:
    page.get_by_role("button", name="手机号").click()
    page.get_by_role("dialog").get_by_role("button", name="拒绝").click()
    assert wait(page, "getphonenumber")["errMsg"].startswith("getPhoneNumber:fail privacy")
    page.get_by_role("button", name="同意隐私").click()
    assert wait(page, "agreeprivacyauthorization")["errMsg"].endswith(":ok")
    page.get_by_role("button", name="手机号").click()
    page.get_by_role("dialog").get_by_role("button", name="允许", exact=True).click()
    page.wait_for_function("phone.page().data.events.at(-1).detail.code")
    assert told(page, "getphonenumber")[-1]["code"].startswith("phone-139")
    page.get_by_role("button", name="设置").click()
    page.get_by_role("button", name="返回", exact=True).last.click()
    assert wait(page, "opensetting")["authSetting"] == {}


def test_pictures_have_names_and_tell_how_they_came(page: Page) -> None:
    page.get_by_role("img", name="一个点").scroll_into_view_if_needed()
    assert wait(page, "load", "image") == {"width": 20, "height": 10}
    assert "not found" in wait(page, "error", "image")["errMsg"]
    box = page.locator(".picture").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (50, 25)
    expect(page.get_by_role("img", name="success")).to_be_visible()
    expect(page.get_by_role("progressbar", name="进度")).to_have_attribute("aria-valuenow", "40")
    expect(page.get_by_text("富文本")).to_be_visible()


def test_scrollers_tell_where_they_are(page: Page) -> None:
    scroller = page.locator(".scroller")
    page.evaluate("phone.page().setData({ into: 'line-10' })")
    assert wait(page, "scroll", "scroll")["scrollTop"] > 0
    scroller.evaluate("one => one.scrollTop = 9999")
    assert wait(page, "scrolltolower", "scroll") == {"direction": "bottom"}
    swiper = page.locator(".swiper")
    swiper.press("ArrowRight")
    assert wait(page, "change", "swiper")["current"] == 1
    page.locator(".wheel wx-picker-view-column").evaluate("one => one.scrollTop = 68")
    assert wait(page, "change", "wheel") == {"value": [2]}


def test_a_map_draws_and_tells_of_taps_and_moves(page: Page) -> None:
    page.locator(".map").scroll_into_view_if_needed()
    expect(page.locator(".map path")).to_have_count(4)
    expect(page.get_by_text("图例")).to_be_visible()
    page.locator(".map").get_by_role("button", name="井盖").press("Enter")
    assert wait(page, "markertap", "map") == {"markerId": 5}
    page.get_by_text("缺失").click()
    assert wait(page, "callouttap", "map") == {"markerId": 5}
    box = page.locator(".map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + 200)
    tapped = wait(page, "tap", "map")
    assert abs(tapped["latitude"] - 26.8964) < 0.02
    page.mouse.move(box["x"] + 60, box["y"] + 180)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 150, steps=4)
    page.mouse.up()
    moved = wait(page, "end", "map")  # a regionchange has this type there
    assert moved["causedBy"] == "drag"
    assert moved["centerLocation"]["longitude"] < 112.575


def test_a_link_goes_to_its_page_by_keys(page: Page) -> None:
    page.get_by_role("link", name="到接口页").press("Enter")
    expect(page.locator("#mp .box:visible")).to_have_text("nav")


def test_no_tag_keeps_anybody_out(page: Page) -> None:
    assert violations(page) == []
