"""Audits in a browser: every page at every size, and from a number down to who held a case."""

import io

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe
from tests.browser.staff import SCROLLS_SIDEWAYS, enter
from tests.browser.town import Town

HOME = "/console/audit"
YEAR = "since=2025-01-01&until=2027-12-31"


def paths(town: Town) -> list[str]:
    """Every page of audits, with cases in it."""
    return [
        HOME,
        f"{HOME}?{YEAR}&rank_by=resolution_in_time_rate",
        f"{HOME}?{YEAR}&group_by=month&show=all",
        f"{HOME}?{YEAR}&group_by=street&show=counts",
        f"{HOME}?category=none",
        f"{HOME}?period=2001",
        f"{HOME}/comparison?{YEAR}",
        f"{HOME}/comparison?group_by=month",
        f"{HOME}/times?{YEAR}",
        f"{HOME}/late?{YEAR}",
        f"{HOME}/cases?{YEAR}&count=due",
        f"{HOME}/months",
        f"{HOME}/cases/{town.solved}/spans",
    ]


def test_no_page_is_hard_to_use(
    visitor: Visitor, town: Town, axe: Axe, size: tuple[int, int]
) -> None:
    page = enter(visitor, "supervisor", size=size)
    visitor.expects("422")
    for path in paths(town):
        page.goto(visitor.origin + path)
        expect(page.locator("h1")).to_be_visible()
        assert axe(page) == [], path
        assert not page.evaluate(SCROLLS_SIDEWAYS), path


def test_a_number_leads_to_who_held_its_cases(visitor: Visitor, town: Town) -> None:
    page = enter(visitor, "supervisor")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="考核").click()
    _choose_days(page, "2025-01-01", "2027-12-31")
    row = page.get_by_role("row").filter(has_text="洁净环卫公司")
    number = row.get_by_role("link", name="按期处置 ")
    amount = int(number.inner_text())
    number.click()
    expect(page.get_by_role("heading", name="“按期处置”背后的案卷")).to_be_visible()
    cases = page.locator("tbody").get_by_role("rowheader")
    expect(cases).to_have_count(min(amount, 50))
    page.get_by_role("link", name=town.solved).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(town.solved)
    page.goto(f"{visitor.origin}{HOME}/cases/{town.solved}/spans")
    expect(page.locator("svg rect.unit").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="处置中")).to_contain_text("洁净环卫公司")


def _choose_days(page: Page, since: str, until: str) -> None:
    page.get_by_label("从", exact=True).fill(since)
    page.get_by_label("到", exact=True).fill(until)
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(f"**since={since}**")


def test_the_month_of_a_unit_is_printed(visitor: Visitor, town: Town) -> None:
    page = enter(visitor, "supervisor", f"{HOME}?{YEAR}")
    with page.expect_download() as coming:
        page.get_by_role("row").filter(has_text="洁净环卫公司").get_by_role(
            "link", name="月报"
        ).click()
    assert "考核月报.pdf" in coming.value.suggested_filename
    document = PdfReader(io.BytesIO(coming.value.path().read_bytes()))
    assert document.metadata is not None
    assert "洁净环卫公司" in str(document.metadata.title)


def test_the_figures_fit_a_printed_page(visitor: Visitor, town: Town) -> None:
    page = enter(visitor, "supervisor", f"{HOME}?{YEAR}&show=all")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1030, "height": 720})  # A4 across, without its margins
    expect(page.get_by_role("button", name="查看")).to_be_hidden()
    expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
    expect(page.locator("table")).to_be_visible()
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_a_grid_worker_is_told_that_audits_are_for_others(
    visitor: Visitor, town: Town, axe: Axe
) -> None:
    page = enter(visitor, "worker1")
    visitor.expects("403")
    expect(page.get_by_role("link", name="考核")).to_have_count(0)
    page.goto(visitor.origin + HOME)
    expect(page.get_by_role("heading", name="没有权限")).to_be_visible()
    assert axe(page) == []
