"""Pages of the district: who answers, who is on duty, calendars, replies, the map."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.services import reply_template, staff
from models.admin_log import AdminEntry
from models.area import CalendarException, ImportBatch, Unit
from models.calendar import LOCAL
from models.duty import Leave
from models.reply_template import ReplyTemplate
from tests.console.desk import PASSWORD, Desk, csrf_of, sign_in
from tests.console.district import HOSTILE
from tests.drive import Answer, Drive

RULES = "/console/district/responsibilities"
CHECK = f"{RULES}/check?coord_type=wgs84&longitude=112.57&latitude=26.90"
TEMPLATES = "/console/district/templates"
CALENDAR = "/console/district/calendar"
GOOD = "您反映的{address}{category}，{unit}已于{date}清理干净。"


@pytest.fixture
def admin(drive: Drive) -> Desk:
    return sign_in(drive, "admin")


def send(desk: Desk, path: str, **form: Any) -> Answer:
    token = csrf_of(desk.get("/console/admin"))
    return desk.client.post(path, data={"csrf": token} | form)


def told(drive: Drive) -> list[tuple[str, str]]:
    rows = drive.db.execute(select(AdminEntry.what, AdminEntry.subject).order_by(AdminEntry.id))
    return [(row.what, row.subject) for row in rows]


def test_a_place_is_routed_as_a_case_would_be(drive: Drive, admin: Desk) -> None:
    page = admin.get(f"{CHECK}&category=exposed-garbage")
    made = drive.resident().report()
    unit = drive.staff("desk").case(made["case_number"])["unit_name"]
    assert f"归 <b>{unit}</b>" in page
    assert "先属地后属主" in page
    assert "大类“环境卫生”" in page


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("longitude=x&latitude=26.9&coord_type=wgs84", 422, "check-longitude-fault"),
        ("longitude=112.57&latitude=&coord_type=wgs84", 422, "check-latitude-fault"),
        ("longitude=112.57&latitude=26.9&coord_type=x", 422, "check-coord_type-fault"),
        ("longitude=10&latitude=10&coord_type=wgs84", 200, "不在服务范围内"),
        ("longitude=112.57&latitude=26.9&coord_type=wgs84&category=none", 200, "类别说不清"),
        ("", 200, "查一个地点归谁"),
    ],
    ids=["no number", "one missing", "no system", "outside", "no category", "not asked"],
)
def test_a_place_that_cannot_be_routed_says_why(
    admin: Desk, query: str, status: int, said: str
) -> None:
    assert said in admin.get(f"{RULES}/check?{query}", status=status)


def test_the_matrix_shows_what_routing_decides(drive: Drive, admin: Desk) -> None:
    page = admin.get(f"{RULES}?level=grid&within=439900001003")
    assert page.count('class="cell"') == 7 * 10
    assert "书院社区第四网格" in page
    assert "云锦社区第一网格" not in page
    assert "洁净环卫公司" in page
    assert "区级规则" in page


def test_one_cell_tells_the_rule_of_each_category(admin: Desk) -> None:
    page = admin.get(f"{RULES}/areas/43990000100304?group=environment")
    assert "暴露垃圾" in page
    assert "区“示范区” · 大类“环境卫生”" in page
    assert "违规户外广告" not in page
    assert "没有找到" in admin.get(f"{RULES}/areas/none", status=404)


def test_on_an_earlier_day_the_rules_of_that_day_hold(admin: Desk) -> None:
    page = admin.get(f"{RULES}/areas/439900?group=environment&day=2024-06-01")
    assert "<td>示范区城市管理局</td>" in page
    assert "2024-01-01 起至 2024-12-31，先属地后属主" in page
    now = admin.get(f"{RULES}/areas/439900?group=environment")
    assert "2024-01-01 起至 2024-12-31，先属地后属主" not in now


def test_gaps_and_rules_without_effect_are_listed(drive: Drive, admin: Desk) -> None:
    clear = admin.get(RULES)
    assert "空缺" not in clear
    assert "专属责任区相互交叉 1 处" in clear
    drive.db.execute(
        update(Unit).where(Unit.code.in_(["U-HW", "U-CG"])).values(retired_at=func.now())
    )
    drive.read_set_up()
    page = admin.get(RULES)
    assert "空缺" in page
    assert "单位已停用，改由上一级规则决定" in page
    assert '<span class="gap">受理台' in page


@pytest.mark.parametrize(
    "query", ["?level=none", "?level=overlay", "?within=none", "?day=x", "?page=999", "?page=-1"]
)
def test_addresses_that_make_no_sense_are_no_fault(admin: Desk, query: str) -> None:
    for path in (RULES, "/console/district/areas", "/console/district/duties"):
        admin.get(path + query)


def test_areas_are_found_and_looked_at(admin: Desk) -> None:
    page = admin.get("/console/district/areas?q=书院&level=grid&area=43990000100304")
    assert page.count("书院社区第") >= 7
    assert "云锦社区第一网格</a>" not in page
    assert 'class="chosen"' in page
    assert "示范区 › 甲街道 › 书院社区" in page
    assert "没有符合条件的区域" in admin.get("/console/district/areas?q=%3Cscript%3E")
    admin.get("/console/district/areas?area=none", status=404)


def test_the_week_shows_who_is_on_duty(drive: Drive, admin: Desk) -> None:
    page = admin.get("/console/district/duties?within=439900001003")
    assert "赵甲" in page
    assert "甲街道值班室" in page
    assert "无人值班，由受理台核查" in page


def test_leave_is_recorded_once_and_shown(drive: Drive, admin: Desk) -> None:
    day = datetime.now(LOCAL).date() + timedelta(days=1)
    form = {"worker": "worker1", "starts_at": f"{day}T00:00", "ends_at": f"{day}T23:00"}
    for _ in range(2):
        answer = send(admin, "/console/district/duties/leave", **form)
        assert answer.location == "/console/district/duties?left=worker1"
    assert drive.db.execute(select(func.count()).select_from(Leave)).scalar_one() == 1
    assert told(drive) == [("leave.import", "worker1")]
    drive.read_set_up()
    page = admin.get(f"/console/district/duties?within=439900001003&week={day}")
    assert "赵甲请假" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"worker": "worker1", "starts_at": "2030-01-02T08:00", "ends_at": "2030-01-01T08:00"},
         "结束时间须晚于开始时间"),
        ({"worker": "nobody", "starts_at": "2030-01-01T08:00", "ends_at": "2030-01-02T08:00"},
         "没有网格员“nobody”"),
        ({"worker": "worker1", "starts_at": "", "ends_at": "2030-01-02T08:00"}, "请填写日期和时间"),
        ({"worker": "worker1", "starts_at": "1000-01-01T08:00", "ends_at": "x"}, "年份应在"),
    ],
    ids=["backwards", "nobody", "blank", "long ago"],
)  # fmt: skip
def test_leave_that_makes_no_sense_is_refused(
    drive: Drive, admin: Desk, form: dict[str, str], said: str
) -> None:
    answer = send(admin, "/console/district/duties/leave", **form)
    assert answer.status_code in (404, 422)
    assert said in answer.text
    assert f'value="{form["ends_at"]}"' in answer.text
    assert drive.db.execute(select(Leave.id)).all() == []


def test_a_local_holiday_is_set_and_cleared(drive: Drive, admin: Desk) -> None:
    form = {"calendar": "office", "day": "2030-03-04", "until": "2030-03-05", "off": "1",
            "note": "市政府通知 <b>"}  # fmt: skip
    before = drive.db.execute(select(func.count()).select_from(ImportBatch)).scalar_one()
    answer = send(admin, CALENDAR, **form)
    page = admin.get(answer.location)
    assert "2030-03-04 至 2030-03-05：现在是 休息（按法定安排是 08:30-12:00,14:30-17:30）" in page
    assert "市政府通知 &lt;b&gt;" in page
    assert 'class="local off"' in page
    assert send(admin, CALENDAR, **form).status_code == 303
    after = drive.db.execute(select(func.count()).select_from(ImportBatch)).scalar_one()
    assert after == before + 1
    cleared = send(admin, CALENDAR, what="clear", calendar="office", day="2030-03-04",
                   until="2030-03-05")  # fmt: skip
    assert "现在是 08:30-12:00,14:30-17:30" in admin.get(cleared.location)
    assert drive.db.execute(select(CalendarException.day)).all() == []
    assert [what for what, _ in told(drive)] == ["calendar.import"] * 2


@pytest.mark.parametrize(
    ("form", "pointer", "said"),
    [
        ({"day": ""}, "day", "请选择日期"),
        ({"hours": ""}, "hours", "请填写工作时间"),
        ({"hours": "8-12"}, "hours", "时间段写作"),
        ({"hours": "14:30-17:30,08:30-12:00"}, "hours", "时间段写作"),
        ({"note": " "}, "note", "请写明依据"),
        ({"until": "2030-03-01"}, "until", "截止日期须不早于开始日期"),
        ({"calendar": "always"}, "", "可以设置例外的日历"),
        ({"calendar": "none"}, "", "可以设置例外的日历"),
        ({"what": "clear"}, "day", "没有设置例外"),
    ],
    ids=["no day", "no hours", "odd", "order", "no note", "backwards", "always", "none", "clear"],
)
def test_an_exception_that_makes_no_sense_is_refused(
    drive: Drive, admin: Desk, form: dict[str, str], pointer: str, said: str
) -> None:
    good = {"calendar": "office", "day": "2030-03-04", "hours": "08:30-12:00", "note": "通知甲"}
    answer = send(admin, CALENDAR, **good | form)
    assert answer.status_code == 422
    assert said in answer.text
    if pointer and "what" not in form:
        assert f'id="day-{pointer}-fault"' in answer.text
        assert "2030-03-04" in answer.text or pointer == "day"
    assert drive.db.execute(select(CalendarException.day)).all() == []


def test_holidays_and_shifted_weekends_are_told(admin: Desk) -> None:
    page = admin.get(f"{CALENDAR}?year=2026")
    assert 'class="holiday" title="10月1日 休息，法定节假日"' in page
    assert 'class="shifted" title="10月10日 08:30-12:00,14:30-17:30，调休上班"' in page
    assert "工作日 248 天" in page
    assert "尚未公布或未收录" in admin.get(f"{CALENDAR}?year=2040")
    assert "工作日 365 天" in admin.get(f"{CALENDAR}?year=2026&calendar=street")


def test_templates_are_added_changed_and_retired(drive: Drive, admin: Desk) -> None:
    for _ in range(2):
        answer = send(admin, TEMPLATES, action="pass", name="已清理", body=GOOD)
        assert answer.location == f"{TEMPLATES}?done=added"
    page = admin.get(answer.location)
    assert "您反映的解放路 12 号门前暴露垃圾，洁净环卫公司已于【日期】清理干净。" in page
    (row,) = reply_template.in_use(drive.db)
    better = f"{GOOD}欢迎监督。"
    form = {"seen_name": row.name, "seen_body": row.body, "name": "清理完", "body": better}
    for _ in range(2):
        assert send(admin, f"{TEMPLATES}/{row.id}", **form).status_code == 303
    assert [r.body for r in reply_template.in_use(drive.db)] == [better]
    for _ in range(2):
        assert send(admin, f"{TEMPLATES}/{row.id}/retire").status_code == 303
    assert reply_template.in_use(drive.db) == []
    assert [what for what, _ in told(drive)] == ["template.add", "template.change",
                                                 "template.retire"]  # fmt: skip
    assert send(admin, f"{TEMPLATES}/{row.id}", **form).status_code == 404


def test_a_template_that_another_changed_is_not_overwritten(drive: Drive, admin: Desk) -> None:
    row_id = reply_template.add(drive.db, "pass", "已清理", GOOD)
    staff.create(drive.db, "admin2", "另一位", None, ["admin@all"], PASSWORD)
    other = sign_in(drive, "admin2")
    seen = {"seen_name": "已清理", "seen_body": GOOD, "name": "已清理"}
    first = f"{GOOD}先到的话。"
    assert send(other, f"{TEMPLATES}/{row_id}", **seen, body=first).status_code == 303
    answer = send(admin, f"{TEMPLATES}/{row_id}", **seen, body=f"{GOOD}后到的话。")
    assert answer.status_code == 409
    for said in ("刚刚被他人修改", "先到的话", "后到的话"):
        assert said in answer.text
    assert drive.db.execute(select(ReplyTemplate.body)).scalar_one() == first


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"body": "已处理完毕，感谢您的反馈。"}, "套话"),
        ({"body": "{category}{address}已处理"}, "套话"),
        ({"body": "字" * 501}, "最多 500 个字，现在 501 个"),
        ({"body": f"{GOOD}{{street}}"}, "不认识“{street}”"),
        ({"name": ""}, "必填"),
        ({"name": "字" * 31}, "最多 30 个字"),
        ({"action": "merge"}, "请选择用在哪个操作"),
        ({"body": f"{GOOD}\x00"}, "含有无法保存的字符"),
    ],
    ids=["formula", "braces", "long", "unknown", "nameless", "long name", "action", "nul"],
)
def test_a_template_that_does_not_fit_is_refused(
    drive: Drive, admin: Desk, form: dict[str, str], said: str
) -> None:
    answer = send(admin, TEMPLATES, **{"action": "pass", "name": "已清理", "body": GOOD} | form)
    assert answer.status_code == 422
    assert said in answer.text
    assert reply_template.in_use(drive.db) == []


def test_a_hostile_template_stays_text(drive: Drive, admin: Desk) -> None:
    send(admin, TEMPLATES, action="reject", name=HOSTILE[:30], body=HOSTILE)
    page = admin.get(TEMPLATES)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_set_to_begin_with_is_offered_once(drive: Drive, admin: Desk) -> None:
    assert "添加常用模板" in admin.get(TEMPLATES)
    for _ in range(2):
        send(admin, f"{TEMPLATES}/starters")
    assert len(reply_template.in_use(drive.db)) == len(reply_template.STARTERS)
    assert "添加常用模板</button>" not in admin.get(TEMPLATES)
    assert [what for what, _ in told(drive)] == ["template.add"]


def test_limits_are_told_in_words(admin: Desk) -> None:
    page = admin.get("/console/district/catalogue")
    assert "4 个工作小时" in page
    assert "先期处置 " in page
    assert "灯杆编号" in page
