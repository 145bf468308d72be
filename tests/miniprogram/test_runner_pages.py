"""Pages on the phone: their life, their stack, styles, events, components, and the frame."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor, violations
from tests.miniprogram.conftest import FIXTURE, Hold


def data(page: Page, name: str) -> Any:
    return page.evaluate(f"phone.page().data.{name}")


def style(page: Page, selector: str, name: str) -> str:
    shown = page.locator(f"{selector}:visible").first
    found: str = shown.evaluate(f"one => getComputedStyle(one)[{json.dumps(name)}]")
    return found


def test_a_page_is_loaded_shown_and_ready_in_this_order(hold: Hold) -> None:
    page = hold(path="pages/home/home?scene=a%253D1")
    page.wait_for_function("phone.page().log.length === 3")
    assert page.evaluate("phone.page().log") == ['load {"scene":"a%3D1"}', "show", "ready"]
    assert page.evaluate("getApp().seen") == ["launch pages/home/home 1047", "show"]
    assert page.title() == "首页"


def test_templates_scripts_and_conditions_are_those_of_wxml(hold: Hold) -> None:
    page = hold()
    for words in ("你好，街坊 圆", "1-22 42 1970", "模板 7 甲", "引入 你好，街坊", "插入的话"):
        expect(page.get_by_text(words, exact=True)).to_be_visible()
    expect(page.locator(".on")).to_have_text("开")
    page.evaluate("phone.page().setData({ on: false, 'list[1].name': '丙' })")
    expect(page.locator(".on")).to_have_count(0)
    expect(page.locator(".row-8")).to_have_text("丙")


@pytest.mark.parametrize("width", [320, 375, 430])
def test_rpx_are_parts_of_the_frame_and_vh_of_the_page(hold: Hold, width: int) -> None:
    page = hold(width=width)
    assert style(page, ".box", "width") == f"{width / 2:g}px"
    assert style(page, ".imported", "width") == f"{width / 2:g}px"
    height = page.evaluate("wx.getWindowInfo().windowHeight")
    assert style(page, ".foot-room", "height") == f"{height:g}px"
    wide = page.evaluate("document.querySelector('wx-page').scrollWidth")
    assert wide <= width


def test_styles_of_pages_and_components_stay_where_they_belong(hold: Hold) -> None:
    page = hold()
    purple, blue = "rgb(122, 31, 162)", "rgb(16, 98, 157)"
    assert style(page, ".inside", "color") == purple  # the component's own .inside is not this one
    assert style(page, ".shared", "color") == purple  # apply-shared takes the app's classes
    assert style(page, "wx-counter wx-view", "color") == blue  # isolated does not
    assert style(page, ".title", "fontWeight") == "700"
    page.get_by_role("button", name="我的").click()
    assert style(page, ".title", "fontWeight") == "400"  # the other page's sheet counts no more


def test_page_meta_sets_the_sizes_of_fonts_while_its_page_is_shown(hold: Hold) -> None:
    page = hold()
    root = "getComputedStyle(document.documentElement).fontSize"
    assert page.evaluate(root) == "18px"
    assert style(page, ".wxs", "fontSize") == "20px"
    page.get_by_role("button", name="我的").click()
    assert page.evaluate(root) == "16px"


def test_taps_bubble_unless_they_are_caught(hold: Hold) -> None:
    page = hold()
    page.locator(".row-8").click()
    assert data(page, "tapped") == "8+outer"
    page.locator(".caught").click()
    assert data(page, "tapped") == "c"
    page.locator(".row-7").click(delay=500)
    assert data(page, "tapped") == "held"
    page.locator(".row-7").tap()
    assert data(page, "tapped") == "7+outer"


def test_who_catches_a_move_keeps_all_within_from_scrolling(hold: Hold) -> None:
    page = hold()
    move = """one => one.dispatchEvent(new TouchEvent('touchmove', {
        cancelable: true, bubbles: true, touches: [new Touch({ identifier: 0, target: one })] }))"""
    still = page.locator(".caught")
    assert page.locator(".row-8").first.evaluate(move) is True
    assert still.evaluate(move) is False


def test_what_has_a_role_is_reached_and_pressed_by_keys(hold: Hold) -> None:
    page = hold()
    page.get_by_role("button", name="键盘也行").focus()
    page.keyboard.press("Enter")
    assert data(page, "tapped") == "k"
    page.get_by_role("button", name="到标签页").press(" ")
    expect(page.get_by_role("heading", name="标签")).to_be_visible()


def test_components_tell_their_pages_and_are_reached_by_them(hold: Hold) -> None:
    page = hold()
    counter = page.get_by_role("button", name="加一")
    expect(counter).to_have_text("3 behavior 1")
    counter.click()
    expect(page.locator(".count")).to_have_text("4")
    assert page.evaluate("phone.page().selectComponent('#counter').remember()") == 4


def test_pages_lie_on_a_stack(hold: Hold) -> None:
    page = hold()
    page.get_by_role("button", name="到标签页").click()
    expect(page.locator(".options")).to_have_text("1 %E4%BD%A0")
    assert page.evaluate("phone.pages()") == ["pages/home/home", "pages/tags/tags"]
    routes = page.evaluate("getCurrentPages().map(one => one.route)")
    assert routes == page.evaluate("phone.pages()")
    expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
    page.get_by_role("link", name="到接口页").click()
    expect(page.locator("#mp .box:visible")).to_have_text("nav")
    page.evaluate("wx.redirectTo({ url: '/pages/apis/apis?from=again' })")
    expect(page.locator("#mp .box:visible")).to_have_text("again")
    page.get_by_role("button", name="返回").locator("visible=true").click()
    page.get_by_role("button", name="返回").locator("visible=true").click()
    assert page.evaluate("phone.page().log.slice(-2)") == ["hide", "show"]
    refused = {
        "wx.navigateBack()": "cannot navigate back at first page.",
        "wx.navigateTo({ url: '/pages/mine/mine' })": "can not navigateTo a tabbar page",
        "wx.navigateTo({ url: '/pages/no/no' })": 'page "pages/no/no" is not found',
    }
    for call, words in refused.items():
        wrong = page.evaluate(f"{call}.catch(wrong => wrong.errMsg)")
        assert wrong.endswith(f":fail {words}")
    further = "wx.navigateTo({ url: '/pages/tags/tags' }).then(() => '', one => one.errMsg)"
    said = [page.evaluate(further) for _ in range(10)]
    assert said == [""] * 9 + ["navigateTo:fail webview count limit exceed"]
    changed = "() => { try { getCurrentPages().pop() } catch (one) { return one.name } }"
    assert page.evaluate(changed) == "TypeError"


def test_pages_of_tabs_stay_and_others_do_not(hold: Hold) -> None:
    page = hold()
    page.evaluate("phone.page().setData({ count: 77 })")
    for name in ("我的", "首页", "我的"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".mine")).to_have_text("我的 2")
    page.get_by_role("button", name="首页").click()
    expect(page.locator(".count")).to_have_text("77")
    assert page.evaluate("phone.page().log.at(-1)") == "tab 0"
    page.evaluate("wx.switchTab({ url: '/pages/mine/mine' })")
    expect(page.locator(".mine")).to_have_text("我的 3")
    page.evaluate("wx.reLaunch({ url: '/pages/apis/apis' })")
    page.wait_for_function("phone.path() === 'pages/apis/apis'")
    assert page.evaluate("getApp().seen").count("home unloaded") == 1
    page.get_by_role("button", name="返回首页").click()
    expect(page.locator(".count")).to_have_text("0")


def test_a_pull_renews_and_the_end_is_told_once(hold: Hold) -> None:
    page = hold()
    box = page.locator(".title").bounding_box()
    assert box is not None
    page.mouse.move(100, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(100, box["y"] + 40)
    page.mouse.move(100, box["y"] + 120)
    page.mouse.up()
    expect(page.locator(".ends")).to_have_text("1/0")
    page.evaluate("wx.pageScrollTo({ scrollTop: 99999 })")
    expect(page.locator(".ends")).to_have_text("1/1")


def test_a_fixed_element_stays_inside_the_page(hold: Hold) -> None:
    page = hold()
    page.evaluate(
        "phone.page().setData({ half: 100 });"
        "document.querySelector('.box').style.cssText += ';position:fixed;top:0;left:0'"
    )
    top = page.locator(".box:visible").bounding_box()
    bar = page.locator(".mp-bar-top:visible").bounding_box()
    assert top is not None
    assert bar is not None
    assert top["y"] - 4 == bar["height"]  # its margin is 4 px


def test_an_error_reaches_the_app_and_the_console(hold: Hold, visitor: Visitor) -> None:
    visitor.expects("broken on purpose")
    page = hold()
    page.get_by_role("button", name="出错").click()
    assert page.evaluate("getApp().seen.at(-1)") == "error Error: broken on purpose"


def test_the_app_is_told_of_the_background(hold: Hold) -> None:
    page = hold()
    page.evaluate("wx.onAppHide(() => getApp().seen.push('told'))")
    page.evaluate("phone.hide()")
    assert page.evaluate("phone.page().log.at(-1)") == "hide"
    assert page.evaluate("getApp().seen.slice(-2)") == ["hide", "told"]
    page.evaluate("phone.show()")
    assert page.evaluate("[phone.page().log.at(-1), getApp().seen.at(-1)]") == ["show", "show"]


def test_a_scanned_code_opens_its_page(hold: Hold) -> None:
    page = hold()
    page.evaluate("phone.open('pages/apis/apis?from=code')")
    expect(page.locator("#mp .box:visible")).to_have_text("code")
    assert page.evaluate("wx.getEnterOptionsSync().scene") == 1047
    assert page.evaluate("wx.getLaunchOptionsSync().scene") == 1001


def test_a_killed_app_keeps_its_storage_and_its_kept_files_only(hold: Hold) -> None:
    page = hold()
    page.evaluate("wx.setStorageSync('draft', { words: '井盖没了', at: [1, 2] })")
    kept = page.evaluate(
        """async () => {
            phone.handIn([new File(['picture'], 'a.jpg', { type: 'image/jpeg' })]);
            phone.set('privacyAgreed', true);
            const { tempFiles } = await wx.chooseMedia({ count: 1, mediaType: ['image'] });
            const lost = tempFiles[0].tempFilePath;
            const { savedFilePath } = await wx.saveFile({ tempFilePath: lost });
            phone.handIn([new File(['other'], 'b.jpg', { type: 'image/jpeg' })]);
            const other = (await wx.chooseMedia({ count: 1 })).tempFiles[0].tempFilePath;
            return { savedFilePath, other };
        }"""
    )
    page.evaluate("window.marked = 1; phone.kill()")
    page.wait_for_function("!window.marked && window.phone")
    assert page.evaluate("wx.getStorageSync('draft')") == {"words": "井盖没了", "at": [1, 2]}
    read = """path => new Promise(done => wx.getFileSystemManager().readFile({
        filePath: path, encoding: 'utf8', success: ({ data }) => done(data),
        fail: ({ errMsg }) => done(errMsg) }))"""
    assert page.evaluate(read, kept["savedFilePath"]) == "picture"
    assert page.evaluate(read, kept["other"]).startswith("readFile:fail no such file")


def test_phones_of_two_people_share_nothing(hold: Hold) -> None:
    first, second = hold("lily"), hold("worker1")
    first.evaluate("wx.setStorageSync('a', 1); phone.set('network', 'off')")
    assert second.evaluate("wx.getStorageSync('a')") == ""
    assert second.evaluate("phone.settings().network") == "on"
    login = "wx.login().then(({ code }) => code, () => 'none')"
    assert [page.evaluate(login) for page in (first, second)] == ["none", "demo-worker1"]
    first.evaluate("phone.set('network', 'on')")
    assert first.evaluate("wx.login().then(({ code }) => code)") == "demo-lily"


def test_the_page_of_phones_holds_two_and_controls_them(visitor: Visitor) -> None:
    visitor.expects("409")  # nobody is behind these phones to bind a member of staff
    page = visitor.visit("/phone/?hold=lily,worker1", 1100, 900)
    lily = page.get_by_role("region", name="lily 的手机")
    frame = lily.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="首页")).to_be_visible()
    lily.get_by_text("位置、权限、重新启动").click()
    lily.get_by_label("网络").select_option("断开")
    inside = next(one for one in page.frames if "phone=lily" in one.url)
    assert inside.evaluate("wx.getNetworkType().then(one => one.networkType)") == "none"
    lily.get_by_label("用相机").select_option("拒绝")
    assert inside.evaluate("phone.settings().scopes") == {"scope.camera": False}
    lily.get_by_label("宽度").fill("320")
    expect(lily.locator("iframe")).to_have_css("width", "320px")
    assert violations(page) == []


@pytest.mark.parametrize("path", ["pages/home/home", "pages/mine/mine"])
def test_nothing_of_the_frame_keeps_anybody_out(hold: Hold, path: str) -> None:
    assert violations(hold(path=path)) == []


def test_every_tag_and_event_is_in_the_small_app() -> None:
    allow = json.loads((FIXTURE.parents[1] / "allow.json").read_text())
    templates = "".join(path.read_text() for path in FIXTURE.rglob("*.wxml"))
    assert [tag for tag in allow["tags"] if not re.search(rf"<{tag}[\s/>]", templates)] == []
