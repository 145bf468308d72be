"""A phone in the browser with the mini program, as its owner uses it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from models.geo import Point
from tests.drive import Drive
from tools.check_miniprogram import SOURCE

PRIVACY_VERSION = re.findall(
    "PRIVACY_VERSION = '(.+)'", (SOURCE / "lib" / "config.js").read_text("utf-8")
)[0]
ALLOWED = {"scope.userLocation": True, "scope.camera": True}


def bind(drive: Drive, username: str) -> None:
    """Binds the phone of that name to the account of a member of staff, by a code."""
    code = drive.staff(username).post("/api/v1/me/binding-code").json["code"]
    body = {"wechat_code": f"demo-{username}", "binding_code": code}
    answer = drive.client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text


class Handset:
    """`page` is the phone; names of buttons are what the mini program writes on them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready]")

    def set(self, name: str, value: Any) -> None:
        self.page.evaluate("([name, value]) => window.phone.set(name, value)", [name, value])

    def network(self, how: str) -> None:
        """on, off, slow, or lost: requests arrive and their answers do not."""
        self.set("network", how)

    def stand(self, point: Point) -> None:
        self.set("place", {"longitude": point.longitude, "latitude": point.latitude})

    def trust(self, **scopes: bool) -> None:
        """Consent and permissions were given before, those of `scopes` as said there."""
        self.set("privacyAgreed", True)
        agreed = {"version": PRIVACY_VERSION, "at": "2026-11-01T08:00:00Z"}
        self.page.evaluate("(agreed) => wx.setStorageSync('set:privacy', agreed)", agreed)
        self.set("scopes", ALLOWED | {f"scope.{name}": given for name, given in scopes.items()})

    def kill(self) -> None:
        """The system ends the mini program; it is opened anew."""
        with self.page.expect_navigation():
            self.page.evaluate("setTimeout(() => window.phone.kill())")
        self.ready()

    def open(self, address: str) -> None:
        self.page.evaluate("(address) => window.phone.open(address)", address)
        expect(self.at(address.partition("?")[0])).to_be_attached()

    def at(self, path: str) -> Locator:
        """The document, as long as that page is shown."""
        self.page.wait_for_function("(path) => window.phone.path() === path", arg=path)
        return self.page.locator("html")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def tap(self, name: str | re.Pattern[str]) -> None:
        self.button(name).last.click()

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible()

    def write(self, label: str, words: str) -> None:
        self.page.get_by_label(label).locator("visible=true").first.fill(words)

    def shoot(self, times: int = 1) -> None:
        for _ in range(times):
            self.page.locator(
                "wx-button:visible", has_text=re.compile("^ *(拍照|再拍一张)")
            ).last.click()
            self.page.locator("button:visible", has_text=re.compile("^拍照$")).last.click()

    def answer(self, yes: str = "允许") -> None:
        """Answers what the platform asks just now."""
        self.page.locator("button:visible", has_text=re.compile(f"^{yes}$")).last.click()

    def report(self, words: str, category: str, photos: int = 1) -> None:
        """From the report page to the tap on 提交上报; the question for messages is answered."""
        self.open("pages/report/report")
        self.says("地点")
        self.shoot(photos)
        self.write("问题描述", words)
        self.tap(category)
        self.tap("提交上报")
