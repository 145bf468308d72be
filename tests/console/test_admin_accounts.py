"""Accounts as administrators see and change them: who may, what is shown, and two at once."""

import re
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from models.account import Account, LoginSession, RoleGrant
from models.area import ImportBatch
from tests.console.admin import ACCOUNTS, field, logged, secret, send, table
from tests.console.desk import PASSWORD, csrf_of, sign_in
from tests.drive import Drive
from tests.statements import counted

NEW = f"{ACCOUNTS}/new"
UNIT1 = f"{ACCOUNTS}/of/unit1"
HOSTILE = '<script>alert(1)</script>"><img src=x>'


def names(page: str) -> list[str]:
    return re.findall(rf'<a href="{ACCOUNTS}/of/([^"]+)">', page)


@pytest.mark.parametrize("username", ["desk", "supervisor", "unit1", "worker1"])
@pytest.mark.parametrize("path", ["", "/new", "/of/admin", ".xlsx"])
def test_only_who_administers_the_whole_installation_may(
    drive: Drive, username: str, path: str
) -> None:
    assert "只有管理员" in sign_in(drive, username).get(f"{ACCOUNTS}{path}", status=403)


def test_the_navigation_leads_there_for_administrators_only(drive: Drive) -> None:
    assert 'href="/console/admin"' in sign_in(drive, "admin").get(ACCOUNTS)
    assert 'href="/console/admin"' not in sign_in(drive, "desk").get("/console/cases")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=严督", ["supervisor"]),
        ("q=UNIT1", ["unit1", *(f"unit{n}" for n in (10, 11, 12, 13, 14, 15, 16))]),
        ("q=100%", []),
        ("role=admin", ["admin"]),
        ("role=supervisor&unit=U-DC", ["supervisor", "supervisor2"]),
        ("unit=U-HW", ["unit1", "unit13"]),
        ("unit=nowhere", []),
        ("enabled=no", []),
    ],
)
def test_accounts_are_found(drive: Drive, query: str, found: list[str]) -> None:
    assert names(sign_in(drive, "admin").get(f"{ACCOUNTS}?{query}")) == found


def test_the_list_goes_on_page_by_page(drive: Drive) -> None:
    for number in range(120):
        row = {"username": f"z{number:03}", "display_name": "某人"}
        drive.db.execute(insert(Account).values(row))
    admin, path, seen = sign_in(drive, "admin"), ACCOUNTS, list[str]()
    while path:
        page = admin.get(path)
        seen += names(page)
        following = re.findall(r'<a class="button" href="([^"]+after=[^"]+)">下一页', page)
        path = following[0].replace("&amp;", "&") if following else ""
    known = select(Account.username).where(Account.username.is_not(None))
    assert seen == list(drive.db.execute(known.order_by(Account.username)).scalars())


def test_the_list_costs_the_same_whatever_is_in_it(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    for query in ("", "?q=nobody-here", "?role=grid_worker&unit=U-JD1&enabled=yes"):
        with counted(drive.db) as statements:
            admin.get(f"{ACCOUNTS}{query}")
        assert len(statements) == 2, query
    with counted(drive.db) as statements:
        admin.get(UNIT1)
    assert len(statements) == 3


def test_an_account_is_shown_in_words(drive: Drive) -> None:
    page = sign_in(drive, "admin").get(f"{ACCOUNTS}/of/supervisor")
    assert "<dt>督查员</dt><dd>全部范围</dd>" in page
    assert "（负责人）" in page
    sign_in(drive, "admin").get(f"{ACCOUNTS}/of/nobody", status=404)


def test_an_account_is_made_and_its_password_told_once(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    typed: dict[str, Any] = {
        "account": "new.one",
        "name": "新来的",
        "unit": "U-HW",
        "head": "yes",
        "role": ["unit_staff", "", "supervisor"],
        "place": [place_of(admin.get(NEW), "U-HW"), "", "全部范围"],
    }
    page = send(admin, NEW, NEW, **typed)
    password = secret(page)
    answer = drive.client.post(
        "/api/v1/sessions", json={"username": "new.one", "password": password}
    )
    assert answer.status_code == 201
    assert answer.json["account"]["unit"] == "U-HW"
    assert [(one["role"], one["scope"]) for one in answer.json["account"]["roles"]] == [
        ("unit_staff", "unit:U-HW"),
        ("supervisor", "all"),
    ]
    assert password not in admin.get(f"{ACCOUNTS}/of/new.one")
    assert logged(drive.db) == [("account.create", "new.one")]
    again = send(admin, NEW, NEW, status=409, **typed)
    assert "用户名 new.one 已被使用" in again
    assert "<code" not in again


def place_of(page: str, code: str) -> str:
    (found,) = re.findall(rf'<option value="([^"]+ {code}）)">', page)
    return str(found)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"account": "a b"}, "应为字母、数字"),
        ({"account": ""}, "应为字母、数字"),
        ({"name": " "}, "必填"),
        ({"unit": "U-NO"}, "没有单位“U-NO”"),
        ({"unit": "", "head": "yes"}, "负责人须有所属单位"),
        ({"role": "", "place": ""}, "至少要有一个角色"),
        ({"place": ""}, "第 1 行没有填范围"),
        ({"role": ""}, "第 1 行没有选角色"),
        ({"place": "月球"}, "范围“月球”不在列表里"),
        ({"place": "area:moon"}, "当前地图中没有区域“moon”"),
        ({"role": "citizen"}, "“citizen@all”的角色应为"),
    ],
    ids=str,
)
def test_a_faulty_form_comes_back_as_it_was_typed(
    drive: Drive, change: dict[str, str], fault: str
) -> None:
    admin = sign_in(drive, "admin")
    typed: dict[str, Any] = {
        "account": "kept.one",
        "name": "留下的",
        "role": "admin",
        "place": "全部范围",
    }
    page = send(admin, NEW, NEW, status=422, **typed | change)
    assert fault in page
    for name in ("account", "name", "place"):
        value = (typed | change)[name]
        assert not value.strip() or f'value="{value}"' in page, name
    assert drive.db.execute(select(Account).where(Account.username == "kept.one")).first() is None


def test_every_fault_is_told_at_its_field(drive: Drive) -> None:
    """Of a new account and of a change."""
    admin = sign_in(drive, "admin")
    wrong: dict[str, Any] = {
        "name": " ",
        "unit": "U-NO",
        "role": ["admin", "", "unit_staff"],
        "place": ["", "全部范围", "unit:moon"],
    }
    new = send(admin, NEW, NEW, status=422, account="a b", **wrong)
    taken = send(admin, NEW, NEW, status=422, account="unit1", **wrong)
    changed = send(admin, UNIT1, UNIT1, status=422, **wrong)
    for page in (new, taken, changed):
        found = dict(re.findall(r'<p class="fault" id="(\w+)-fault">([^<]+)</p>', page))
        assert found["name"] == "必填"
        assert found["unit"] == "没有单位“U-NO”，或已停用"
        for words in ("第 1 行没有填范围", "第 2 行没有选角色", "没有单位“moon”"):
            assert words in found["roles"], words
        if page is not changed:
            assert found["account"].startswith(
                "应为字母" if page is new else "用户名 unit1 已被使用"
            )
    kept = select(Account.display_name).where(Account.username == "unit1")
    assert drive.db.execute(kept).scalar_one() == "洪环卫"


def test_hostile_text_stays_text(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    typed: dict[str, Any] = {"name": HOSTILE, "role": "admin", "place": "全部范围"}
    send(admin, NEW, NEW, **typed | {"account": "hostile"})
    pages = [
        admin.get(f"{ACCOUNTS}?q=hostile"),
        admin.get(f"{ACCOUNTS}/of/hostile"),
        admin.get(f"{ACCOUNTS}?q={HOSTILE}"),
        send(admin, NEW, NEW, status=422, **typed | {"account": HOSTILE, "place": HOSTILE}),
    ]
    for page in pages:
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_change_is_saved_and_told(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = send(
        admin,
        UNIT1,
        UNIT1,
        name="洪新名",
        unit="U-SZ",
        role=["unit_staff"],
        place=["unit:U-SZ"],
    )
    assert "已保存" in page
    row = drive.db.execute(select(Account.__table__).where(Account.username == "unit1")).one()
    assert (row.display_name, row.unit, row.is_head) == ("洪新名", "U-SZ", False)
    grants = select(RoleGrant.role, RoleGrant.scope, RoleGrant.code)
    held = drive.db.execute(grants.where(RoleGrant.account_id == row.id)).all()
    assert [tuple(one) for one in held] == [("unit_staff", "unit", "U-SZ")]
    assert logged(drive.db) == [("account.change", "unit1")]


def test_servers_hear_of_another_unit(drive: Drive) -> None:
    newest = select(func.max(ImportBatch.id))
    before = drive.db.execute(newest).scalar_one()
    admin = sign_in(drive, "admin")
    kept: dict[str, Any] = {"role": "unit_staff", "place": "unit:U-HW"}
    send(admin, UNIT1, UNIT1, name="洪环卫", unit="U-HW", **kept)
    assert drive.db.execute(newest).scalar_one() == before, "nothing was changed"
    send(admin, UNIT1, UNIT1, name="洪环卫", unit="U-SZ", **kept)
    assert drive.db.execute(newest).scalar_one() > before


def test_two_administrators_do_not_overwrite_each_other(drive: Drive) -> None:
    first, second = sign_in(drive, "admin"), sign_in(drive, "admin")
    page = second.get(UNIT1)
    kept: dict[str, Any] = {"role": "unit_staff", "place": "unit:U-HW", "unit": "U-HW"}
    send(first, UNIT1, UNIT1, name="先改的", **kept)
    late = kept | {"csrf": csrf_of(page), "seen": field(page, "seen"), "name": "后改的"}
    answer = second.answer("POST", UNIT1, data=late)
    assert answer.status_code == 409
    assert "刚刚被他人修改" in answer.text
    assert 'value="后改的"' in answer.text, "what was typed is not lost"
    assert "先改的" in answer.text
    late |= {"seen": field(answer.text, "seen")}
    assert second.answer("POST", UNIT1, data=late).status_code == 302
    assert "后改的" in first.get(UNIT1)


def test_nobody_takes_administration_from_themselves(drive: Drive) -> None:
    admin, own = sign_in(drive, "admin"), f"{ACCOUNTS}/of/admin"
    send(admin, NEW, NEW, account="other", name="另一位", role="admin", place="全部范围")
    page = send(admin, own, own, status=403, name="管系统", role="supervisor", place="全部范围")
    assert "不能取消自己的管理员角色" in page
    page = send(admin, own, f"{own}/disable", status=403)
    assert "不能停用自己的账号" in page
    assert sign_in(drive, "admin")


def test_the_last_administrator_stays(drive: Drive) -> None:
    admin, own = sign_in(drive, "admin"), f"{ACCOUNTS}/of/admin"
    send(admin, NEW, NEW, account="other", name="另一位", role="admin", place="全部范围")
    drive.db.execute(update(Account).where(Account.username == "other").values(password_hash=None))
    page = send(admin, own, own, status=403, name="管系统", role="supervisor", place="全部范围")
    assert "不能取消自己" in page, "another who cannot sign in is none"


def test_a_password_is_reset_once_by_one_form(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    person = sign_in(drive, "unit1")
    page = admin.get(UNIT1)
    form = {"csrf": csrf_of(page), "seen": re.findall(r'name="seen" value="(\w+)"', page)[1]}
    first = admin.answer("POST", f"{UNIT1}/password", data=form)
    password = secret(first.text)
    assert person.answer("GET", "/console/cases").status_code == 302, "sessions end"
    again = admin.answer("POST", f"{UNIT1}/password", data=form)
    assert again.status_code == 409
    assert "已被重置" in again.text
    signed = drive.client.post("/api/v1/sessions", json={"username": "unit1", "password": password})
    assert signed.status_code == 201
    old = drive.client.post("/api/v1/sessions", json={"username": "unit1", "password": PASSWORD})
    assert old.status_code == 401
    assert logged(drive.db) == [("account.password", "unit1")]


def test_an_account_is_disabled_and_enabled_again(drive: Drive) -> None:
    admin, person = sign_in(drive, "admin"), sign_in(drive, "unit1")
    drive.db.execute(update(Account).where(Account.username == "unit1").values(openid="their-own"))
    assert "已停用" in send(admin, UNIT1, f"{UNIT1}/disable")
    assert "已停用" in send(admin, UNIT1, f"{UNIT1}/disable"), "twice is once"
    assert person.answer("GET", "/console/cases").status_code == 302
    row = drive.db.execute(
        select(Account.openid, Account.enabled).where(Account.username == "unit1")
    ).one()
    assert tuple(row) == (None, False)
    assert names(admin.get(f"{ACCOUNTS}?enabled=no")) == ["unit1"]
    assert "已重新启用" in send(admin, UNIT1, f"{UNIT1}/enable")
    assert sign_in(drive, "unit1")
    assert logged(drive.db) == [("account.disable", "unit1"), ("account.enable", "unit1")]


def test_who_still_has_duties_is_not_disabled_unawares(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    assert "条排班里" in admin.get(f"{ACCOUNTS}/of/worker1")
    assert "条排班里" not in admin.get(UNIT1)


def test_sessions_and_wechat_are_taken_away(drive: Drive) -> None:
    admin, person = sign_in(drive, "admin"), sign_in(drive, "unit1")
    assert "结束全部登录" in admin.get(UNIT1)
    send(admin, UNIT1, f"{UNIT1}/sessions")
    assert person.answer("GET", "/console/cases").status_code == 302
    mine = (
        select(func.count())
        .select_from(LoginSession)
        .join(Account, Account.id == LoginSession.account_id)
    )
    assert drive.db.execute(mine.where(Account.username == "unit1")).scalar_one() == 0
    drive.db.execute(update(Account).where(Account.username == "unit1").values(openid="their-own"))
    assert "已解除微信绑定" in send(admin, UNIT1, f"{UNIT1}/unbind")
    assert "未绑定" in admin.get(UNIT1)
    assert [what for what, _ in logged(drive.db)] == ["account.sessions", "account.unbind"]


def test_forms_for_nobody_are_answered_so(drive: Drive) -> None:
    admin, gone = sign_in(drive, "admin"), f"{ACCOUNTS}/of/nobody"
    for path in ("", "/password", "/disable", "/enable", "/unbind", "/sessions", "/totp"):
        kept: dict[str, Any] = {"name": "x", "role": "admin", "place": "全部范围"}
        send(admin, UNIT1, f"{gone}{path}", status=404, **kept)
    assert logged(drive.db) == []


def test_the_list_is_exported_as_the_import_takes_it(drive: Drive) -> None:
    answer = sign_in(drive, "admin").answer("GET", f"{ACCOUNTS}.xlsx")
    rows = table(answer.data)
    assert rows[0] == ["用户名", "姓名", "单位编码", "角色", "负责人"]
    by_name = {row[0]: row for row in rows}
    assert by_name["supervisor"] == ["supervisor", "严督查", "U-DC", "督查员@全部", "是"]
    assert by_name["unit1"][3:] == ["经办人@单位:U-HW", ""]
    assert by_name["worker11"][3] == "网格员@区域:439900001"
