"""What a person is asked on the phone, and what their answers do: permissions, pictures, places."""

from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.miniprogram.calls import begun, button, words_of
from tests.miniprogram.conftest import FIXTURE, Hold
from tools.wechat_standin import StandIn, openid


def test_pictures_are_chosen_taken_and_given_up(hold: Hold) -> None:
    page = hold()
    begun(page, "wx.chooseMedia({ count: 2, sourceType: ['album', 'camera'] })")
    button(page, "同意").click()
    with page.expect_file_chooser() as chooser:
        button(page, "从手机相册选择").click()
    chooser.value.set_files(FIXTURE / "images" / "dot.png")
    assert page.evaluate("window.told.then(one => one.tempFiles.length)") == 1
    begun(page, "wx.chooseMedia({ sourceType: ['camera'] })")
    button(page, "允许").click()
    button(page, "拍照").click()
    assert page.evaluate("window.told.then(one => one.tempFiles[0].size > 10000)")
    begun(page, "wx.chooseImage({ sourceType: ['camera'] })")
    button(page, "取消").click()
    assert page.evaluate("window.told")["errMsg"] == "chooseImage:fail cancel"
    page.evaluate("phone.set('scopes', { 'scope.camera': false })")
    refused = words_of(page, "wx.chooseMedia({ sourceType: ['camera'] })")
    assert refused == "chooseMedia:fail auth deny"


def test_nothing_personal_is_given_before_the_agreement(hold: Hold) -> None:
    page = hold(path="pages/tags/tags")
    begun(page, "wx.requirePrivacyAuthorize()")
    button(page, "拒绝").click()
    assert page.evaluate("window.told")["errno"] == 104
    page.evaluate("wx.onNeedPrivacyAuthorization((...given) => (window.need = given))")
    begun(page, "wx.getLocation({ type: 'gcj02' })")
    page.wait_for_function("window.need")
    assert page.evaluate("window.need[1]") == {"referrer": "getLocation"}
    page.get_by_role("button", name="同意隐私").click()
    page.evaluate("window.need[0]({ event: 'agree', buttonId: 'agree' })")
    button(page, "拒绝").click()
    assert page.evaluate("window.told")["errMsg"] == "getLocation:fail auth deny"
    assert page.evaluate("wx.getPrivacySetting().then(one => one.needAuthorization)") is False
    page.evaluate("wx.openPrivacyContract()")
    button(page, "知道了").click()


def test_an_agreement_needs_a_tap_on_the_button_that_is_named(hold: Hold, visitor: Visitor) -> None:
    visitor.expects("no button other with open-type")
    page = hold(path="pages/tags/tags")
    page.evaluate("wx.onNeedPrivacyAuthorization((resolve) => (window.agree = resolve))")
    begun(page, "wx.getLocation()")
    page.wait_for_function("typeof window.agree === 'function'")
    page.evaluate("window.agree({ event: 'agree', buttonId: 'other' })")
    assert page.evaluate("window.told")["errno"] == 104


def test_the_place_is_given_in_the_system_asked_for(hold: Hold) -> None:
    page = hold()
    page.evaluate("phone.set('privacyAgreed', true)")
    begun(page, "wx.authorize({ scope: 'scope.userLocation' })")
    expect(page.get_by_role("dialog")).to_contain_text("用来填写地点")
    button(page, "允许").click()
    assert page.evaluate("window.told")["errMsg"] == "authorize:ok"
    plain = page.evaluate("wx.getLocation()")
    assert (plain["longitude"], plain["latitude"]) == (112.57, 26.9)
    assert "频繁调用" in words_of(page, "wx.getLocation({ type: 'gcj02' })")
    page.evaluate("phone.set('place', { longitude: 112.57, latitude: 26.9 })")
    shifted = page.evaluate("wx.getLocation({ type: 'gcj02' })")
    assert round(shifted["longitude"], 5) == 112.57524
    allowed = "{ 'scope.userLocation': true, 'scope.userFuzzyLocation': true }"
    page.evaluate(f"phone.set('scopes', {allowed})")
    assert page.evaluate("wx.getFuzzyLocation()")["latitude"] == 26.9
    page.evaluate("wx.onLocationChange(one => (window.moved = one.latitude))")
    page.evaluate("wx.startLocationUpdate()")
    page.evaluate("phone.set('place', { longitude: 112.58, latitude: 26.91 })")
    assert round(page.evaluate("window.moved"), 2) == 26.91
    page.evaluate("wx.offLocationChange()")
    page.evaluate("phone.set('locationOn', false)")
    assert words_of(page, "wx.getLocation()") == "getLocation:fail system permission denied"
    begun(page, "wx.openSetting()")
    page.get_by_label("你的位置信息").uncheck()
    button(page, "返回").click()
    assert page.evaluate("window.told")["authSetting"]["scope.userLocation"] is False
    known = page.evaluate("wx.getSetting().then(one => one.authSetting)")
    assert known["scope.userLocation"] is False
    assert words_of(page, "wx.chooseLocation()") == "chooseLocation:fail auth deny"
    assert page.evaluate("wx.getAppAuthorizeSetting().locationAuthorized") == "denied"
    begun(page, "wx.openAppAuthorizeSetting()")
    page.get_by_label("位置").check()
    page.get_by_label("相机").uncheck()
    button(page, "返回").click()
    told = page.evaluate("wx.getAppAuthorizeSetting()")
    assert (told["locationAuthorized"], told["cameraAuthorized"]) == ("authorized", "denied")


def test_places_are_chosen_and_shown_on_maps(hold: Hold) -> None:
    page = hold()
    page.evaluate("phone.set('privacyAgreed', true)")
    begun(page, "wx.chooseLocation()")
    button(page, "允许").click()
    page.get_by_label("地点名称").fill("东门")
    button(page, "确定").click()
    chosen = page.evaluate("window.told")
    assert (chosen["name"], round(chosen["latitude"], 4)) == ("东门", 26.8964)
    page.evaluate("wx.openLocation({ longitude: 112.575, latitude: 26.8964, name: '东门' })")
    expect(page.get_by_role("dialog", name="东门")).to_be_visible()


def tapped(page: Page, call: str) -> None:
    """Begins a call while a tap is handled."""
    page.evaluate(
        f"""() => document.querySelector('.caught').addEventListener(
            'click', () => {{ window.told = {call}.catch(one => one); }}, {{ once: true }})"""
    )
    page.locator(".caught").click()


def test_consents_are_asked_for_in_a_tap_and_told_to_the_platform(
    hold: Hold, standin: StandIn
) -> None:
    page = hold("kim")
    standin.platform.welcome("kim")
    asking = "wx.requestSubscribeMessage({ tmplIds: ['T1', 'T2'] })"
    assert "TAP" in words_of(page, asking)
    tapped(page, f"wx.getNetworkType().then(() => {asking})")
    button(page, "拒绝").click()
    slow = "new Promise(done => setTimeout(done))"
    tapped(page, f"{slow}.then(() => {asking})")
    assert "TAP" in page.evaluate("window.told")["errMsg"]
    tapped(page, asking)
    page.get_by_label("T2").uncheck()
    button(page, "允许").click()
    told = page.evaluate("window.told")
    assert (told["T1"], told["T2"]) == ("accept", "reject")
    assert standin.platform.consents_left()[openid("kim")]["T1"] == 1
    tapped(page, "wx.requestSubscribeMessage({ tmplIds: ['T1'] })")
    expect(page.get_by_role("dialog")).to_contain_text("办结通知")
    button(page, "拒绝").click()
    assert page.evaluate("window.told")["T1"] == "reject"


def test_dialogs_give_what_was_answered(hold: Hold) -> None:
    page = hold()
    begun(page, "wx.showModal({ title: '确认', content: '要撤回吗' })")
    button(page, "确定").click()
    assert page.evaluate("window.told")["confirm"] is True
    begun(page, "wx.showModal({ title: '原因', editable: true, placeholderText: '写原因' })")
    page.get_by_label("写原因").fill("重复")
    button(page, "确定").click()
    assert page.evaluate("window.told")["content"] == "重复"
    assert "confirmText" in words_of(page, "wx.showModal({ confirmText: '五个字太长' })")
    begun(page, "wx.showActionSheet({ itemList: ['拨打 119', '拨打 110'] })")
    button(page, "拨打 110").click()
    assert page.evaluate("window.told")["tapIndex"] == 1
    begun(page, "wx.makePhoneCall({ phoneNumber: '12345' })")
    button(page, "取消").click()
    assert page.evaluate("window.told")["errMsg"] == "makePhoneCall:fail cancel"
    begun(page, "wx.scanCode()")
    page.get_by_label("码的内容").fill("D-1")
    page.get_by_label("小程序码的页面").fill("pages/apis/apis")
    button(page, "扫到了").click()
    assert page.evaluate("window.told")["path"] == "pages/apis/apis?scene=D-1"


def test_toasts_come_and_go(hold: Hold) -> None:
    page = hold()
    page.evaluate("wx.showLoading({ title: '请稍候', mask: true })")
    expect(page.get_by_role("status").filter(has_text="请稍候")).to_be_visible()
    page.evaluate("wx.hideLoading()")
    page.evaluate("wx.showToast({ title: '已提交', duration: 100 })")
    expect(page.get_by_role("status").filter(has_text="已提交")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="已提交")).to_have_count(0)


def test_what_is_copied_waits_for_the_privacy_agreement(hold: Hold) -> None:
    page = hold()
    begun(page, "wx.setClipboardData({ data: '3号' })")
    button(page, "拒绝").click()
    assert "privacy permission" in page.evaluate("window.told")["errMsg"]
    page.evaluate("phone.set('privacyAgreed', true)")
    page.evaluate("wx.setClipboardData({ data: '3号' })")
    assert page.evaluate("wx.getClipboardData().then(one => one.data)") == "3号"


def test_bars_are_changed(hold: Hold) -> None:
    page = hold()
    page.evaluate("wx.setNavigationBarTitle({ title: '新题' })")
    expect(page.get_by_role("heading", name="新题")).to_be_visible()
    page.evaluate("wx.setNavigationBarColor({ frontColor: '#000000', backgroundColor: '#ffffff' })")
    expect(page.locator(".mp-bar-top:visible")).to_have_css("color", "rgb(0, 0, 0)")
    page.evaluate("wx.setBackgroundColor({ backgroundColor: '#eeeeee' })")
    tabs = page.get_by_role("navigation", name="主导航")
    page.evaluate("wx.setTabBarBadge({ index: 1, text: '3' })")
    expect(tabs.get_by_text("3")).to_be_visible()
    page.evaluate("wx.removeTabBarBadge({ index: 1 })")
    expect(tabs.get_by_text("3")).to_be_hidden()
    page.evaluate("wx.showTabBarRedDot({ index: 0 }); wx.hideTabBarRedDot({ index: 0 })")
    page.evaluate("wx.setTabBarItem({ index: 1, text: '任务' })")
    expect(tabs.get_by_role("button", name="任务")).to_be_visible()
    page.evaluate("wx.setTabBarStyle({ color: '#333333' })")
    assert words_of(page, "wx.setTabBarBadge({ index: 5, text: '' })").endswith("item not found")
