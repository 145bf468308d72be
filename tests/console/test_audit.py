"""Pages of audits: figures with the cases behind each, comparisons, times, late cases, files."""

import csv
import html
import io
import re
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

import openpyxl
import pytest
from sqlalchemy import Connection, insert, text

from app.kit import Kit
from app.schemas.audit import GroupBy
from app.services import audit_freeze
from app.services.audit_selection import GROUPS
from models.account import RoleGrant
from models.measures import FIGURES
from tests.console.desk import Desk, sign_in
from tests.drive import Drive
from tests.histories import History, hours, local
from tests.statements import counted

HOME = "/console/audit"
MARCH = "period=2026-03"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'
LISTS = (HOME, f"{HOME}/comparison", f"{HOME}/times", f"{HOME}/late", f"{HOME}/cases?count=due")
PATHS = (*LISTS, f"{HOME}/months")


@pytest.fixture
def history() -> History:
    """March 2026 in worker1's grid: A closed in time, B late, C open and late."""
    found = History()
    for name, day, late in (("A", 2, 0), ("B", 3, 30), ("C", 5, None)):
        began = local(f"2026-03-0{day} 09:00")
        found.report(name, began, by=f"resident:{name}")
        found.start(name, began + hours(0.5))
        if late is not None:
            found.resolve(name, began + hours(1 + late))
            found.close(name, began + hours(2 + late))
    return found


@pytest.fixture
def numbers(db: Connection, kit: Kit, history: History) -> dict[str, str]:
    return history.play(db, kit.atlas())


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "supervisor")


def at(path: str, **query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"


def links(page: str, path: str) -> list[str]:
    """Addresses of the page's links that begin with a path."""
    found = re.findall(r'href="([^"]+)"', page)
    return [html.unescape(one) for one in found if one.startswith(path)]


def plain(page: str) -> str:
    """The page's words, without marks and white space."""
    main = page[page.index("<main") :]
    return "".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_percentages_stand_over_their_parts(numbers: dict[str, str], desk: Desk) -> None:
    words = plain(desk.get(f"{HOME}?{MARCH}"))
    assert "2026年3月" in words
    assert "处置率66.67%2/3" in words
    assert "按期处置率33.33%1/3" in words
    assert "满意率—0/0" in words
    assert "0.00%0/0" not in words


def test_every_number_opens_as_many_cases(numbers: dict[str, str], desk: Desk) -> None:
    page = desk.get(f"{HOME}?{MARCH}&show=counts")
    found = re.findall(rf'<a href="({HOME}/cases[^"]+)" aria-label="[^"]+">(\d+)</a>', page)
    assert len(found) > 2 * 8
    for link, amount in found:
        behind = desk.get(html.unescape(link))
        cases = re.findall(r'<th scope="row"><a href="/console/cases/(HY\d+)"', behind)
        assert len(cases) == int(amount), link
        assert set(cases) <= set(numbers.values())


def test_a_case_is_one_click_from_its_number(numbers: dict[str, str], desk: Desk) -> None:
    (link, *_) = links(desk.get(f"{HOME}?{MARCH}"), f"{HOME}/cases")
    page = desk.get(link)
    assert f"/console/cases/{numbers['A']}" in links(page, "/console/cases/")
    assert numbers["A"] in desk.get(f"/console/cases/{numbers['A']}")


def test_a_denominator_that_leaves_out_the_suspended_shows_both(
    db: Connection, kit: Kit, drive: Drive, desk: Desk, history: History
) -> None:
    asked = local("2026-03-30 09:00")
    review = {"reason": "weather", "review_at": local("2026-04-02 09:00").isoformat()}
    history.add(asked, "unit1", case="C", action="ask_suspension", photos=1, **review)
    granted = asked + hours(1)
    history.add(granted, "supervisor", case="C", action="grant_suspension", **review)
    history.play(db, kit.atlas())
    words = plain(desk.get(f"{HOME}?period=2026-03"))
    assert "结案率100.00%2/(3−1)" in words


@pytest.mark.parametrize("group_by", [*GROUPS])
def test_figures_come_in_every_group(numbers: dict[str, str], desk: Desk, group_by: str) -> None:
    for show in ("main", "all", "counts"):
        page = desk.get(f"{HOME}?{MARCH}&group_by={group_by}&show={show}")
        assert f"按{GROUPS[group_by]}" in page
        assert "<tfoot>" in page
    for link in links(page, f"{HOME}?"):
        desk.get(link)


def test_groups_are_those_of_the_api() -> None:
    assert set(GROUPS) == set(get_args(GroupBy))


def test_a_ranking_says_whom_it_leaves_out(
    db: Connection, kit: Kit, drive: Drive, desk: Desk
) -> None:
    found = History()
    for number in range(11):
        name, began = f"A{number}", local("2026-03-02 09:00") + hours(number)
        found.report(name, began, category=None)
        unit = "U-HW" if number else "U-SZ"
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": unit}
        found.add(began, "desk", case=name, **accepted)
    found.play(db, kit.atlas())
    page = desk.get(f"{HOME}?{MARCH}&rank_by=acceptance_rate")
    words = plain(page)
    assert "分母不足10件的不参加排名" in words
    assert "1洁净环卫公司" in words
    assert words.index("1洁净环卫公司") < words.index("不排名通达市政维护公司")
    assert 'aria-sort="descending"' in desk.get(f"{HOME}?{MARCH}&rank_by=start_in_time_rate")
    assert 'aria-sort="ascending"' in desk.get(f"{HOME}?{MARCH}&rank_by=late_rate")


def test_upheld_appeals_show_what_was_before(
    db: Connection, kit: Kit, drive: Drive, desk: Desk, numbers: dict[str, str]
) -> None:
    db.execute(
        text(
            "UPDATE audit_round SET pardoned_late = 1, pardoned_late_resolved = 1"
            " WHERE late = 1 AND resolved_at IS NOT NULL"
        )
    )
    page = desk.get(f"{HOME}?{MARCH}&group_by=worker&category=exposed-garbage&area=439900")
    words = plain(page)
    assert "按期处置率66.67%2/3" in words
    assert "申诉前33.33%1/3" in words


def test_a_frozen_month_is_marked_everywhere(
    db: Connection, kit: Kit, desk: Desk, numbers: dict[str, str]
) -> None:
    assert "数据截至" in desk.get(f"{HOME}?{MARCH}")
    audit_freeze.freeze(db, kit.atlas(), date(2026, 3, 1))
    for path in LISTS:
        page = desk.get(f"{path}{'&' if '?' in path else '?'}{MARCH}")
        assert "共 3 件案卷，数据不再变化" in page, path
    assert "已封存" in desk.get(f"{HOME}?period=2026&group_by=month")
    assert "已封存" in desk.get(f"{HOME}/comparison?{MARCH}&group_by=month")
    months = desk.get(f"{HOME}/months")
    assert "已封存" in months
    assert len(re.findall(r'<td class="hash">[0-9a-f]{64}</td>', months)) == 1


def test_months_say_what_they_wait_for(
    db: Connection, desk: Desk, numbers: dict[str, str], drive: Drive
) -> None:
    assert "可以封存" in desk.get(f"{HOME}/months")
    db.execute(text("UPDATE audit_day SET appeal_open = 2 WHERE due = 1 AND pair = 'unit_source'"))
    assert "件申诉没有审理" in desk.get(f"{HOME}/months")


def test_without_cases_every_page_says_what_to_do(desk: Desk) -> None:
    for path, words in (
        (HOME, "没有可统计的案卷"),
        (f"{HOME}/comparison", "分母都是零"),
        (f"{HOME}/comparison?group_by=month", "分母都是零"),
        (f"{HOME}/times", "还算不出响应时间"),
        (f"{HOME}/late", "没有超时案卷"),
        (f"{HOME}/late?state=open", "没有尚未处置的超时案卷"),
        (f"{HOME}/cases?count=due", "没有算进这个数字的案卷"),
        (f"{HOME}/months", "还没有可以封存的月份"),
    ):
        page = desk.get(path)
        assert words in page
        assert 'class="button"' in page[page.index(words) :]


@pytest.mark.parametrize("figure", [*FIGURES])
def test_figures_stand_beside_earlier_ones(
    db: Connection, kit: Kit, desk: Desk, history: History, figure: str
) -> None:
    history.report("D", local("2026-02-03 09:00"))
    history.start("D", local("2026-02-03 09:30"))
    history.resolve("D", local("2026-02-03 10:00"))
    history.close("D", local("2026-02-03 11:00"))
    history.play(db, kit.atlas())
    for group_by in ("unit", "root_unit", "street", "community", "month"):
        page = desk.get(f"{HOME}/comparison?{MARCH}&figure={figure}&group_by={group_by}")
        assert f"{FIGURES[figure].label}" in page
    if figure == "resolution_in_time_rate":
        words = plain(page)
        assert "2026年3月33.33%1/3100.00%1/1-66.67" in words
        assert page.count('<circle class="now"') == 2


def test_a_comparison_names_its_periods(numbers: dict[str, str], desk: Desk) -> None:
    words = plain(desk.get(f"{HOME}/comparison?{MARCH}"))
    assert "本期2026年3月；上期2026年2月；去年同期2025年3月" in words
    assert "洁净环卫公司33.33%1/3—0/0——0/0—" in words


def test_times_are_told_by_stage_and_by_holder(numbers: dict[str, str], desk: Desk) -> None:
    page = desk.get(f"{HOME}/times?{MARCH}")
    words = plain(page)
    assert "签收330分30分30分30分30分30分" in words
    assert "处置21小时0分22小时0分22小时0分1小时0分1天7小时1天7小时" in words
    assert "处置，各责任方" in words
    assert "洁净环卫公司2" in words
    check = desk.get(next(u for u in links(page, f"{HOME}/times") if "stage=check" in u))
    assert "核查，各责任方" in plain(check)


def test_late_cases_are_told_with_by_how_much_and_who_held_them(
    numbers: dict[str, str], desk: Desk
) -> None:
    page = desk.get(f"{HOME}/late?{MARCH}&state=closed")
    words = plain(page)
    assert numbers["B"] in page
    assert numbers["C"] not in page
    assert "18小时0分工作时间自然时间1天3小时" in words
    assert "洁净环卫公司18小时0分工作时间" in words
    assert f"{HOME}/cases/{numbers['B']}/spans" in page
    assert "尚未处置" in desk.get(f"{HOME}/late?{MARCH}&state=open")


@pytest.mark.parametrize("path", [f"{HOME}/late", f"{HOME}/cases?count=due"])
def test_pages_neither_skip_nor_repeat(numbers: dict[str, str], desk: Desk, path: str) -> None:
    query = {"period": "2026-03", "limit": "1"}
    seen, page = [], desk.get(at(path, **query))
    while True:
        seen += re.findall(r'<th scope="row"><a href="/console/cases/(HY\d+)"', page)
        following = re.findall(r'class="button" href="([^"]+)">下一页', page)
        if not following:
            break
        page = desk.get(html.unescape(following[0]))
        assert "回到第一页" in page
    wanted = ("B", "C") if path.endswith("late") else ("A", "B", "C")
    assert seen == [numbers[name] for name in wanted]


@pytest.mark.parametrize("path", PATHS)
def test_pages_take_as_many_statements_whatever_they_show(
    drive: Drive, desk: Desk, db: Connection, kit: Kit, history: History, path: str
) -> None:
    """As many with nothing as with cases of two units in two months."""
    address = at(path, period="2026-03") if path in LISTS else path

    def statements() -> int:
        with counted(drive.db) as seen:
            desk.get(address)
        return len(seen)

    empty = statements()
    history.play(db, kit.atlas())
    few = statements()
    more = History()
    for number in range(8):
        began = local("2026-03-10 09:00") + hours(number)
        by = f"resident:{number}"
        more.report(f"X{number}", began, by=by, category=None)
        unit = ("U-HW", "U-SZ")[number % 2]
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": unit}
        more.add(began, "desk", case=f"X{number}", **accepted)
    more.play(db, kit.atlas())
    assert statements() == few == MOST[path.removeprefix(HOME).partition("?")[0]]
    assert empty <= few


MOST = {"": 10, "/comparison": 10, "/times": 4, "/late": 6, "/cases": 4, "/months": 3}
"""Without the one of the times page that reads histograms past SQLAlchemy."""


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("period=2026-13", "时间：应为"),
        ("since=2026-03-05", "结束日期：since 与 until 须同时给出"),
        ("since=2026-03-05&until=2026-03-01", "结束日期：结束日期早于开始日期"),
        ("category=none", "类别：没有这个类别"),
        ("source=none", "来源：没有这个来源"),
        ("group_by=none", "分组：只能是"),
        (urlencode({"period": HOSTILE}), "时间：最多 40 个字"),
        (urlencode({"category": HOSTILE[:30]}), "类别："),
    ],
    ids=["month", "no end", "reversed", "category", "source", "group", "long", "hostile"],
)
def test_what_cannot_be_asked_is_said_beside_the_form(desk: Desk, query: str, named: str) -> None:
    for path in (HOME, f"{HOME}/times"):
        page = desk.get(f"{path}?{query}", status=422)
        assert named in page
        assert "<form" in page
        assert "<script>alert" not in page
        assert "<tfoot>" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"group_by": "worker", "key": "99999999999999999999"},
        {"group_by": "worker", "key": "x"},
        {"group_by": "group", "key": HOSTILE[:60]},
        {"group_by": "kind", "key": "none"},
        {"group_by": "source", "key": "none"},
        {"group_by": "month", "key": "x"},
        {"group_by": "week", "key": "x"},
        {"group_by": "unit", "key": ""},
        {"group_by": "holder", "key": ""},
    ],
    ids=lambda query: f"{query['group_by']} {query['key'][:5]}",
)
def test_a_group_that_nobody_knows_is_empty(
    numbers: dict[str, str], desk: Desk, query: dict[str, str]
) -> None:
    status = 422 if query["group_by"] == "holder" else 200
    page = desk.get(at(f"{HOME}/cases", count="due", period="2026-03", **query), status)
    assert "<script>alert" not in page
    assert status == 422 or "没有算进这个数字的案卷" in page


@pytest.mark.parametrize("path", [*PATHS, f"{HOME}/figures.xlsx", f"{HOME}/units/U-HW/2026-03.pdf"])
def test_grid_workers_see_no_audits(drive: Drive, path: str) -> None:
    worker = sign_in(drive, "worker1")
    assert "可以查看考核数据" in worker.get(path, status=403)
    assert f'href="{HOME}"' not in worker.get("/console/cases")


def test_a_unit_sees_its_own_only(numbers: dict[str, str], drive: Drive) -> None:
    own, other = sign_in(drive, "unit1"), sign_in(drive, "unit4")
    page = own.get(f"{HOME}?{MARCH}")
    assert "洁净环卫公司" in page
    assert '<option value="U-ZF"' not in page
    assert "处置率66.67%2/3" in plain(page)
    page = other.get(f"{HOME}?{MARCH}")
    assert "没有可统计的案卷" in page
    for path in LISTS:
        assert "不在您的范围内" in other.get(at(path, unit="U-HW"), status=404)
    for name in ("units/U-HW/2026-03.pdf", "late.xlsx?unit=U-HW", f"cases/{numbers['A']}/spans"):
        other.get(f"{HOME}/{name}", status=404)
    assert own.answer("GET", f"{HOME}/units/U-HW/2026-03.pdf").status_code == 200


def test_who_has_several_scopes_chooses_one_first(numbers: dict[str, str], drive: Drive) -> None:
    person = drive.staff("supervisor2")
    drive.db.execute(
        text("DELETE FROM role_grant WHERE account_id = :id"), {"id": person.account_id}
    )
    grants = ("439900001", "439900002")
    rows = [
        {"account_id": person.account_id, "role": "supervisor", "scope": "area", "code": code}
        for code in grants
    ]
    drive.db.execute(insert(RoleGrant), rows)
    desk = sign_in(drive, "supervisor2")
    page = desk.get(f"{HOME}?{MARCH}", status=422)
    assert "先选一个范围" in page
    chosen = [link for link in links(page, f"{HOME}?") if "area=" in link]
    assert len(chosen) == len(grants)
    assert "处置率66.67%2/3" in plain(desk.get(chosen[0]))
    assert desk.get(f"{HOME}/late.csv?{MARCH}", status=422)
    assert "不在您的范围内" in desk.get(f"{HOME}?{MARCH}&area=439900", status=404)


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("figures", {"责任单位": "洁净环卫公司", "应处置": "3", "处置率（%）": "66.67"}),
        ("comparison", {"责任单位": "洁净环卫公司", "本期（%）": "33.33", "本期分母": "3"}),
        ("times", {"范围": "洁净环卫公司", "阶段": "签收", "数量": "3"}),
        ("late", {"超时（分钟）": "1620", "超时（工作分钟）": "1080"}),
        ("cases", {"轮次": "1", "类别": "暴露垃圾"}),
    ],
)
def test_every_table_is_a_file(
    numbers: dict[str, str], desk: Desk, path: str, known: dict[str, str]
) -> None:
    query = f"{MARCH}&count=due" if path == "cases" else MARCH
    page = desk.get(f"{HOME}{'' if path == 'figures' else f'/{path}'}?{query}")
    files = links(page, f"{HOME}/{path}.")
    assert [link.partition("?")[0][-4:] for link in files] == ["xlsx", ".csv"]
    book = openpyxl.load_workbook(io.BytesIO(desk.answer("GET", files[0]).data))
    assert dict(book["说明"].iter_rows(min_row=2, values_only=True))["数据截至"]
    head, *lines = book["数据"].iter_rows(values_only=True)
    table = desk.answer("GET", files[1]).data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == len(lines)
    assert tuple(rows[0]) == head
    assert any(known.items() <= row.items() for row in rows)


@pytest.mark.parametrize("query", ["period=x", "group_by=none", "unit=U-HW&area=none"])
def test_a_file_that_cannot_be_asked_for_is_refused(desk: Desk, query: str) -> None:
    answer = desk.answer("GET", f"{HOME}/figures.csv?{query}")
    assert answer.status_code in (404, 422)
    assert "text/html" in answer.content_type


def test_a_units_month_is_one_click_from_its_row(numbers: dict[str, str], desk: Desk) -> None:
    (link,) = links(desk.get(f"{HOME}?{MARCH}"), f"{HOME}/units/")
    assert link == f"{HOME}/units/U-HW/2026-03.pdf"
    answer = desk.answer("GET", link)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("U-HW/2026-13", 422), ("U-HW/2026", 404), ("U-HW/x", 422), ("none/2026-03", 404)],
)
def test_a_month_that_is_none_has_no_sheet(desk: Desk, path: str, status: int) -> None:
    assert "<h1>" in desk.get(f"{HOME}/units/{path}.pdf", status)


def test_a_case_shows_who_held_it(numbers: dict[str, str], desk: Desk, drive: Drive) -> None:
    page = desk.get(f"{HOME}/cases/{numbers['B']}/spans")
    told = drive.staff("supervisor").get(f"/api/v1/cases/{numbers['B']}/clock").json["rounds"][0]
    drawn = re.findall(r'<rect class="(\w+)" x="([\d.]+)%" y="4" width="([\d.]+)%"', page)
    assert [one[0] for one in drawn] == [s["holder"].partition(":")[0] for s in told["spans"]]
    assert sum(float(width) for _, _, width in drawn) == pytest.approx(100, abs=0.1)
    assert float(drawn[0][1]) == 0
    words = plain(page)
    assert "洁净环卫公司" in words
    assert "处置期限" in words
    assert "due-mark" in page
    assert "合计23小时0分1天8小时" in words


def test_names_stay_words(drive: Drive, db: Connection, desk: Desk, numbers: Any) -> None:
    db.execute(text("UPDATE unit SET name = :name WHERE code = 'U-HW'"), {"name": HOSTILE})
    drive.read_set_up()
    for path in (*LISTS, f"{HOME}/cases/{numbers['B']}/spans"):
        page = desk.get(at(path, period="2026-03"))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page, path
    answer = desk.answer("GET", f"{HOME}/units/U-HW/2026-03.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert "\n" not in answer.headers["Content-Disposition"]
