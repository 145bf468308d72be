"""Administration in a browser: every page at every size, and a day of an administrator."""

import re

import pyotp
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import text

from tests.browser.chromium import Visitor
from tests.browser.conftest import Axe, Visitors
from tests.browser.staff import SCROLLS_SIDEWAYS, enter
from tests.browser.town import Town
from tests.console.desk import PASSWORD
from tests.console.test_admin_account_import import book
from tests.island import Island

ACCOUNTS = "/console/admin/accounts"
HEALTH = "/console/admin/health"
HOSTILE = "<img src=x onerror=alert(1)>"
FAILED = text(
    "INSERT INTO outbox (job, args, created_at, due_at, failed_at, attempts, error)"
    " VALUES ('message.send', '{\"message_id\": 0}', now(), now(), now(), 8, :error)"
)


def fail_a_job(island: Island) -> None:
    island.db.execute(FAILED, {"error": f"ValueError: {HOSTILE}"})


def choose(page: Page, data: bytes) -> None:
    table = FilePayload(name="名册.xlsx", mimeType="application/octet-stream", buffer=data)
    page.get_by_label("名册（XLSX").set_input_files(table)
    page.get_by_role("button", name="上传并预览").click()


def test_no_page_is_hard_to_use(
    visitor: Visitor, town: Town, island: Island, axe: Axe, size: tuple[int, int]
) -> None:
    fail_a_job(island)
    page = enter(visitor, "admin", "/console/admin/accounts", size=size)
    for path in (
        ACCOUNTS,
        f"{ACCOUNTS}?q=nobody-is-called-so",
        f"{ACCOUNTS}/of/worker1",
        f"{ACCOUNTS}/new",
        f"{ACCOUNTS}/import",
        f"{ACCOUNTS}/import/done",
        "/console/admin/keys",
        HEALTH,
        "/console/admin/logs",
        "/console/admin/logs?view=looks",
        "/console/me",
    ):
        page.goto(visitor.origin + path)
        expect(page.locator("main h1")).to_be_visible()
        assert axe(page) == [], path
        assert not page.evaluate(SCROLLS_SIDEWAYS), path
    page.goto(f"{visitor.origin}{ACCOUNTS}/import")
    choose(page, book(("new-here", HOSTILE, "", "督查员@全部", "")))
    expect(page.get_by_role("button", name="确认导入")).to_be_visible()
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    visitor.expects("422")
    choose(page, book(("a b", "", "U-NO", "国王@全部", "")))
    expect(page.get_by_text("处错误")).to_be_visible()
    assert axe(page) == []
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_an_account_is_made_by_an_administrator_and_made_ones_own(
    visitors: Visitors, town: Town
) -> None:
    page = enter(visitors(), "admin", f"{ACCOUNTS}/new")
    page.get_by_label("用户名").fill("journey.one")
    page.get_by_label("姓名").fill("新来的")
    page.get_by_label("所属单位").select_option("U-HW")
    page.get_by_label("第 1 行角色").select_option(label="经办人")
    options = page.locator("#places option")
    values = [options.nth(i).get_attribute("value") or "" for i in range(options.count())]
    page.get_by_label("第 1 行范围").fill(next(one for one in values if " U-HW）" in one))
    page.get_by_role("button", name="创建账号").click()
    password = page.locator("code.secret").inner_text()
    theirs = visitors()
    own = theirs.visit("/console/me")
    own.get_by_label("用户名").fill("journey.one")
    own.get_by_label("密码").fill(password)
    own.get_by_role("button", name="登录").click()
    own.locator("#password-old_password").fill(password)
    own.get_by_label("新密码（").fill("a-word-of-my-own")
    own.get_by_label("再输入一次新密码").fill("a-word-of-my-own")
    own.get_by_role("button", name="修改密码").click()
    expect(own.get_by_role("status")).to_contain_text("密码已修改")
    own.locator("#begin-old_password").fill("a-word-of-my-own")
    own.get_by_role("button", name="开始设置").click()
    expect(own.locator(".code svg")).to_be_visible()
    codes = pyotp.TOTP(own.locator("code.secret").inner_text().replace(" ", ""))
    own.get_by_label("验证码", exact=True).fill(codes.now())
    own.get_by_role("button", name="开启").click()
    expect(own.get_by_role("status")).to_contain_text("两步验证已开启")
    page.goto(f"{page.url.partition('/console')[0]}{ACCOUNTS}/of/journey.one")
    expect(page.locator(".facts")).to_contain_text("开启")


def test_signing_in_asks_for_the_code(
    visitor: Visitor, town: Town, island: Island, axe: Axe
) -> None:
    island.run(
        "UPDATE account SET totp_since = NULL, totp_secret = NULL, totp_step = NULL"
        " WHERE username = 'unit16'"
    )
    page = enter(visitor, "unit16", "/console/me")
    page.locator("#begin-old_password").fill(PASSWORD)
    page.get_by_role("button", name="开始设置").click()
    codes = pyotp.TOTP(page.locator("code.secret").inner_text().replace(" ", ""))
    page.get_by_label("验证码", exact=True).fill(codes.now())
    page.get_by_role("button", name="开启").click()
    expect(page.get_by_role("status")).to_contain_text("已开启")
    island.run("UPDATE account SET totp_step = NULL WHERE username = 'unit16'")
    page.get_by_role("button", name="退出", exact=True).click()
    page.goto(f"{visitor.origin}/console/me")
    page.get_by_label("用户名").fill("unit16")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="两步验证")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("验证码").fill(codes.now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="我的账号")).to_be_visible()


def test_a_table_becomes_accounts(visitor: Visitor, town: Town, island: Island) -> None:
    page = enter(visitor, "admin", f"{ACCOUNTS}/import")
    choose(page, book(("table.one", "表里的人", "U-HW", "经办人@单位:U-HW", "")))
    page.get_by_role("button", name=re.compile("确认导入（新建 1，变更 0）")).click()
    expect(page.locator("code.secret")).to_have_count(1)
    page.get_by_role("button", name="已记下，不再显示").click()
    page.get_by_role("searchbox").fill("table.one")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("link", name="table.one")).to_be_visible()
    page.goto(f"{visitor.origin}{ACCOUNTS}/import/done")
    expect(page.locator("code.secret")).to_have_count(0)


def test_the_state_renews_itself_and_bears_a_cut(
    visitor: Visitor, town: Town, island: Island
) -> None:
    visitor.context.clock.install()
    page = enter(visitor, "admin", HEALTH)
    island.run("DELETE FROM outbox WHERE failed_at IS NOT NULL")
    page.clock.run_for(16_000)
    expect(page.get_by_role("heading", name="失败的任务")).to_have_count(0)
    visitor.expects("ERR_FAILED")
    page.route(re.compile("/health/now"), lambda route: route.abort())
    page.clock.run_for(16_000)
    expect(page.locator("#offline")).to_be_visible()
    page.unroute(re.compile("/health/now"))
    fail_a_job(island)
    page.clock.run_for(16_000)
    expect(page.get_by_role("heading", name="失败的任务")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
    page.get_by_role("button", name="全部重试").click()
    expect(page.get_by_text("已重新安排")).to_be_visible()
