"""Grid workers and staff of units on their phones, with a resident and the desk beside them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from models.geo import Point
from tests.browser.chromium import Visitor, violations, visiting
from tests.conftest import Servers
from tests.drive import CENTRE
from tests.island import Island, eventually
from tests.island import island as make_island
from tests.little_server import serving_app
from tests.miniprogram.handset import Handset
from tests.tools.conftest import serving
from tools.check_miniprogram import SOURCE
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn
from tools.wechat_standin.phones import Phones

GARBAGE = "暴露垃圾"
WORDS = "垃圾房旁边堆了好几袋垃圾"
DONE = "袋装垃圾全部清走，地面扫净"
REPLY = "洁净环卫公司今天下午清走了袋装垃圾，扫净了地面"
FAR = Point(112.6, 26.9)
REFUSED = r"responded with a status of (401|403|404|409|422|503)"
"""What browsers say of a refusal, and of a picture that is not made yet."""
MEASURE = """(least) => {
  const wrong = [];
  for (const one of document.querySelectorAll('wx-button, wx-navigator, wx-switch, wx-picker')) {
    const { width, height, right } = one.getBoundingClientRect();
    if (!width || !height) continue;
    const small = one.matches('wx-switch') ? 30 : least;
    if (height < small - 0.5) wrong.push(`${one.innerText} is ${height} high`);
    if (right > innerWidth + 0.5) wrong.push(`${one.innerText} ends at ${right}`);
  }
  const page = document.querySelector('wx-page');
  if (page.scrollWidth > innerWidth) wrong.push(`the page is ${page.scrollWidth} wide`);
  return wrong;
}"""
Hold = Callable[..., Handset]


@pytest.fixture(scope="module")
def platform(node_program: str) -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving(found):
        yield found


@pytest.fixture(scope="module")
def island(
    browser: Browser,
    servers: Servers,
    platform: StandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Island]:
    with (
        make_island(
            servers, tmp_path_factory.mktemp("district"), wechat_base_url=platform.url
        ) as found,
        serving_app(found.app) as url,
    ):
        out = Path(tmp_path_factory.mktemp("build"))
        platform.phones = Phones(SOURCE, out, url, {}, "secret")
        for username in ("worker1", "unit1"):
            body = {"wechat_code": f"demo-{username}", "binding_code": code(found, username)}
            answer = found.drive.client.post("/api/v1/sessions", json=body)
            assert answer.status_code == 201, answer.text
        yield found


def code(island: Island, username: str) -> str:
    found: str = island.drive.staff(username).post("/api/v1/me/binding-code").json["code"]
    return found


@pytest.fixture
def hold(browser: Browser, island: Island, platform: StandIn) -> Iterator[Hold]:
    """Holds a phone of its own: `hold("worker1", width=320)`; consent, permissions and
    messages were agreed to before."""
    visitors: list[Visitor] = []
    asked = island.drive.resident().get("/api/v1/me/consents").json["items"]
    templates = [one["template_id"] for one in asked]
    with ExitStack() as stack:

        def held(person: str, *, width: int = 375, **scopes: bool) -> Handset:
            visitor = stack.enter_context(visiting(browser, platform.url, has_touch=True))
            visitors.append(visitor)
            address = f"/phone/phone.html?phone={person}&person={person}"
            found = Handset(visitor.visit(address, width, 720))
            found.trust(**scopes)
            found.set("subscriptions", dict.fromkeys(templates, "accept"))
            return found

        island.clear()
        yield held
        for visitor in visitors:
            for page in visitor.context.pages:
                page.close()
            visitor.faults[:] = [one for one in visitor.faults if not re.search(REFUSED, one)]


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


def start(phone: Handset) -> None:
    open_task(phone)
    phone.says("待签收")  # as it is now, not as the phone last knew it
    phone.tap("签收")
    phone.at("pages/case/act")
    send(phone, "签收")
    phone.says("处置中")


def resolve_after_a_refusal(phone: Handset) -> None:
    """The first photo is taken too far away: each reason stands there, what was entered stays."""
    phone.tap("处置完成")
    phone.tap("已处置")
    phone.write("做了什么", DONE)
    phone.stand(FAR)
    phone.shoot()
    phone.says("已上传")
    send(phone, "处置完成")
    phone.says("照片不能证明现场已处置")
    phone.says("第 1 张：照片拍摄地点距案卷位置")
    phone.says("可以接受的")
    expect(field(phone, "做了什么")).to_have_value(DONE)
    phone.says("✓ 已处置")
    phone.stand(CENTRE)
    drop_photo(phone)
    phone.shoot()
    phone.says("已上传")
    send(phone, "处置完成")
    phone.says("待核查")


def pass_on_site(phone: Handset) -> None:
    open_task(phone)
    phone.says("待核查")
    phone.tap("核查通过")
    phone.tap("现场核查")
    phone.write("答复市民", REPLY)
    phone.shoot()
    phone.says("已上传")
    send(phone, "核查通过")


def read_and_refuse(phone: Handset) -> None:
    phone.open("pages/inbox/inbox")
    phone.tap(re.compile(REPLY))
    phone.at("pages/report/detail")
    phone.tap("没解决")
    phone.tap("没处理干净")
    phone.tap("提交，要求重新办理")


def test_from_a_report_to_its_end_by_way_of_a_refusal_and_a_reopening(
    hold: Hold, island: Island
) -> None:
    lily, unit, worker = hold("lily"), hold("unit1"), hold("worker1")
    lily.report(WORDS, GARBAGE)
    lily.says("已收到")
    start(unit)
    resolve_after_a_refusal(unit)
    assert steps(island, "resolve") == 1
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    island.drive.spread_notices()
    read_and_refuse(lily)
    assert eventually(lambda: status(island) == "assigned")
    open_task(unit)
    unit.says("第 2 次办理")
    unit.says("说没解决")
    start(unit)
    resolve_after_a_refusal(unit)
    pass_on_site(worker)
    assert eventually(lambda: status(island) == "closed")
    number = island.one('SELECT number FROM "case"')
    case = island.drive.staff("desk").case(number)
    assert case["round"] == 2
    assert [one["solved"] for one in case["reports_received"][0]["feedback"]] == [False]


def test_an_action_whose_answer_was_lost_arrives_once(hold: Hold, island: Island) -> None:
    number = reported(island)
    phone = hold("unit1")
    begin(phone, number, "start")
    phone.network("lost")
    send(phone, "签收")
    phone.says("已存在手机上")
    assert steps(island, "start") == 1
    phone.kill()
    phone.network("on")
    phone.kill()
    phone.open(f"pages/case/detail?number={number}")
    phone.says("处置中")
    expect(phone.page.get_by_text("等待发送")).to_have_count(0)
    assert steps(island, "start") == 1


def test_an_action_without_network_waits_on_the_task_and_in_the_list(
    hold: Hold, island: Island
) -> None:
    number = reported(island)
    phone = hold("unit1")
    open_task(phone)
    phone.tap("签收")
    phone.network("off")
    send(phone, "签收")
    phone.says("已存在手机上")
    phone.tap("先做别的")
    phone.at("pages/case/detail")
    phone.says("有 1 步在手机上等着发出")
    phone.says("没有网络，下面是上次看到的")
    phone.kill()
    phone.open("pages/mine/mine")
    phone.says("有 1 步在手机上，还没发出")
    assert steps(island, "start") == 0
    phone.network("on")
    assert eventually(lambda: steps(island, "start") == 1)
    phone.open(f"pages/case/detail?number={number}")
    phone.says("处置中")
    phone.kill()
    assert steps(island, "start") == 1


def test_a_half_filled_form_is_there_after_a_kill(hold: Hold, island: Island) -> None:
    number = reported(island)
    island.drive.staff("unit1").done(number, "start")
    phone = hold("unit1")
    begin(phone, number, "resolve")
    phone.tap("到场已消失")
    phone.write("做了什么", "到场时没有了")
    phone.network("off")
    phone.shoot()
    phone.says("有网络时自动传")
    phone.kill()
    phone.network("on")
    begin(phone, number, "resolve")
    phone.says("上次没填完的")
    expect(field(phone, "做了什么")).to_have_value("到场时没有了")
    phone.says("✓ 到场已消失")
    phone.says("已上传")
    send(phone, "处置完成")
    assert eventually(lambda: status(island) == "resolved")


def test_what_changed_meanwhile_is_told_and_the_same_is_sent_again(
    hold: Hold, island: Island
) -> None:
    number = resolved(island)
    phone = hold("worker1")
    begin(phone, number, "pass")
    phone.tap("现场核查")
    phone.write("答复市民", REPLY)
    phone.shoot()
    phone.says("已上传")
    island.drive.staff("desk").done(number, "remark", comment="市民来电催问")
    send(phone, "核查通过")
    phone.says("您填写期间，案卷有了变化")
    phone.says("市民来电催问")
    expect(field(phone, "答复市民")).to_have_value(REPLY)
    send(phone, "按现在的情况，核查通过")
    assert eventually(lambda: status(island) == "closed")
    assert steps(island, "pass") == 1


def test_what_is_no_more_possible_is_told_and_nothing_entered_is_lost(
    hold: Hold, island: Island
) -> None:
    number = resolved(island)
    phone = hold("worker1")
    begin(phone, number, "rework")
    phone.write("原因", "墙角还有碎玻璃")
    worker = island.drive.staff("worker1")
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    send(phone, "返工")
    phone.says("现在不能“返工”了")
    expect(field(phone, "原因")).to_have_value("墙角还有碎玻璃")
    phone.kill()
    phone.open("pages/mine/mine")
    phone.tap(re.compile("返工"))
    expect(field(phone, "原因")).to_have_value("墙角还有碎玻璃")
    assert steps(island, "rework") == 0


def test_a_worker_puts_right_what_a_round_finds(hold: Hold, island: Island) -> None:
    phone = hold("worker1")
    phone.open("pages/mine/mine")
    phone.tap("巡查上报、自办")
    phone.says("第四网格")
    phone.shoot()
    phone.tap("选类别")
    phone.tap("环境卫生")
    phone.tap(GARBAGE)
    phone.says(f"{GARBAGE}，换一个")
    phone.page.get_by_role("switch").locator("visible=true").last.click()
    phone.tap("提交自办")
    phone.says("自办要有处置后的照片")
    phone.page.locator(".card:visible", has_text="处置后的照片").locator(
        "wx-button", has_text="拍照"
    ).last.click()
    phone.page.locator("button:visible", has_text=re.compile("^拍照$")).last.click()
    phone.write("做了什么", DONE)
    send(phone, "提交自办")
    phone.says("自办已结案")
    assert status(island) == "closed"
    assert steps(island, "self_handle") == 1
    phone.tap("看这个案卷")
    phone.says("网格巡查")


def test_tasks_are_shown_by_limit_by_distance_and_on_a_map(hold: Hold, island: Island) -> None:
    resident = island.drive.resident()
    for east, category in ((0.0035, "dirty-road"), (0.0002, "exposed-garbage")):
        where = Point(CENTRE.longitude + east, CENTRE.latitude)
        resident.report(
            category,
            location={
                "longitude": where.longitude,
                "latitude": where.latitude,
                "coord_type": "wgs84",
            },
            photo_ids=[resident.photo(at=where)],
        )
    late = "(SELECT id FROM \"case\" WHERE category = 'dirty-road')"
    island.run(f"UPDATE \"case\" SET due_at = now() - interval '1 hour' WHERE id = {late}")
    island.run(f"UPDATE timer SET due_at = now() - interval '1 hour' WHERE case_id = {late}")
    phone = hold("unit1")
    phone.open("pages/mine/mine")
    phone.says("已超时 1")
    cards = phone.page.locator("wx-button.line:visible")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("道路不洁")
    expect(cards.first).to_contain_text("已超时")
    phone.tap("离我近")
    expect(cards.first).to_contain_text(GARBAGE)
    expect(cards.first).to_contain_text("离您 20 米")
    phone.tap("地图")
    phone.page.get_by_title(re.compile("道路不洁，.*已超时")).click()
    expect(phone.page.locator(".chosen:visible")).to_contain_text("道路不洁")
    phone.page.locator(".chosen:visible").click()
    phone.at("pages/case/detail")
    phone.tap("去现场，看路线")
    phone.says("道路不洁")


def test_without_a_place_tasks_stay_in_order_of_their_limits(hold: Hold, island: Island) -> None:
    reported(island)
    phone = hold("unit1", userLocation=False)
    phone.open("pages/mine/mine")
    phone.tap("离我近")
    phone.says("没有位置权限，只能按时限排")
    phone.says(GARBAGE)


def test_a_unit_delegates_to_those_whom_the_server_names(hold: Hold, island: Island) -> None:
    number = reported(island)
    phone = hold("unit1")
    begin(phone, number, "delegate")
    phone.tap(re.compile("洪环卫"))
    send(phone, "二级派遣")
    assert eventually(lambda: steps(island, "delegate") == 1)


def test_a_code_makes_the_phone_one_of_staff(hold: Hold, island: Island) -> None:
    phone = hold("newphone")
    phone.open("pages/bind/bind")
    phone.write("绑定码", "ABCD2345")
    phone.tap("绑定")
    phone.says("绑定码")
    phone.write("绑定码", code(island, "unit3"))
    phone.tap("绑定")
    phone.says("已绑定")
    phone.tap("去看任务")
    phone.says("现在没有等您办的")


PAGES = ("pages/mine/mine", "pages/figures/figures", "pages/patrol/patrol", "pages/inbox/inbox")


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("width", [320, 430])
def test_every_page_of_staff_can_be_read_and_touched(
    hold: Hold, island: Island, width: int, elder: bool
) -> None:
    number = resolved(island)
    island.drive.spread_notices()
    phone = hold("worker1", width=width)
    if elder:
        phone.open("pages/me/me")
        phone.page.get_by_role("switch", name="长辈版").locator("visible=true").last.click()
        phone.says("回首页")
    case = f"?number={number}"
    for path in (
        *PAGES,
        f"pages/case/detail{case}",
        f"pages/case/act{case}&action=pass",
        f"pages/case/act{case}&action=relocate",
    ):
        phone.open(path)
        phone.page.wait_for_load_state("networkidle")
        assert violations(phone.page) == [], path
        assert phone.page.evaluate(MEASURE, 60 if elder else 44) == [], path
