"""A refusal is a page: it says why, and from where to go on."""

import re
from collections.abc import Callable

import pytest
from flask import abort
from sqlalchemy import delete, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.console import cases, limits
from models.account import RoleGrant
from tests.console.desk import csrf_of, sign_in
from tests.drive import Drive
from tests.statements import counted


def raising(error: Exception) -> Callable[..., None]:
    def broken(*_: object) -> None:
        raise error

    return broken


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


def test_a_fault_is_told_with_its_number(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = sign_in(drive, "unit1")
    monkeypatch.setattr(cases, "work", raising(RuntimeError("broken")))
    answer = unit.answer("GET", "/console/cases")
    assert answer.status_code == 500
    assert "系统出错了" in answer.text
    assert f"请把编号 {answer.headers['X-Request-Id']} 告诉管理员" in answer.text
    assert navigation(answer.text)


@pytest.mark.parametrize(
    "error",
    [OperationalError("SELECT 1", {}, Exception("gone")), PoolTimeout("all are taken")],
    ids=["gone", "none free"],
)
def test_a_database_that_is_away_is_asked_no_second_time(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    unit = sign_in(drive, "unit1")
    monkeypatch.setattr(cases, "work", raising(error))
    with counted(drive.db) as seen:
        answer = unit.answer("GET", "/console/cases?q=HY")
    assert seen == []
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "数据库暂时不可用，请稍后重试" in answer.text
    links = re.findall(r'class="button" href="([^"]+)">([^<]+)', answer.text)
    assert links == [("/console/cases?q=HY", "再试一次")]


def test_a_form_that_met_no_database_leads_back_to_its_page(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = sign_in(drive, "supervisor")
    csrf = csrf_of(unit.get("/console/supervision/limits"))
    monkeypatch.setattr(limits, "work", raising(PoolTimeout("all are taken")))
    page = "http://localhost/console/supervision/limits"
    answer = unit.answer("POST", f"{page}/1/lift", data={"csrf": csrf}, headers={"Referer": page})
    assert answer.status_code == 503
    links = re.findall(r'class="button" href="([^"]+)">([^<]+)', answer.text)
    assert links == [("/console/supervision/limits", "返回刚才的页面")]


def test_the_log_tells_what_the_database_said_and_no_values(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    phone = "13800138000"

    def slow(*_: object) -> None:
        with drive.db.begin_nested():
            drive.db.execute(text("SET LOCAL statement_timeout = 1"))
            drive.db.execute(text("SELECT pg_sleep(9), :phone"), {"phone": phone})

    unit = sign_in(drive, "unit1")
    monkeypatch.setattr(cases, "work", slow)
    assert unit.answer("GET", "/console/cases").status_code == 503
    assert "database away in GET /console/cases" in caplog.text
    assert "statement timeout" in caplog.text
    assert phone not in caplog.text


@pytest.mark.parametrize("status", [400, 415, 429])
def test_what_flask_refuses_says_what_would_work(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    unit = sign_in(drive, "unit1")
    monkeypatch.setattr(cases, "work", lambda *_: abort(status))
    assert "请刷新页面后重试" in unit.get("/console/cases", status=status)
