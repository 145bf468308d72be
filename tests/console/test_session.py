"""Signing in to the pages: who may, what the cookie is, whose forms count, and what is not lost."""

import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.auth import COOKIE
from models.account import LoginSession
from tests.api.story import Story
from tests.console.desk import PASSWORD, csrf_of, sign_in
from tests.drive import Answer, Drive, problem

SIGN_IN = "/console/sign-in"
HERE = {"REMOTE_ADDR": "192.0.2.77"}


@pytest.fixture
def browser(drive: Drive) -> FlaskClient:
    client: FlaskClient = drive.client.application.test_client()
    return client


def enter(browser: FlaskClient, username: str = "desk", **fields: str) -> Answer:
    given = {"username": username, "password": PASSWORD, "next": "/console/cases"} | fields
    return browser.post(SIGN_IN, data=given, environ_base=HERE)


def test_a_page_leads_to_the_sign_in_and_back(browser: FlaskClient) -> None:
    away = browser.get("/console/cases?status=closed")
    assert away.status_code == 302
    page = browser.get(away.location)
    (target,) = re.findall(r'name="next" value="([^"]+)"', page.text)
    assert target == "/console/cases?status=closed"
    assert enter(browser, next=target).location == target


def test_the_cookie_is_for_these_pages_and_no_script(browser: FlaskClient) -> None:
    (cookie,) = enter(browser).headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/console"):
        assert part in cookie


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"username": "nobody-here"}, {"username": "", "password": ""}]
)
def test_a_wrong_password_is_said(browser: FlaskClient, fields: dict[str, str]) -> None:
    answer = enter(browser, **fields)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_guessing_is_locked_out(drive: Drive, browser: FlaskClient) -> None:
    allowed = drive.kit.settings.sign_in_failures_per_name
    for _ in range(allowed):
        assert enter(browser, "locked-out", password="guess").status_code == 401
    answer = enter(browser, "locked-out", password="guess")
    assert answer.status_code == 429
    assert "错误次数过多" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/console/",
        "//evil.example/console/x",
        "/api/v1/cases",
        "/console\\..\\x",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_led_elsewhere(browser: FlaskClient, target: str) -> None:
    assert enter(browser, next=target).location == "/console/desk"


def test_forms_of_others_are_refused(drive: Drive) -> None:
    story, desk = Story(drive), sign_in(drive, "desk")
    page = desk.get(f"/console/cases/{story.number}")
    good = {"csrf": csrf_of(page), "version": str(story.case()["version"]), "comment": "x"}
    path, before = f"/console/cases/{story.number}/remark", story.case()["version"]
    for wrong in ({"csrf": ""}, {"csrf": "0" * 64}):
        assert desk.answer("POST", path, data=good | wrong).status_code == 403
    elsewhere = {"Origin": "https://evil.example"}
    assert desk.answer("POST", path, data=good, headers=elsewhere).status_code == 403
    other = sign_in(drive, "desk")
    assert other.answer("POST", path, data=good).status_code == 403, "another session's form"
    assert story.case()["version"] == before
    assert desk.answer("POST", path, data=good).status_code == 302


def test_what_was_typed_survives_the_end_of_a_session(drive: Drive) -> None:
    story, desk = Story(drive), sign_in(drive, "desk")
    page = desk.get(f"/console/cases/{story.number}")
    typed = {
        "csrf": csrf_of(page),
        "version": str(story.case()["version"]),
        "comment": "写了很久的批注",
    }
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    drive.db.execute(update(LoginSession).values(idle_until=long_ago))
    drive.forget_sessions()
    ended = desk.answer("POST", f"/console/cases/{story.number}/remark", data=typed)
    assert ended.status_code == 401
    assert "您填写的内容已保留" in ended.text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', ended.text))
    again = desk.client.post(SIGN_IN, data=kept | {"username": "desk", "password": "wrong"})
    assert "写了很久的批注" in again.text
    back = desk.client.post(SIGN_IN, data=kept | {"username": "desk", "password": PASSWORD})
    assert "写了很久的批注" in back.text
    (target,) = re.findall(r'action="(/console/cases/[^"]+)"', back.text)
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', back.text))
    done = desk.client.post(target, data=form | {"csrf": csrf_of(back.text)}, follow_redirects=True)
    assert "已完成“批注”" in done.text
    assert PASSWORD not in ended.text + back.text


def test_residents_and_tokens_do_not_open_the_pages(drive: Drive, browser: FlaskClient) -> None:
    lily = drive.resident()
    browser.set_cookie(COOKIE, lily.token, path="/console")
    assert browser.get("/console/cases").status_code == 403
    token = {"Authorization": f"Bearer {drive.staff('desk').token}"}
    fresh = drive.client.application.test_client()
    assert fresh.get("/console/cases", headers=token).status_code == 302


def test_the_cookie_opens_nothing_but_the_pages(drive: Drive) -> None:
    desk = sign_in(drive, "desk")
    problem(desk.answer("GET", "/api/v1/cases"), 401, "signed-out")


def test_signed_out_is_signed_out(drive: Drive) -> None:
    desk = sign_in(drive, "desk")
    cookie = desk.client.get_cookie(COOKIE, path="/console")
    assert cookie is not None
    page = desk.get("/console/cases")
    assert desk.answer("POST", "/console/sign-out", data={"csrf": csrf_of(page)}).status_code == 302
    assert desk.answer("GET", "/console/cases").status_code == 302
    desk.client.set_cookie(COOKIE, cookie.value, path="/console")
    assert desk.answer("GET", "/console/cases").status_code == 302, "the token is dead as well"


def test_pages_run_nothing_of_others(drive: Drive) -> None:
    answer = sign_in(drive, "desk").answer("GET", "/console/cases")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r"<script(?![^>]* src=\"/console/static/)", answer.text) == []
    assert "style=" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_is_a_page(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = sign_in(drive, "desk")

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.console.cases.case_list.cases", broken)
    page = desk.get("/console/cases", status=500)
    assert "系统出错了" in page
    assert "secret detail" not in page
