"""What staff do on their phones, and what the service knows of it."""

import re

from playwright.sync_api import Locator

from models.geo import Point
from tests.island import Island
from tests.miniprogram.handset import Handset

GARBAGE = "暴露垃圾"
WORDS = "垃圾房旁边堆了好几袋垃圾"
DONE = "袋装垃圾全部清走，地面扫净"
REPLY = "洁净环卫公司今天下午清走了袋装垃圾，扫净了地面"
FAR = Point(112.6, 26.9)


def code(island: Island, username: str) -> str:
    found: str = island.drive.staff(username).post("/api/v1/me/binding-code").json["code"]
    return found


def reported(island: Island) -> str:
    """A case that waits for unit1's unit; its number."""
    number: str = island.drive.resident().report(description=WORDS)["case_number"]
    return number


def resolved(island: Island) -> str:
    """A case that waits for worker1's look; its number."""
    number, unit = reported(island), island.drive.staff("unit1")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment=DONE, photo_ids=[unit.photo()])
    return number


def status(island: Island) -> str:
    found: str = island.one('SELECT status FROM "case"')
    return found


def steps(island: Island, action: str) -> int:
    found: int = island.one("SELECT count(*) FROM ledger_entry WHERE action = :a", a=action)
    return found


def open_task(phone: Handset) -> None:
    phone.open("pages/mine/mine")
    phone.tap(re.compile(GARBAGE))
    phone.at("pages/case/detail")


def begin(phone: Handset, number: str, action: str) -> None:
    phone.open(f"pages/case/act?number={number}&action={action}")
    phone.says(number)


def send(phone: Handset, label: str) -> None:
    """The button at the page's foot."""
    phone.page.locator(".foot wx-button:visible", has_text=label).last.click()


def field(phone: Handset, label: str) -> Locator:
    return phone.page.get_by_label(label).locator("visible=true").first


def drop_photo(phone: Handset) -> None:
    phone.page.get_by_role("button", name="去掉第 1 张照片").locator("visible=true").last.click()
