"""Every API of the allow-list gives what the platform gives: at once, by callback, by promise."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.miniprogram.conftest import FIXTURE, Hold

HERE = Path(__file__).parent
ASK = """name => new Promise(done => wx[name]({ complete: ({ errMsg }) => done(errMsg) }))"""

PLAIN = [
    *["wx.checkSession", "wx.hideToast", "wx.hideLoading", "wx.vibrateShort", "wx.vibrateLong"],
    *["wx.hideKeyboard", "wx.showShareMenu", "wx.hideShareMenu", "wx.setBackgroundTextStyle"],
    *["wx.hideHomeButton", "wx.showNavigationBarLoading", "wx.hideNavigationBarLoading"],
    *["wx.stopPullDownRefresh", "wx.startPullDownRefresh", "wx.stopLocationUpdate"],
    *["wx.clearStorage", "wx.hideTabBar", "wx.showTabBar"],
]
VALUES = {
    "wx.getWindowInfo().screenWidth": 375,
    "wx.getSystemInfoSync().platform": "android",
    "wx.getSystemInfo().then(one => one.windowWidth)": 375,
    "wx.getAppBaseInfo().fontSizeScaleFactor": 1,
    "wx.getDeviceInfo().brand": "demo",
    "wx.getSystemSetting().locationEnabled": True,
    "wx.getAppAuthorizeSetting().locationAuthorized": "authorized",
    "wx.getMenuButtonBoundingClientRect().height": 32,
    "wx.getAccountInfoSync().miniProgram.envVersion": "develop",
    "new Promise(ok => wx.getUpdateManager().onCheckForUpdate(one => ok(one.hasUpdate)))": False,
    "wx.canIUse('getLocation')": True,
    "wx.canIUse('createAnimation')": False,
    "wx.canIUse('button.open-type')": True,
    "wx.env.USER_DATA_PATH": "wxfile://usr",
    "typeof wx.getLogManager().info": "function",
    "typeof wx.getRealtimeLogManager().tag('x').error": "function",
    "wx.reportEvent('x', {}) === undefined": True,
    "new Promise(ok => wx.nextTick(() => ok(7)))": 7,
    "wx.getLaunchOptionsSync().path": "pages/home/home",
    "wx.getEnterOptionsSync().path": "pages/home/home",
    "wx.getNetworkType().then(one => one.networkType)": "wifi",
    "wx.getPrivacySetting().then(one => one.privacyContractName.length > 0)": True,
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_only_succeeds_does_so(shared: Page, name: str) -> None:
    name = name.removeprefix("wx.")
    assert shared.evaluate(ASK, name) == f"{name}:ok"
    assert shared.evaluate(f"wx.{name}().then(one => one.errMsg)") == f"{name}:ok"


@pytest.mark.parametrize("call", VALUES)
def test_what_the_phone_tells(shared: Page, call: str) -> None:
    assert shared.evaluate(f"() => ({call})") == VALUES[call]


def test_callbacks_are_instead_of_a_promise(shared: Page) -> None:
    told = shared.evaluate(
        """() => new Promise(done => {
            const said = [];
            const given = wx.getStorage({ key: 'none',
                success: () => said.push('success'), fail: ({ errMsg }) => said.push(errMsg),
                complete: () => { said.push('complete'); done([given === undefined, ...said]); } });
        })"""
    )
    assert told == [True, "getStorage:fail data not found", "complete"]


def test_what_is_not_in_the_list_does_not_exist(shared: Page) -> None:
    wrong = shared.evaluate(
        "() => { try { wx.createAnimation } catch (one) { return one.message } }"
    )
    assert wrong == "wx.createAnimation is not in the allow-list of tools/mp-runner"


def test_things_on_the_page_are_measured(hold: Hold) -> None:
    page = hold(path="pages/apis/apis")
    found = page.evaluate(
        """() => new Promise(done => {
            const query = wx.createSelectorQuery();
            query.select('#box').boundingClientRect();
            const fields = { size: true, dataset: true, computedStyle: ['display'] };
            query.selectAll('.box').fields(fields);
            query.selectViewport().scrollOffset();
            query.select('.none').boundingClientRect();
            query.exec(done);
        })"""
    )
    assert [found[0][name] for name in ("width", "height", "top", "id")] == [100, 50, 0, "box"]
    assert found[1] == [{"width": 100, "height": 50, "dataset": {"k": "1"}, "display": "block"}]
    assert found[2]["scrollTop"] == 0
    assert found[3] is None
    seen = """() => new Promise(done => {
        const eye = wx.createIntersectionObserver(phone.page());
        eye.relativeToViewport().observe('#box', one => {
            eye.disconnect();
            done(one.intersectionRatio);
        });
    })"""
    assert page.evaluate(seen) == 1


def test_a_map_is_moved_by_its_context(hold: Hold) -> None:
    page = hold(path="pages/tags/tags")
    page.locator(".map .leaflet-marker-icon").wait_for()
    told = page.evaluate(
        """async () => {
            const map = wx.createMapContext('map');
            await map.moveToLocation({ longitude: 112.58, latitude: 26.9 });
            const centre = await map.getCenterLocation();
            const at = (longitude, latitude) => ({ longitude, latitude });
            await map.includePoints({ points: [at(112.5, 26.8), at(112.6, 26.9)] });
            const { northeast } = await map.getRegion();
            const { scale } = await map.getScale();
            return [centre.longitude.toFixed(3), northeast.longitude >= 112.6, scale < 15];
        }"""
    )
    assert told == ["112.580", True, True]


def test_the_app_hears_of_itself(hold: Hold) -> None:
    page = hold()
    told = page.evaluate(
        """() => new Promise(done => {
            const said = [];
            const hear = () => said.push('shown');
            const wrong = () => {};
            wx.onAppShow(hear); wx.offAppHide(); wx.onError(wrong); wx.offError(wrong);
            wx.onUnhandledRejection(({ reason }) => {
                wx.offUnhandledRejection();
                done([...said, reason]);
            });
            wx.exitMiniProgram({ success() {
                phone.show();
                wx.offAppShow(hear); phone.hide(); phone.show();
                Promise.reject('nobody took it');
            } });
        })"""
    )
    assert told == ["shown", "nobody took it"]


def test_every_api_of_the_list_is_called_here() -> None:
    allow = json.loads((FIXTURE.parents[1] / "allow.json").read_text())
    tests = "".join(path.read_text() for path in HERE.glob("test_runner_*.py"))
    assert [name for name in allow["wx"] if not re.search(rf"\bwx\.{name}\b", tests)] == []
