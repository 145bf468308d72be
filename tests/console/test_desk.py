"""The desk: what waits, in order of urgency, and one case after the other."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.services import reply_template
from models.case import Case
from models.geo import Point
from models.status import Action
from models.timer import Timer
from tests.console.desk import Desk, csrf_of, sign_in, version_of
from tests.drive import CENTRE, Drive, place
from tests.statements import counted


@pytest.fixture
def desk(drive: Drive) -> Desk:
    return sign_in(drive, "desk")


def waiting(drive: Drive, name: str, east: float = 0.0) -> str:
    """A case that waits for the desk."""
    where = place(Point(CENTRE.longitude + east, CENTRE.latitude))
    made = drive.resident(name).report(
        "cooking-fumes", photo_ids=[drive.resident(name).photo()], location=where
    )
    assert made["status"] == "submitted"
    number: str = made["case_number"]
    return number


def order(page: str) -> list[str]:
    return re.findall(r'href="/console/desk\?case=(HY\d+)"', page)


def test_an_empty_desk_says_so(desk: Desk) -> None:
    page = desk.get("/console/desk")
    assert "都办完了" in page
    assert "没有等您办理的案卷" in page


def test_the_nearest_due_comes_first_and_emergencies_before(drive: Drive, desk: Desk) -> None:
    late, soon, grave = (waiting(drive, name, i * 0.004) for i, name in enumerate("abc"))
    now = datetime.now(UTC)
    for number, hours in ((late, 3), (soon, 1), (grave, 5)):
        case_id = drive.db.execute(
            update(Case)
            .where(Case.number == number)
            .values(emergency=number == grave)
            .returning(Case.id)
        ).scalar_one()
        due = now + timedelta(hours=hours)
        drive.db.execute(update(Timer).where(Timer.case_id == case_id).values(due_at=due))
    page = desk.get("/console/desk")
    assert order(page) == [grave, soon, late]
    assert f"<small>{grave}</small>" in page, "the first is opened"


def test_each_sees_what_waits_for_them(drive: Drive, desk: Desk) -> None:
    number = waiting(drive, "a")
    assert order(desk.get("/console/desk/queue")) == [number]
    assert order(sign_in(drive, "unit1").get("/console/desk/queue")) == []
    desk.act(number, "accept", unit="U-HW")
    assert order(desk.get("/console/desk/queue")) == []
    assert order(sign_in(drive, "unit1").get("/console/desk/queue")) == [number]


def test_after_an_action_the_next_one_is_open(drive: Drive, desk: Desk) -> None:
    first, second = waiting(drive, "a"), waiting(drive, "b", 0.004)
    page = desk.get(f"/console/desk?case={first}")
    form = {
        "csrf": csrf_of(page),
        "version": version_of(page),
        "back": "desk",
        "reason": "unclear",
        "reply": "请补充具体位置后重新上报，谢谢您的关注",
    }
    answer = desk.client.post(f"/console/cases/{first}/reject", data=form, follow_redirects=True)
    assert "已完成“不予立案”" in answer.text
    assert f'href="/console/cases/{first}"' in answer.text
    assert f"<small>{second}</small>" in answer.text


def test_two_at_the_desk_race_for_one_case(drive: Drive) -> None:
    number = waiting(drive, "a")
    one, two = sign_in(drive, "desk"), sign_in(drive, "desk")
    pages = [one.get(f"/console/desk?case={number}"), two.get(f"/console/desk?case={number}")]
    answers = [
        person.client.post(
            f"/console/cases/{number}/accept",
            data={"csrf": csrf_of(page), "version": version_of(page), "unit": unit, "back": "desk"},
        )
        for person, page, unit in ((one, pages[0], "U-HW"), (two, pages[1], "U-CG"))
    ]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "刚刚被他人更新" in answers[1].text
    assert drive.staff("desk").case(number)["unit"] == "U-HW"


def test_cases_around_are_shown_and_merged_into(drive: Drive, desk: Desk) -> None:
    first, same, far = waiting(drive, "a"), waiting(drive, "b", 0.0003), waiting(drive, "c", 0.004)
    page = desk.get(f"/console/desk?case={same}")
    around = page[page.index("附近未办结的案卷") :]
    assert first in around
    assert far not in around
    opened = desk.get(f"/console/desk?case={same}&merge={first}")
    assert f'name="target" value="{first}"' in opened
    done = desk.act(same, "merge", target=first)
    assert "已完成“并案”" in done


def test_keys_stand_beside_the_actions(drive: Drive, desk: Desk) -> None:
    waiting(drive, "a")
    page = desk.get("/console/desk")
    keys = re.findall(r'<details data-action="(\w+)".*?<kbd>(\w)</kbd>', page, re.DOTALL)
    assert ("accept", "a") in keys
    assert ("reject", "r") in keys
    used = [key for _, key in keys]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("cases", [1, 5])
def test_the_desk_takes_a_fixed_number_of_statements(drive: Drive, desk: Desk, cases: int) -> None:
    for i in range(cases):
        waiting(drive, f"p{i}", i * 0.004)
    with counted(drive.db) as seen:
        desk.get("/console/desk")
    assert len(seen) == 9, "person, queue, clocks, case, around, pictures, replies, two of people"


def test_a_case_out_of_scope_is_not_opened(drive: Drive) -> None:
    number = waiting(drive, "a")
    assert "没有找到" in sign_in(drive, "unit4").get(f"/console/desk?case={number}", status=404)


def test_replies_are_offered_with_what_is_known_of_the_case(drive: Drive, desk: Desk) -> None:
    number = waiting(drive, "a")
    body = "您反映的{category}在{address}，{unit}不予受理 <b>"
    reply_template.add(drive.db, Action.REJECT, "不属受理范围", body)
    reply_template.add(drive.db, Action.PASS, "已清理", "垃圾已于{date}清理干净，并拍照核对。")
    page = desk.get(f"/console/desk?case={number}")
    text = "您反映的油烟扰民在【地址】，【责任单位】不予受理 &lt;b&gt;"
    assert f'<option value="{text}">不属受理范围</option>' in page
    assert 'data-fills="reject-reply"' in page
    assert "已清理" not in page, "only of what is possible now"


def test_a_refusal_at_the_desk_stays_at_the_desk(drive: Drive, desk: Desk) -> None:
    number, other = waiting(drive, "a"), waiting(drive, "b", 0.004)
    page = desk.get(f"/console/desk?case={number}")
    form = {"csrf": csrf_of(page), "version": version_of(page), "back": "desk", "comment": ""}
    answer = desk.answer("POST", f"/console/cases/{number}/remark", data=form)
    assert answer.status_code == 422
    assert f'href="/console/desk?case={other}"' in answer.text
    assert f'<li aria-current="true">\n    <a href="/console/desk?case={number}">' in answer.text
    assert "“批注”没有完成" in answer.text


def test_a_reply_that_nobody_filled_in_does_not_go_out(drive: Drive, desk: Desk) -> None:
    number = waiting(drive, "a")
    reply = "您反映的问题在【地址】，不属于受理范围，请向所属物业反映"
    page = desk.act(number, "reject", 422, reason="out_of_scope", reply=reply)
    assert "请把【地址】换成实际内容" in page
    assert reply in page
    assert drive.staff("desk").case(number)["status"] == "submitted"
    kept = desk.act(
        number, "reject", reason="out_of_scope", reply=reply.replace("【地址】", "【门口】")
    )
    assert "已完成“不予立案”" in kept
