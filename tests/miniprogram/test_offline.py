"""Networks that go away at the worst moments, and phones killed there: what was made is counted."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from models.geo import Point
from tests.drive import CENTRE, place
from tests.island import Island, eventually
from tests.miniprogram.conftest import FIXTURE, Handsets
from tests.miniprogram.handset import Handset
from tests.miniprogram.worker.work import DONE, GARBAGE, REPLY, begin, send

PHOTOS, REPORTS, ACTIONS = "/server/api/v1/photos", "/server/api/v1/reports", "/actions"
APART = 0.0008
"""Degrees between reports, so that none is taken for one that is near."""
DOT = FIXTURE / "images" / "dot.png"
STALE = "没有网络，下面是上次看到的"
LOOK = re.compile("第 1 张，点开看大图")
Step = Callable[[], None]
Moment = Callable[["Line", Step, Step, str], None]
"""Fills and submits; when it returns the phone is in trouble, and nothing was answered. The last
is the end of the address that it is sent to."""


class Line:
    """A phone, and what becomes of its requests on the way."""

    def __init__(self, phone: Handset) -> None:
        self.phone = phone
        self._address = ""
        self._arrives = False
        phone.page.route("**/server/**", self._pass)

    @contextmanager
    def broken(self, address: str, *, arrives: bool) -> Iterator[None]:
        """The next that is posted within to an address that ends so is on its way at the end, and
        is never answered; the server takes it where it `arrives`."""
        self._address, self._arrives = address, arrives
        yield
        assert eventually(self._met), f"nothing was posted to …{address}"

    def _met(self) -> bool:
        self.phone.page.wait_for_timeout(20)  # what is asked meanwhile comes by `_pass`
        return not self._address

    def _pass(self, route: Route) -> None:
        request = route.request
        if not self._address or request.method != "POST" or not request.url.endswith(self._address):
            route.continue_()
            return
        if self._arrives:
            route.fetch()
        self._address = ""


def before_the_upload(line: Line, fill: Step, submit: Step, _: str) -> None:
    line.phone.network("off")
    fill()
    submit()


def in_the_middle_of_an_upload(line: Line, fill: Step, submit: Step, _: str) -> None:
    with line.broken(PHOTOS, arrives=False):
        fill()
    submit()


def after_an_upload_that_arrived(line: Line, fill: Step, submit: Step, _: str) -> None:
    with line.broken(PHOTOS, arrives=True):
        fill()
    submit()


def between_upload_and_post(line: Line, fill: Step, submit: Step, address: str) -> None:
    fill()
    line.phone.says("已上传")
    with line.broken(address, arrives=False):
        submit()


def after_a_post_that_arrived(line: Line, fill: Step, submit: Step, address: str) -> None:
    fill()
    line.phone.says("已上传")
    with line.broken(address, arrives=True):
        submit()


MOMENTS: tuple[Moment, ...] = (
    before_the_upload,
    in_the_middle_of_an_upload,
    after_an_upload_that_arrived,
    between_upload_and_post,
    after_a_post_that_arrived,
)


def cut(phone: Handset) -> None:
    phone.network("off")
    phone.says("已存在手机上")
    phone.network("on")


def killed(phone: Handset) -> None:
    phone.kill()
    phone.network("on")


TROUBLES = (cut, killed)


def waiting(phone: Handset) -> list[Any]:
    """What is not sent yet, and why."""
    found: list[Any] = phone.page.evaluate(
        """() => wx.getStorageInfoSync().keys.filter((key) => key.startsWith('out:'))
            .map((key) => wx.getStorageSync(key)).filter(({ state }) => state !== 'sent')
            .map(({ title, state, problem }) => ({ title, state, problem }))"""
    )
    return found


def clear(phone: Handset) -> None:
    """Nothing waits on the phone any more, after as many pauses as it takes."""
    assert eventually(lambda: not waiting(phone), seconds=180), waiting(phone)


def somewhere(at: int) -> Point:
    return Point(CENTRE.longitude + APART * (at % 4), CENTRE.latitude + APART * (at // 4))


def report(phone: Handset, at: int) -> tuple[Step, Step]:
    """How a report with two photos is made, somewhere of its own."""

    def fill() -> None:
        phone.stand(somewhere(at))
        phone.open("pages/report/report")
        phone.says("地点")
        phone.shoot(2)
        phone.write("问题描述", f"第 {at} 件，垃圾没人清")
        phone.tap(GARBAGE)

    return fill, lambda: phone.tap("提交上报")


def arrived(island: Island) -> dict[str, int]:
    """What residents said → photos of it, each report once."""
    rows = island.db.exec_driver_sql(
        "SELECT t.content, count(a.photo_id) AS photos FROM report r"
        " JOIN ledger_text t ON t.case_id = r.entry_case_id AND t.seq = r.entry_seq"
        " AND t.field = 'description'"
        " LEFT JOIN attachment a ON a.report_id = r.id GROUP BY r.id, t.content"
    ).all()
    assert len({row.content for row in rows}) == len(rows)
    return {row.content: row.photos for row in rows}


def test_a_dozen_reports_of_two_phones_arrive_once_each(phones: Handsets, island: Island) -> None:
    for person, trouble, first in (("lily", cut, 0), ("wang", killed, 6)):
        phone = phones(person)
        line = Line(phone)
        fill, submit = report(phone, first)
        fill()
        phone.says("已上传")
        with line.broken(REPORTS, arrives=True):  # and the question for messages is open
            submit()
        if trouble is cut:
            phone.network("off")
            phone.answer("拒绝")
        trouble(phone)
        clear(phone)
        phone.set("subscriptions", dict.fromkeys(templates(island), "reject"))
        for at, moment in enumerate(MOMENTS, first + 1):
            moment(line, *report(phone, at), REPORTS)
            trouble(phone)
            clear(phone)
        phone.kill()
        phone.at("pages/home/home")
    assert arrived(island) == {f"第 {at} 件，垃圾没人清": 2 for at in range(12)}
    assert island.one("SELECT count(DISTINCT photo_id) FROM attachment") == 24


def templates(island: Island) -> list[str]:
    asked = island.drive.resident().get("/api/v1/me/consents").json["items"]
    return [one["template_id"] for one in asked]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_step_of_a_worker_is_in_the_ledger_once(
    phones: Handsets, island: Island, trouble: Callable[[Handset], None]
) -> None:
    phone = phones("unit1")
    line = Line(phone)
    for at, moment in enumerate(MOMENTS):
        number = island.drive.resident().report(location=place(somewhere(at)))["case_number"]
        island.drive.staff("unit1").done(number, "start")

        def fill(number: str = number, at: int = at) -> None:
            phone.stand(somewhere(at))
            begin(phone, number, "resolve")
            phone.tap("已处置")
            phone.write("做了什么", DONE)
            phone.shoot()

        phone.open(f"pages/case/detail?number={number}")
        phone.says(number)  # it is on the phone once it was read
        moment(line, fill, lambda: send(phone, "处置完成"), ACTIONS)
        trouble(phone)
        clear(phone)
    phone.kill()
    rows = island.db.exec_driver_sql(
        "SELECT count(*) FILTER (WHERE action = 'resolve') AS steps,"
        " (SELECT count(*) FROM attachment a WHERE a.case_id = e.case_id AND a.role = 'after')"
        " AS photos FROM ledger_entry e GROUP BY case_id"
    ).all()
    assert [(row.steps, row.photos) for row in rows] == [(1, 1)] * len(MOMENTS)


def kept(phone: Handset, photos: int = 1) -> None:
    """A report that was made without network, and the mini program opened anew since."""
    phone.open("pages/report/category")  # the catalogue is on the phone once it was read
    phone.says("环境卫生")
    phone.network("off")
    phone.report("垃圾没人清", GARBAGE, photos)
    phone.says("已存在手机上")
    phone.kill()


def look(phone: Handset, title: str = GARBAGE) -> None:
    """Opens what waits, from the first page."""
    phone.says("手机上还没发出的")
    phone.tap(re.compile(title))
    phone.at("pages/report/waiting")


def supplemented(phone: Handset, island: Island) -> str:
    """A case whose reporter opens it and writes a supplement that is not sent yet; its number."""
    phone.report("垃圾没人清", GARBAGE)
    phone.says("已收到")
    phone.tap("看进展")
    phone.tap("补充")
    phone.write("补充", "又多了两袋")
    return str(island.one('SELECT number FROM "case"'))


def test_what_waits_is_sent_while_it_is_looked_at(phones: Handsets, island: Island) -> None:
    phone = phones("zhou", messages=True)
    kept(phone)
    look(phone)
    phone.says("等待发送")
    phone.says("现在连不上，连上后自动发出")
    phone.network("on")
    phone.says("已送达")
    phone.tap("看进展")
    phone.says("垃圾没人清")
    assert list(arrived(island).values()) == [1]


def test_what_waits_is_told_apart_and_what_is_read_comes_with_it(
    phones: Handsets, island: Island
) -> None:
    phone = phones("jiang", messages=True)
    phone.open("pages/report/category")
    phone.says("环境卫生")
    phone.network("lost")
    for said in ("第一处，垃圾没人清", "第二处，垃圾没人清"):
        phone.report(said, GARBAGE)
        phone.says("已存在手机上")
    phone.open("pages/home/home")
    for said in ("第一处，垃圾没人清", "第二处，垃圾没人清"):
        expect(phone.button(re.compile(said)).locator("wx-image").first).to_be_visible()
    expect(phone.page.get_by_text("连上后自动发出")).to_have_count(2)
    phone.says("现在连不上，请看看有没有网络")
    phone.network("on")  # the phone itself hears of no change
    phone.says("已送达")
    for said in ("第一处，垃圾没人清", "第二处，垃圾没人清"):
        expect(phone.button(re.compile(f"{said}.*已送达"))).to_be_visible()
    expect(phone.page.get_by_text("现在连不上")).to_have_count(0)
    assert arrived(island) == {"第一处，垃圾没人清": 1, "第二处，垃圾没人清": 1}


def test_what_could_not_be_read_is_there_when_network_is(phones: Handsets, island: Island) -> None:
    phone = phones("qian", messages=True)
    phone.page.route("**/server/api/v1/photos/*?*", lambda route: route.fulfill(path=DOT))
    phone.report("垃圾没人清", GARBAGE)
    phone.tap("看进展")
    expect(phone.button(LOOK)).to_be_visible()
    report = island.one("SELECT id FROM report")
    phone.open("pages/reports/reports")
    phone.says("垃圾没人清")
    for address in ("pages/reports/reports", f"pages/report/detail?id={report}"):
        phone.network("off")
        phone.kill()
        phone.open(address)
        phone.says(STALE)
        phone.network("on")
        expect(phone.page.get_by_text(STALE)).to_have_count(0)
    expect(phone.button(LOOK)).to_be_visible()


def test_a_photo_that_is_gone_is_told_and_taken_again(phones: Handsets, island: Island) -> None:
    phone = phones("wu", messages=True)
    kept(phone)
    phone.page.evaluate(
        """() => {
            const files = wx.getFileSystemManager();
            const folder = `${wx.env.USER_DATA_PATH}/kept`;
            files.readdirSync(folder).forEach((name) => files.unlinkSync(`${folder}/${name}`));
        }"""
    )
    phone.network("on")
    look(phone)
    phone.says("照片已不在手机上，请重新拍照")
    expect(phone.button("就这样再发一次")).to_have_count(0)
    phone.tap("去改一下再发")
    phone.page.get_by_role("button", name="去掉第 1 张照片").last.click()
    phone.shoot()
    phone.says("已上传")
    phone.tap("提交上报")
    phone.says("已收到")
    assert list(arrived(island).values()) == [1]


def test_what_the_case_leaves_no_room_for_is_told(phones: Handsets, island: Island) -> None:
    phone = phones("zheng", messages=True)
    number = supplemented(phone, island)
    phone.network("off")
    phone.tap("提交补充")
    phone.says("等待发送")
    unit, worker = island.drive.staff("unit1"), island.drive.staff("worker1")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment=DONE, photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    phone.network("on")
    phone.kill()
    look(phone, "补充")
    phone.says("又多了两袋")
    phone.tap("先看进展")
    phone.says("已结案")


def test_what_may_have_arrived_a_day_ago_asks(phones: Handsets, island: Island) -> None:
    phone = phones("feng", messages=True)
    supplemented(phone, island)
    with Line(phone).broken("/supplement", arrives=True):
        phone.tap("提交补充")
    phone.network("off")
    phone.kill()
    island.run("DELETE FROM idempotency")
    phone.page.evaluate(
        """() => {
            const keys = wx.getStorageInfoSync().keys.filter((key) => key.startsWith('out:'));
            for (const key of keys) {
                const item = wx.getStorageSync(key);
                if (item.asked) item.asked.at -= 25 * 3600 * 1000;
                wx.setStorageSync(key, item);
            }
        }"""
    )
    phone.network("on")
    look(phone, "补充")
    phone.says("不确定是否送达")
    phone.tap("先看进展")
    phone.says("已收到补充")


def test_what_another_identity_wrote_asks(phones: Handsets, island: Island) -> None:
    phone = phones("xie", messages=True)
    phone.open("pages/reports/reports")
    phone.says("您还没有上报过")
    kept(phone)
    code = island.drive.staff("worker2").post("/api/v1/me/binding-code").json["code"]
    body = {"wechat_code": "demo-xie", "binding_code": code}
    assert island.drive.client.post("/api/v1/sessions", json=body).status_code == 201
    phone.network("on")
    look(phone)
    phone.says("这是用另一个身份填写的")
    expect(phone.button("用现在的身份发出")).to_be_visible()
    assert arrived(island) == {}
    assert island.flask("accounts", "unbind", "worker2")[0] == 0
    phone.open("pages/reports/reports")
    phone.says("您还没有上报过")
    phone.kill()
    clear(phone)
    assert arrived(island) == {"垃圾没人清": 1}
    assert island.one("SELECT username FROM account JOIN report ON account.id = account_id") is None


def fill_up(phone: Handset) -> None:
    """No room for more on the phone."""
    phone.page.evaluate(
        """() => {
            let size = 900000;
            for (let n = 0; size > 10; n += 1) {
                try {
                    wx.setStorageSync(`else:${Date.now()}:${n}`, 'x'.repeat(size));
                } catch (full) {
                    size = Math.floor(size / 2);
                }
            }
        }"""
    )


def test_on_a_full_phone_nothing_pretends_to_be_kept(phones: Handsets, island: Island) -> None:
    phone = phones("han", messages=True)
    phone.open("pages/report/report")
    phone.says("书院社区第四网格")
    read_before = "set:report:1"
    phone.page.evaluate("(key) => wx.setStorageSync(key, 'x'.repeat(2000))", read_before)
    fill_up(phone)
    phone.shoot()
    phone.write("问题描述", "垃圾没人清")
    phone.tap(GARBAGE)
    assert phone.page.evaluate("(key) => wx.getStorageSync(key)", read_before) == ""
    for key in ("set:catalogue", "set:district", "set:reports"):  # nothing is left to give way
        phone.page.evaluate("(key) => wx.removeStorageSync(key)", key)
    fill_up(phone)
    phone.network("off")
    phone.tap("提交上报")
    phone.says("手机存满了，没能存下")
    expect(phone.page.get_by_text("已存在手机上")).to_have_count(0)
    expect(phone.button("再报一件")).to_have_count(0)
    phone.page.evaluate("wx.switchTab({ url: '/pages/home/home' })")
    phone.page.evaluate("wx.navigateTo({ url: '/pages/report/report' })")
    phone.at("pages/report/receipt")  # the only copy of the first is not written over
    phone.says("手机存满了，没能存下")
    phone.network("on")
    phone.says("已收到")
    assert list(arrived(island).values()) == [1]
