"""The second factor: set up by its owner, asked for at the sign-in, reset by an administrator."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from app.auth import COOKIE
from app.services import totp
from models import moment
from models.account import Account, LoginSession
from models.errors import SignInRefused
from tests.console.admin import ACCOUNTS, logged, send
from tests.console.desk import PASSWORD, Desk, csrf_of, sign_in
from tests.drive import Answer, Drive, problem

ME = "/console/me"
SIGN_IN = "/console/sign-in"
NAME = "unit2"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.88"}


@pytest.fixture(autouse=True)
def patient(drive: Drive) -> None:
    """Wrong tries of one test do not count against the next."""
    allow(drive, 10_000)


def allow(drive: Drive, failures: int) -> None:
    settings = replace(drive.kit.settings, sign_in_failures_per_name=failures)
    drive.kit = replace(drive.kit, settings=settings)
    drive.client.application.extensions["kit"] = drive.kit


def secret_of(page: str) -> str:
    (found,) = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    return str(found).replace(" ", "")


def turned_on(drive: Drive, name: str = NAME) -> tuple[Desk, pyotp.TOTP]:
    """Somebody whose second factor is on, and their authenticator, whose present codes are
    free to be taken."""
    desk = sign_in(drive, name)
    codes = pyotp.TOTP(secret_of(send(desk, ME, f"{ME}/totp/begin", old_password=PASSWORD)))
    assert "两步验证已开启" in send(desk, ME, f"{ME}/totp/confirm", otp=codes.now())
    forget_steps(drive)
    return desk, codes


def forget_steps(drive: Drive) -> None:
    drive.db.execute(update(Account).values(totp_step=None))


def first_step(drive: Drive, name: str = NAME, **fields: str) -> tuple[FlaskClient, Answer]:
    client: FlaskClient = drive.client.application.test_client()
    form = {"username": name, "password": PASSWORD, "next": "/console/cases"} | fields
    return client, client.post(SIGN_IN, data=form, environ_base=ELSEWHERE)


def second_step(client: FlaskClient, page: str, code: str) -> Answer:
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    form = {name: html.unescape(value) for name, value in hidden.items()} | {"code": code}
    return client.post(f"{SIGN_IN}/code", data=form, environ_base=ELSEWHERE)


def api(drive: Drive, **body: str) -> Answer:
    given = {"username": NAME, "password": PASSWORD} | body
    return drive.client.post("/api/v1/sessions", json=given)


def test_it_is_off_until_a_code_was_confirmed(drive: Drive) -> None:
    desk = sign_in(drive, NAME)
    page = send(desk, ME, f"{ME}/totp/begin", old_password=PASSWORD)
    assert "<svg" in page
    secret = secret_of(page)
    assert secret == secret_of(desk.get(ME)), "the page may be opened again"
    assert first_step(drive)[1].status_code == 302, "signing in is as before"
    page = send(desk, ME, f"{ME}/totp/confirm", status=422, otp="000000x")
    assert "验证码不正确" in page
    send(desk, ME, f"{ME}/totp/confirm", otp=pyotp.TOTP(secret).now())
    page = desk.get(ME)
    assert secret not in page.replace(" ", "")
    assert logged(drive.db) == [("account.totp_on", NAME)]


def test_the_secret_is_encrypted_at_rest(drive: Drive) -> None:
    _, codes = turned_on(drive)
    kept = select(Account.totp_secret).where(Account.username == NAME)
    sealed = drive.db.execute(kept).scalar_one()
    assert sealed is not None
    assert codes.secret.encode() not in sealed


def test_it_is_begun_with_the_password_only(drive: Drive) -> None:
    desk = sign_in(drive, NAME)
    page = send(desk, ME, f"{ME}/totp/begin", status=422, old_password="wrong")
    assert "现在的密码不正确" in page
    assert "<svg" not in page


def test_it_is_not_begun_twice(drive: Drive) -> None:
    desk, _ = turned_on(drive)
    page = send(desk, ME, f"{ME}/totp/begin", status=409, old_password=PASSWORD)
    assert "已经开启" in page
    page = send(desk, ME, f"{ME}/totp/confirm", status=409, otp="123456")
    assert "开始设置" in page


def test_signing_in_takes_two_steps(drive: Drive) -> None:
    _, codes = turned_on(drive)
    client, answer = first_step(drive)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert PASSWORD not in answer.text
    assert client.get("/console/cases").status_code == 302, "not in yet"
    done = second_step(client, answer.text, codes.now())
    assert (done.status_code, done.location) == (302, "/console/cases")
    assert client.get("/console/cases").status_code == 200


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_a_phone_may_be_one_step_off(drive: Drive, by: int) -> None:
    _, codes = turned_on(drive)
    client, answer = first_step(drive)
    now = datetime.now(UTC)
    with moment.at(now):
        code = codes.at(now + timedelta(seconds=by * totp.STEP_S))
        assert second_step(client, answer.text, code).status_code == 302


@pytest.mark.parametrize("by", [-2, 2])
def test_an_old_or_a_later_code_is_none(drive: Drive, by: int) -> None:
    _, codes = turned_on(drive)
    client, answer = first_step(drive)
    now = datetime.now(UTC)
    with moment.at(now):
        code = codes.at(now + timedelta(seconds=by * totp.STEP_S))
        refused = second_step(client, answer.text, code)
    assert refused.status_code == 401
    assert "两步验证码不正确" in refused.text


def test_a_code_is_taken_once(drive: Drive) -> None:
    _, codes = turned_on(drive)
    now = datetime.now(UTC)
    with moment.at(now):
        client, answer = first_step(drive)
        assert second_step(client, answer.text, codes.at(now)).status_code == 302
        client, answer = first_step(drive)
        again = second_step(client, answer.text, codes.at(now))
        assert again.status_code == 401
        assert "已用过" in again.text
        earlier = codes.at(now - timedelta(seconds=totp.STEP_S))
        assert second_step(client, answer.text, earlier).status_code == 401, "nor one before it"


def test_guessing_codes_is_locked_out(drive: Drive) -> None:
    _, codes = turned_on(drive, "unit9")
    client, answer = first_step(drive, "unit9")
    allow(drive, 3)
    for _ in range(3):
        assert second_step(client, answer.text, "wrong").status_code == 401
    locked = second_step(client, answer.text, codes.now())
    assert locked.status_code == 429
    assert "错误次数过多" in locked.text


def test_the_first_step_is_good_for_minutes(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = turned_on(drive)
    client, answer = first_step(drive)
    monkeypatch.setattr("app.sign_in.SECOND_STEP_S", -1)
    late = second_step(client, answer.text, codes.now())
    assert late.status_code == 401
    assert "请重新输入密码" in late.text
    assert 'name="password"' in late.text


@pytest.mark.parametrize("values", [{"enabled": False}, {"password_hash": "another"}])
def test_the_first_step_ends_with_the_password(drive: Drive, values: dict[str, object]) -> None:
    _, codes = turned_on(drive)
    client, answer = first_step(drive)
    drive.db.execute(update(Account).where(Account.username == NAME).values(values))
    assert second_step(client, answer.text, codes.now()).status_code == 401
    assert client.get_cookie(COOKIE, path="/console") is None


@pytest.mark.parametrize("step", ["", "forged", "eyJ.x.y"])
def test_the_first_step_cannot_be_left_out(drive: Drive, step: str) -> None:
    _, codes = turned_on(drive)
    client: FlaskClient = drive.client.application.test_client()
    form = {"step": step, "code": codes.now(), "next": "/console/cases"}
    assert client.post(f"{SIGN_IN}/code", data=form).status_code == 401


def test_what_was_typed_goes_through_both_steps(drive: Drive) -> None:
    _, codes = turned_on(drive)
    typed = {"comment": "写到一半 <b>", "version": "3", "next": "/console/cases/x/remark"}
    client, answer = first_step(drive, **typed)
    wrong = second_step(client, answer.text, "000000x")
    assert "您填写的内容已保留" in wrong.text
    done = second_step(client, wrong.text, codes.now())
    assert done.status_code == 200
    assert "写到一半 &lt;b&gt;" in done.text
    assert 'action="/console/cases/x/remark"' in done.text
    assert codes.now() not in done.text


def test_programs_send_the_code_along(drive: Drive) -> None:
    assert api(drive, code="123456").status_code == 201, (
        "without a second factor it is not looked at"
    )
    _, codes = turned_on(drive)
    assert "验证码（code）" in problem(api(drive), 401, "sign-in-refused")["detail"]
    wrong = problem(api(drive, code="000000x"), 401, "sign-in-refused")
    assert "两步验证码不正确" in wrong["detail"]
    assert api(drive, code=codes.now()).status_code == 201
    problem(api(drive, code=codes.now()), 401, "sign-in-refused")
    wechat = drive.client.post("/api/v1/sessions", json={"wechat_code": "x", "code": "1"})
    problem(wechat, 422, "invalid-input")


def test_it_is_turned_off_with_a_code(drive: Drive) -> None:
    desk, codes = turned_on(drive)
    assert "两步验证码不正确" in send(desk, ME, f"{ME}/totp/off", status=422, otp="000000x")
    assert "两步验证已关闭" in send(desk, ME, f"{ME}/totp/off", otp=codes.now())
    assert first_step(drive)[1].status_code == 302
    assert [what for what, _ in logged(drive.db)] == ["account.totp_on", "account.totp_off"]


def test_an_administrator_resets_it(drive: Drive) -> None:
    turned_on(drive)
    admin, one = sign_in(drive, "admin"), f"{ACCOUNTS}/of/{NAME}"
    assert "重置两步验证" in admin.get(one)
    assert "已关闭两步验证" in send(admin, one, f"{one}/totp")
    assert first_step(drive)[1].status_code == 302
    assert logged(drive.db)[-1] == ("account.totp_reset", NAME)


def test_a_command_resets_it(drive: Drive) -> None:
    turned_on(drive)
    runner: FlaskCliRunner = drive.client.application.test_cli_runner()
    said = runner.invoke(args=["accounts", "reset-totp", NAME])
    assert (said.exit_code, said.output) == (0, f"已关闭 {NAME} 的两步验证\n")
    assert first_step(drive)[1].status_code == 302
    said = runner.invoke(args=["accounts", "reset-totp", NAME])
    assert said.output == f"{NAME} 没有开启两步验证\n"
    assert runner.invoke(args=["accounts", "reset-totp", "nobody"]).exit_code == 1


def test_a_secret_of_another_key_is_nobodys_way_in(drive: Drive) -> None:
    _, codes = turned_on(drive)
    drive.db.execute(update(Account).where(Account.username == NAME).values(totp_secret=b"other"))
    account_id = drive.db.execute(select(Account.id).where(Account.username == NAME)).scalar_one()
    with pytest.raises(SignInRefused, match="联系管理员重置"):
        totp.check(drive.db, drive.kit.safe, account_id, codes.now())


def test_one_changes_ones_own_password(drive: Drive) -> None:
    here, there = sign_in(drive, NAME), sign_in(drive, NAME)
    new: dict[str, Any] = dict.fromkeys(("new_password", "new_password_again"), "quite-another-one")
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"old_password": "wrong"} | new, "现在的密码不正确"),
        ({"old_password": PASSWORD} | new | {"new_password_again": "else"}, "两次输入的新密码不同"),
        ({"old_password": PASSWORD, "new_password": "a", "new_password_again": "a"}, "至少 10 个"),
        (
            dict.fromkeys(("old_password", "new_password", "new_password_again"), PASSWORD),
            "不能与现在的相同",
        ),
    )
    for typed, fault in refusals:
        page = send(here, ME, f"{ME}/password", status=422, **typed)
        assert fault in page
        assert not re.findall(r'type="password"[^>]* value=', page)
    assert there.answer("GET", ME).status_code == 200
    assert "密码已修改" in send(here, ME, f"{ME}/password", old_password=PASSWORD, **new)
    assert there.answer("GET", ME).status_code == 302, "elsewhere one is signed out"
    assert api(drive, password="quite-another-one").status_code == 201
    assert logged(drive.db) == [("account.own_password", NAME)]


def test_guessing_ones_password_is_locked_out(drive: Drive) -> None:
    desk = sign_in(drive, "unit10")
    wrong: dict[str, Any] = {
        "old_password": "x",
        "new_password": "y" * 10,
        "new_password_again": "y" * 10,
    }
    allow(drive, 3)
    for _ in range(3):
        send(desk, ME, f"{ME}/password", status=422, **wrong)
    page = send(desk, ME, f"{ME}/password", status=429, **wrong | {"old_password": PASSWORD})
    assert "错误次数过多" in page


def test_a_password_does_not_travel_through_the_sign_in_page(drive: Drive) -> None:
    desk = sign_in(drive, NAME)
    form = {"csrf": csrf_of(desk.get(ME)), "old_password": PASSWORD, "new_password": "secret-new"}
    long_ago = datetime.now(UTC) - timedelta(days=30)
    drive.db.execute(update(LoginSession).values(idle_until=long_ago))
    drive.forget_sessions()
    answer = desk.answer("POST", f"{ME}/password", data=form)
    assert answer.status_code == 401
    assert PASSWORD not in answer.text
    assert "secret-new" not in answer.text


def test_one_ends_ones_other_sessions(drive: Drive) -> None:
    here, there, third = (sign_in(drive, NAME) for _ in range(3))
    page = here.get(ME)
    assert page.count('name="session"') == 2
    assert page.count("就是这里") == 1
    one = re.findall(r'name="session" value="(\w+)"', page)[0]
    assert "已结束那台设备" in send(here, ME, f"{ME}/sessions", session=one)
    assert sorted(desk.answer("GET", ME).status_code for desk in (there, third)) == [200, 302]
    send(here, ME, f"{ME}/sessions")
    assert {desk.answer("GET", ME).status_code for desk in (there, third)} == {302}
    assert here.answer("GET", ME).status_code == 200


def test_nobody_ends_the_sessions_of_others(drive: Drive) -> None:
    here, other = sign_in(drive, NAME), sign_in(drive, "unit1")
    theirs = re.findall(r'name="session" value="(\w+)"', sign_in(drive, "unit1").get(ME))[0]
    send(here, ME, f"{ME}/sessions", session=theirs)
    assert other.answer("GET", ME).status_code == 200


def test_ones_own_page_is_for_staff(drive: Drive) -> None:
    client = drive.client.application.test_client()
    assert client.get(ME).status_code == 302
    client.set_cookie(COOKIE, drive.resident().token, path="/console")
    assert client.get(ME).status_code == 403
