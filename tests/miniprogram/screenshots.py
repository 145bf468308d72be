"""Pictures of the mini program for the documentation, taken by `tests.browser.screenshots`.

Phones of a resident and of a unit's staff, in the town of the browser tests.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, expect

from models.geo import Point
from tests.browser.chromium import visiting
from tests.drive import CENTRE
from tests.island import Island
from tests.miniprogram.handset import Handset, bind
from tools.check_miniprogram import SOURCE
from tools.wechat_standin import StandIn
from tools.wechat_standin.phones import Phones

SIZE, SCALE = (375, 780), 1.5
WHOLE: ViewportSize = {"width": SIZE[0], "height": 1090}
"""So high that a whole report is in sight."""
AWAY = Point(112.5735, 26.9035)
RESIDENT, UNIT, BUSY_UNIT = "lily", "unit1", "unit2"
WORDS = "路边好几袋垃圾没人收"

PICTURES = (
    "home",
    "report",
    "categories",
    "offline",
    "elder",
    "tasks",
    "tasks-map",
    "case",
    "refused",
)

Keep = Callable[[str, Handset], None]


@contextmanager
def _held(
    browser: Browser, platform: StandIn, person: str, templates: list[str]
) -> Iterator[Handset]:
    with visiting(browser, platform.url, has_touch=True, device_scale_factor=SCALE) as visitor:
        page = visitor.visit(f"/phone/phone.html?phone={person}&person={person}", *SIZE)
        phone = Handset(page)
        phone.trust()
        phone.set("subscriptions", dict.fromkeys(templates, "accept"))
        phone.stand(CENTRE)
        yield phone
        page.close()
        visitor.faults.clear()


def _resident(phone: Handset, keep: Keep) -> None:
    phone.kill()  # permissions are read when it starts
    phone.says("已经解决的")
    keep("home", phone)
    phone.open("pages/report/report")
    phone.shoot(2)
    phone.says("已上传")
    phone.write("问题描述", WORDS)
    phone.says("看起来是")
    phone.page.set_viewport_size(WHOLE)
    keep("report", phone)
    phone.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    phone.tap("看图选")
    phone.tap("环境卫生")
    keep("categories", phone)
    phone.tap("暴露垃圾")
    phone.network("off")
    phone.tap("提交上报")
    phone.says("已存在手机上")
    phone.tap("好的，回首页")
    phone.says("等待发送")
    keep("offline", phone)
    phone.network("on")
    phone.says("已送达")


def _elder(phone: Handset, keep: Keep) -> None:
    phone.open("pages/me/me")
    phone.page.get_by_role("switch", name="长辈版").locator("visible=true").last.click()
    phone.open("pages/home/home")
    phone.says("换回普通版")
    keep("elder", phone)


def _tasks(phone: Handset, keep: Keep) -> None:
    phone.open("pages/mine/mine")
    phone.says("已超时")
    keep("tasks", phone)
    phone.tap("地图")
    phone.says("快到期")
    keep("tasks-map", phone)


def _case(phone: Handset, keep: Keep) -> None:
    phone.open("pages/mine/mine")
    phone.tap(re.compile(WORDS))
    phone.says("待签收")
    phone.tap("签收")
    phone.at("pages/case/act")
    phone.page.wait_for_timeout(300)
    phone.tap("签收")
    phone.says("处置中")
    expect(phone.page.get_by_text("已送达")).to_have_count(0)
    keep("case", phone)
    phone.tap("处置完成")
    phone.tap("已处置")
    phone.write("做了什么", "两袋垃圾已清走，地面扫净")
    phone.stand(AWAY)
    phone.shoot()
    phone.says("已上传")
    phone.tap("处置完成")
    phone.says("照片不能证明现场已处置")
    keep("refused", phone)


def taken(
    browser: Browser, platform: StandIn, origin: str, found: Island, folder: Path
) -> dict[str, bytes]:
    """PNG by name. `origin` is the service that phones reach, `folder` where their build goes."""
    platform.phones = Phones(SOURCE, folder, origin, {}, "")
    for username in (UNIT, BUSY_UNIT):
        bind(found.drive, username)
    asked = found.drive.resident(RESIDENT).get("/api/v1/me/consents").json["items"]
    templates = [one["template_id"] for one in asked]
    pictures: dict[str, bytes] = {}

    def keep(name: str, phone: Handset) -> None:
        phone.page.wait_for_load_state("networkidle")
        phone.page.wait_for_timeout(500)
        assert name in PICTURES
        pictures[name] = phone.page.screenshot()

    people = (RESIDENT, _resident), (RESIDENT, _elder), (BUSY_UNIT, _tasks), (UNIT, _case)
    for person, look in people:
        with _held(browser, platform, person, templates) as phone:
            look(phone, keep)
        found.drive.work("photo.render")
    return pictures
