"""A refusal is a page: it says why, and from where to go on."""

import re

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from app.console import cases
from models.account import RoleGrant
from tests.console.desk import sign_in
from tests.drive import Drive


def navigation(page: str) -> list[str]:
    """Addresses of the frame's navigation; none where there is no frame for staff."""
    found = re.search(r'<nav aria-label="主导航">(.*?)</nav>', page, re.DOTALL)
    return re.findall(r'href="([^"]+)"', found[1]) if found else []


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/console/cases/HY0", 404, "没有找到"),
        ("/console/none", 404, "没有这个页面：/console/none"),
        ("/console/a/<b>", 404, "没有这个页面：/console/a/&lt;b&gt;"),
        ("/console/static/1/none.css", 404, "没有这个页面"),
        ("/console/report", 403, "没有权限"),
        ("/console/admin", 403, "只有管理员可以使用这个功能"),
    ],
    ids=["case", "page", "hostile", "file", "role", "admin"],
)
def test_a_refused_page_leads_on(drive: Drive, path: str, status: int, words: str) -> None:
    unit = sign_in(drive, "unit1")
    page = unit.get(path, status=status)
    assert words in page
    ways = navigation(page)
    assert ways == navigation(unit.get("/console/cases"))
    assert "/console/report" not in ways, "only what the person may open"
    for way in re.findall(r'class="button" href="([^"]+)"', page):
        unit.get(way)
    assert "退出" in page


def test_what_would_work_is_said_where_a_role_is_missing(drive: Drive) -> None:
    page = sign_in(drive, "unit1").get("/console/admin", status=403)
    assert "请管理员为您的账号增加角色或范围" in page


@pytest.mark.parametrize("known", [False, True], ids=["nobody", "no-staff-any-more"])
def test_who_is_not_signed_in_as_staff_is_led_to_the_sign_in(drive: Drive, known: bool) -> None:
    browser = drive.client.application.test_client()
    if known:
        browser = sign_in(drive, "unit1").client
        gone = delete(RoleGrant).where(RoleGrant.account_id == drive.staff("unit1").account_id)
        drive.db.execute(gone)
    page = browser.get("/console/none?a=1&b=2").text
    assert navigation(page) == []
    (way,) = re.findall(r'class="button" href="([^"]+)"', page)
    assert 'name="next" value="/console/none?a=1&amp;b=2"' in browser.get(way).text


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/console/cases?q=%E7%81%AF", "/console/cases?q=%E7%81%AF"),
        ("http://evil.example/console/cases", None),
        ("http://localhost/map", None),
        ("//[", None),
        (None, None),
    ],
    ids=["ours", "another-site", "another-page", "odd", "none"],
)
def test_a_refused_form_leads_back_to_its_page(
    drive: Drive, referrer: str | None, back: str | None
) -> None:
    headers = {"Referer": referrer} if referrer else {}
    answer = sign_in(drive, "unit1").answer(
        "POST", "/console/sign-out", data={"csrf": "0"}, headers=headers
    )
    assert answer.status_code == 403
    assert "页面已过期" in answer.text
    assert re.findall(r'href="([^"]+)">返回刚才的页面', answer.text) == ([back] if back else [])


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("SELECT 1", {}, Exception("gone")), 503, "数据库暂时不可用"),
        (RuntimeError("broken"), 500, "系统出错了"),
    ],
    ids=["database-away", "fault"],
)
def test_what_the_server_cannot_do_is_said(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, words: str
) -> None:
    def broken(*_: object) -> None:
        raise error

    unit = sign_in(drive, "unit1")
    monkeypatch.setattr(cases, "work", broken)
    answer = unit.answer("GET", "/console/cases")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert words in answer.text
    assert navigation(answer.text)
