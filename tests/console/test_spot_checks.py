"""Pages of spot checks: drawing, looking, finding, proving."""

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import select

from models import moment
from models.calendar import LOCAL
from models.spot_check import SpotCheck, SpotCheckItem
from tests.api.story import Story, closed_at
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Drive
from tests.factories import make_case
from tests.statements import counted

LIST = "/console/supervision/spot-checks"
HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'
DAY = datetime(2026, 3, 9, 12, tzinfo=LOCAL)


@pytest.fixture
def supervisor(drive: Drive) -> Desk:
    return sign_in(drive, "supervisor")


def closed(drive: Drive, amount: int, **columns: Any) -> list[str]:
    given: dict[str, Any] = {
        "status": "closed",
        "holder": "none",
        "closed_at": DAY,
        "accepted_at": DAY,
    }
    return [
        make_case(drive.db, drive.kit.atlas(), submitted_at=DAY, **given | columns)
        for _ in range(amount)
    ]


def form(desk: Desk, **change: Any) -> dict[str, Any]:
    given = {"first": "2026-03-01", "last": "2026-03-31", "size": "5", "self_handled_weight": "3"}
    return given | {"csrf": csrf_of(desk.get(f"{LIST}/new")), "once": uuid4().hex} | change


def draw(desk: Desk, **change: Any) -> str:
    """Draws over the page; the address of the draw."""
    answer = desk.answer("POST", LIST, data=form(desk, **change))
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"]).partition("?")[0]


def find(desk: Desk, url: str, position: int = 1, **fields: str) -> Any:
    data = {"csrf": csrf_of(desk.get(url)), "finding": "genuine", "comment": ""} | fields
    return desk.answer("POST", f"{url}/{position}", data=data)


def test_an_empty_list_leads_to_the_first_draw(supervisor: Desk) -> None:
    assert f'href="{LIST}/new"' in supervisor.get(LIST)
    page = supervisor.get(f"{LIST}/new")
    assert "抽取后不能重来" in page
    assert '<option value="group:' in page


def test_a_draw_is_made_and_shown(drive: Drive, supervisor: Desk) -> None:
    numbers = closed(drive, 3, description=HOSTILE)
    page = supervisor.get(draw(supervisor))
    assert set(re.findall(r'href="/console/cases/(OLD\w+)"', page)) == set(numbers)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert drive.db.execute(select(SpotCheck.seed)).scalar_one() in page
    assert "第 1 件" in page
    listed = supervisor.get(LIST)
    assert "2026-03-01 至 2026-03-31" in listed


def test_the_same_form_sent_twice_draws_once(drive: Drive, supervisor: Desk) -> None:
    closed(drive, 3)
    data = form(supervisor)
    answers = [supervisor.answer("POST", LIST, data=data) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    changed = supervisor.answer("POST", LIST, data=data | {"size": "2"})
    assert changed.status_code == 422
    assert "这个表单已经提交过" in changed.text
    assert len(drive.db.execute(select(SpotCheck.id)).all()) == 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"last": "2026-02-01"}, "last"),
        ({"last": "2026-12-31"}, "last"),
        ({"last": "2999-01-01"}, "last"),
        ({"first": ""}, "first"),
        ({"size": "0"}, "size"),
        ({"size": "x"}, "size"),
        ({"self_handled_weight": "11"}, "self_handled_weight"),
        ({"category": "no-such"}, "category"),
        ({"first": "2001-01-01", "last": "2001-01-02"}, "first"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else value,
)
def test_a_refused_form_comes_back_with_its_faults(
    drive: Drive, supervisor: Desk, change: dict[str, str], where: str
) -> None:
    closed(drive, 1)
    answer = supervisor.answer("POST", LIST, data=form(supervisor, unit="U-CG", **change))
    assert answer.status_code == 422
    assert f'id="{where}-fault"' in answer.text
    assert '<option value="U-CG" selected>' in answer.text
    assert drive.db.execute(select(SpotCheck.id)).all() == []


@pytest.mark.parametrize(
    ("username", "status"), [("desk", 403), ("unit1", 403), ("worker1", 403), ("admin", 200)]
)
def test_who_sees_draws(drive: Drive, supervisor: Desk, username: str, status: int) -> None:
    closed(drive, 1)
    url = draw(supervisor)
    other = sign_in(drive, username)
    for path in (LIST, url, f"{url}/proof", f"{url}.xlsx", f"{url}/population.txt"):
        assert other.answer("GET", path).status_code == status, path
    assert other.answer("GET", f"{LIST}/new").status_code == 403
    assert f"{LIST}/new" not in other.answer("GET", LIST).text


@pytest.mark.parametrize("path", ["/999999999", "/9223372036854775808", "/x", "/1%00", "/-1"])
def test_no_such_draw(supervisor: Desk, path: str) -> None:
    supervisor.get(LIST + path, status=404)


def test_a_finding_is_recorded_once(drive: Drive, supervisor: Desk) -> None:
    closed(drive, 2)
    url = draw(supervisor)
    answer = find(supervisor, url, finding="faked", comment=HOSTILE)
    assert answer.status_code == 302
    page = supervisor.get(url)
    assert "弄虚作假" in page
    assert "<script>alert" not in page
    assert "去重新办理" in page
    assert "已记录第 1 件的结论" in supervisor.get(answer.headers["Location"].partition("#")[0])
    assert find(supervisor, url, finding="faked", comment=HOSTILE).status_code == 302
    late = find(sign_in(drive, "supervisor2"), url, finding="genuine", comment="我看是真的")
    assert late.status_code == 409
    assert "不能修改" in late.text
    assert "我看是真的" in late.text, "nothing typed is lost"
    row = drive.db.execute(select(SpotCheckItem).where(SpotCheckItem.position == 1)).one()
    assert row.comment == HOSTILE
    (number,) = re.findall(r'id="t1">1. <a href="/console/cases/(\w+)"', page)
    told = supervisor.get(f"/console/cases/{number}").partition('id="story"')[2]
    assert "<b>抽查</b>" in told
    assert "弄虚作假" in told
    assert "&lt;script&gt;alert" in told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"finding": "not_done"}, "请写明看到了什么"),
        ({"finding": "x", "comment": "写到一半"}, "写到一半"),
        ({"finding": "", "comment": "写到一半"}, "写到一半"),
        ({"finding": "genuine", "comment": "长" * 501}, "长" * 501),
        ({"finding": "genuine", "comment": "a\x00b"}, "含有无法保存的字符"),
    ],
    ids=["no comment", "unknown", "none", "too long", "nul"],
)
def test_a_refused_finding_stays_typed(
    drive: Drive, supervisor: Desk, fields: dict[str, Any], words: str
) -> None:
    closed(drive, 1)
    url = draw(supervisor)
    answer = find(supervisor, url, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert drive.db.execute(select(SpotCheckItem.finding)).scalars().all() == [None]


def test_a_form_of_another_session_is_refused(drive: Drive, supervisor: Desk) -> None:
    closed(drive, 1)
    url = draw(supervisor)
    data = {"csrf": "0" * 64, "finding": "genuine", "comment": ""}
    assert supervisor.answer("POST", f"{url}/1", data=data).status_code == 403
    assert supervisor.answer("POST", LIST, data=form(supervisor, csrf="")).status_code == 403


def test_views_and_pages_of_a_draw(drive: Drive, supervisor: Desk) -> None:
    closed(drive, 25)
    url = draw(supervisor, size="25")
    first = supervisor.get(url)
    assert first.count('class="card drawn"') == 20
    rest = supervisor.get(f"{url}?view=all&after=20")
    assert rest.count('class="card drawn"') == 5
    assert f"{url}?view=all&amp;after=20" in first
    find(supervisor, url, position=3, finding="not_done", comment="还堆着")
    assert supervisor.get(f"{url}?view=bad").count('class="card drawn"') == 1
    assert 'id="case-3"' not in supervisor.get(f"{url}?view=open")
    assert supervisor.get(f"{url}?view=nonsense&after=x").count('class="card drawn"') == 20


def test_the_sheet_and_the_population_are_whole(drive: Drive, supervisor: Desk) -> None:
    numbers = closed(drive, 4, description="=HYPERLINK(1)")
    url = draw(supervisor, size="2")
    find(supervisor, url, finding="faked", comment="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(supervisor.answer("GET", f"{url}.xlsx").data))
    about = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True) if row[0]}
    rows = list(book["数据"].iter_rows(values_only=True))
    kept = drive.db.execute(select(SpotCheck)).one()
    assert about["种子"] == kept.seed
    assert about["总体 SHA-256"] == kept.population_sha256.hex()
    assert about["属实率（全部）"] == "0.00 %（0 ÷ 1）"
    assert len(rows) == 3
    assert rows[1][9:11] == ("弄虚作假", "'=1+1")
    lines = supervisor.answer("GET", f"{url}/population.txt")
    assert lines.data.decode() == "".join(f"{number} 1\n" for number in sorted(numbers))
    assert hashlib.sha256(lines.data).digest() == kept.population_sha256


def test_a_draw_is_proven_on_its_page(drive: Drive, supervisor: Desk) -> None:
    story = Story(drive).start().resolve().close()
    day = closed_at(story).astimezone(LOCAL).date().isoformat()
    with moment.at(closed_at(story) + timedelta(days=1)):
        url = draw(supervisor, first=day, last=day)
    page = supervisor.get(f"{url}/proof")
    assert "核对一致" in page
    assert "没有变化" in page
    with moment.at(datetime.now(UTC) + timedelta(days=2)):
        story.supervisor.done(story.number, "reopen", reason="又堆上了")
    page = supervisor.get(f"{url}/proof")
    assert "核对一致" in page
    assert "少了 1 件" in page
    assert "重新办理" in page
    assert "台账没有解释" not in page


def test_who_had_a_hand_in_a_case_is_told(drive: Drive, supervisor: Desk) -> None:
    story = Story(drive).start().resolve()
    story.supervisor.done(
        story.number,
        "pass",
        method="on_site",
        reply="11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。",
        photo_ids=[story.supervisor.photo()],
    )
    day = closed_at(story).astimezone(LOCAL).date().isoformat()
    with moment.at(closed_at(story) + timedelta(days=1)):
        url = draw(supervisor, first=day, last=day)
    answer = find(supervisor, url)
    assert answer.status_code == 403
    assert "由您核查结案" in answer.text
    assert find(sign_in(drive, "supervisor2"), url).status_code == 302


@pytest.mark.parametrize("cases", [1, 20])
def test_pages_take_a_fixed_number_of_statements(
    drive: Drive, supervisor: Desk, cases: int
) -> None:
    closed(drive, cases)
    url = draw(supervisor, size=str(cases))
    draw(supervisor, size="1")
    for path, statements in ((LIST, 2), (url, 5), (f"{url}/proof", 6)):
        with counted(drive.db) as seen:
            supervisor.get(path)
        assert len(seen) == statements, (path, seen)
