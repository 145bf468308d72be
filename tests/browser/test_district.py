"""Setting the district up in a browser: every page, files looked at first, the first day."""

from collections.abc import Iterator

import orjson
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from app.services.set_up_files import example_map
from config import Settings
from tests.bare import FIRST, bare
from tests.browser.chromium import Visitor, visiting
from tests.browser.conftest import Axe, Visitors
from tests.browser.staff import SCROLLS_SIDEWAYS, enter
from tests.browser.town import Town
from tests.conftest import Servers
from tests.little_server import serving_app

PAGES = (
    "/console/admin",
    "/console/district/areas",
    "/console/district/areas?level=grid&area=43990000100304",
    "/console/district/units",
    "/console/district/responsibilities",
    "/console/district/responsibilities/areas/43990000100304",
    "/console/district/responsibilities/check?longitude=112.57&latitude=26.9&coord_type=wgs84",
    "/console/district/duties",
    "/console/district/catalogue",
    "/console/district/calendar",
    "/console/district/templates",
)


def csv(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def send(page: Page, file: FilePayload, system: str | None = None, nth: int = 0) -> None:
    """Chooses a file, names its coordinate system, and goes on to the preview."""
    form = page.locator("form.upload").nth(nth)
    form.locator("input[type=file]").set_input_files(file)
    if system is not None:
        form.get_by_label(system).check()
    form.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("预览")


def downloaded(page: Page, link: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    return waiting.value.path().read_bytes()


def test_every_page_is_easy_to_use_at_every_size(
    visitor: Visitor, town: Town, axe: Axe, size: tuple[int, int]
) -> None:
    page = enter(visitor, "admin", size=size)
    for path in PAGES:
        page.goto(visitor.origin + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert axe(page) == [], path
        assert not page.evaluate(SCROLLS_SIDEWAYS), path


def test_previews_are_easy_to_use_at_every_size(
    visitor: Visitor, town: Town, axe: Axe, size: tuple[int, int]
) -> None:
    page = enter(visitor, "admin", "/console/district/areas", size)
    known = orjson.loads(downloaded(page, "下载现在的区域"))
    features = [one for one in known["features"] if one["properties"]["code"] != "43990000100304"]
    changed: FilePayload = {
        "name": "<b>新地图.geojson",
        "mimeType": "application/geo+json",
        "buffer": orjson.dumps(known | {"features": features}),
    }
    send(page, changed, "WGS-84")
    expect(page.get_by_text("消失 1）")).to_be_visible()
    expect(page.locator("svg path.removed")).to_have_count(1)
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    visitor.expects("422")
    page.goto(f"{visitor.origin}/console/district/units")
    send(page, csv("bad.csv", "编码,名称,上级编码,类型\nU,<img src=x onerror=alert(1)>,X,商店\n"))
    expect(page.get_by_role("alert")).to_contain_text("有 2 处要改")
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_units_are_changed_by_two_administrators(visitors: Visitors, town: Town) -> None:
    first, second = visitors(), visitors()
    pages = [enter(one, "admin", "/console/district/units") for one in (first, second)]
    before = downloaded(pages[0], "下载现在的单位").decode("utf-8-sig")
    send(pages[0], csv("单位.csv", f"{before}U-NEW,河长办,,职能部门,\n"))
    expect(pages[0].get_by_text("河长办（U-NEW）")).to_be_visible()
    send(pages[1], csv("单位.csv", f"{before}U-OTHER,路长办,,职能部门,\n"))
    second_page = pages[1].get_by_role("button", name="确认导入（新增 1，变更 0，停用 0）")
    first.expects("409")
    pages[0].get_by_role("button", name="确认导入").click()
    expect(pages[0].get_by_role("alert")).to_contain_text("您后来又上传了一个文件")
    expect(pages[0].get_by_text("路长办（U-OTHER）")).to_be_visible()
    second_page.click()
    expect(pages[1].get_by_role("status").first).to_contain_text("已导入单位")
    expect(pages[1].get_by_role("row", name="路长办")).to_be_visible()
    send(pages[1], csv("原来的.csv", before))
    pages[1].get_by_role("button", name="确认导入（新增 0，变更 0，停用 1）").click()
    expect(pages[1].get_by_text("已停用的单位（1）")).to_be_visible()


@pytest.fixture
def first_day(servers: Servers, settings: Settings) -> Iterator[str]:
    """The address of an installation where nothing is set up."""
    with bare(servers, settings) as app, serving_app(app) as origin:
        yield origin


def test_the_first_administrator_is_led_through(
    visitors: Visitors, first_day: str, axe: Axe, size: tuple[int, int], browser: Browser
) -> None:
    with visiting(browser, first_day) as visitor:
        page = enter(visitor, FIRST, size=size)
        expect(page.get_by_role("heading", name="开始设置")).to_be_visible()
        for path in PAGES[:2] + PAGES[3:5] + PAGES[7:]:
            page.goto(visitor.origin + path)
            assert axe(page) == [], path
            assert not page.evaluate(SCROLLS_SIDEWAYS), path
        page.goto(f"{visitor.origin}/console/admin")
        current = page.locator("li[aria-current=step]")
        expect(current).to_contain_text("类别与时限")
        catalogue = downloaded(page, "下载目录模板")
        send(page, {"name": "目录.csv", "mimeType": "text/csv", "buffer": catalogue})
        page.get_by_role("button", name="确认导入").click()
        expect(current).to_contain_text("区域")
        example: FilePayload = {
            "name": "区域.geojson",
            "mimeType": "application/geo+json",
            "buffer": example_map(),
        }
        send(page, example, "WGS-84")
        page.get_by_role("button", name="确认导入").click()
        expect(current).to_contain_text("单位")
        page.get_by_role("link", name="试一试：这个地点归谁").click()
        page.get_by_label("经度").fill("112.56")
        page.get_by_label("纬度").fill("26.89")
        page.get_by_role("button", name="查", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("没有规则，留在受理台")
        expect(page.get_by_role("status")).to_contain_text("第一网格")
