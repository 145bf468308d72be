"""Staff at a browser."""

from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.console.desk import PASSWORD
from tests.drive import CENTRE, Drive, place

DESK = "/console/desk"
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def enter(
    visitor: Visitor, username: str, path: str = DESK, size: tuple[int, int] = (1366, 768)
) -> Page:
    page = visitor.visit(path, *size)
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.wait_for_load_state()  # and with it the module that knows the keys
    return page


def waiting(drive: Drive, words: str) -> str:
    """A call that waits for the desk."""
    body = {
        "source": "phone",
        "category": "cooking-fumes",
        "description": words,
        "location": place(CENTRE),
    }
    made = drive.staff("desk").post("/api/v1/reports", body)
    assert made.json["status"] == "submitted", made.text
    number: str = made.json["case_number"]
    return number
