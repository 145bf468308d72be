"""A generated password opens nothing but the page where its owner chooses another."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.services import account
from models.account import Account
from tests.console.admin import ACCOUNTS, secret, send
from tests.console.desk import Desk, csrf_of, sign_in
from tests.console.test_admin_account_import import NEW, book, confirm, passwords, upload
from tests.drive import Drive, Person, problem

ME, CASES = "/console/me", "/console/cases"
OWN = "quite-my-own-words"
Given = tuple[str, str]
"""A user name and its generated password."""


def made(drive: Drive) -> Given:
    person: dict[str, Any] = {"name": "新来的", "role": "supervisor", "place": "全部范围"}
    new = f"{ACCOUNTS}/new"
    return "new.one", secret(send(sign_in(drive, "admin"), new, new, account="new.one", **person))


def reset(drive: Drive) -> Given:
    page = f"{ACCOUNTS}/of/supervisor"
    admin = sign_in(drive, "admin")
    seen = admin.get(page).partition(f'action="{page}/password"')[2]
    seen = seen.partition('name="seen" value="')[2].partition('"')[0]
    form = {"csrf": csrf_of(admin.get(page)), "seen": seen}
    return "supervisor", secret(admin.answer("POST", f"{page}/password", data=form).text)


def imported(drive: Drive) -> Given:
    admin = sign_in(drive, "admin")
    (password,) = passwords(confirm(admin, upload(admin, book(NEW))))
    return "fresh", password


def enter(drive: Drive, name: str, password: str) -> Desk:
    client: FlaskClient = drive.client.application.test_client()
    given = {"username": name, "password": password, "next": CASES}
    assert client.post("/console/sign-in", data=given).status_code == 302
    return Desk(client)


def api(drive: Drive, name: str, password: str) -> Person:
    answer = drive.client.post("/api/v1/sessions", json={"username": name, "password": password})
    assert answer.status_code == 201, answer.text
    return Person(drive.client, int(answer.json["account"]["id"]), answer.json["token"])


@pytest.mark.parametrize("give", [made, reset, imported])
def test_a_generated_password_is_changed_before_anything_else(
    drive: Drive, give: Callable[[Drive], Given]
) -> None:
    name, password = give(drive)
    desk = enter(drive, name, password)
    for path in (CASES, "/console/desk", "/console/admin", "/console/cases/HY0"):
        assert desk.answer("GET", path).headers["Location"] == ME, path
    page = desk.get(ME)
    assert "初始密码" in page
    assert "主导航" in page
    assert f'href="{CASES}"' not in page
    assert "两步验证" not in page
    for path in ("/console/me/totp/begin", "/console/me/sessions", "/console/cases/HY0/remark"):
        form = {"csrf": csrf_of(page), "old_password": password}
        assert desk.answer("POST", path, data=form).status_code == 403, path
    new: dict[str, Any] = {"new_password": OWN, "new_password_again": OWN}
    told = send(desk, ME, f"{ME}/password", old_password=password, **new)
    assert "密码已修改" in told
    assert "两步验证" in told
    assert "案卷" in desk.get(CASES)
    assert enter(drive, name, OWN).get(CASES)


@pytest.mark.parametrize("new", ["short", None], ids=["short", "the-same"])
def test_a_refused_choice_leaves_it_generated(drive: Drive, new: str | None) -> None:
    name, password = made(drive)
    desk = enter(drive, name, password)
    again: dict[str, Any] = dict.fromkeys(("new_password", "new_password_again"), new or password)
    send(desk, ME, f"{ME}/password", status=422, old_password=password, **again)
    assert desk.answer("GET", CASES).headers["Location"] == ME


def test_one_may_sign_out_instead(drive: Drive) -> None:
    desk = enter(drive, *made(drive))
    form = {"csrf": csrf_of(desk.get(ME))}
    assert desk.answer("POST", "/console/sign-out", data=form).status_code == 302
    assert "sign-in" in desk.answer("GET", ME).headers["Location"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/cases"),
        ("GET", "/api/v1/notices"),
        ("POST", "/api/v1/cases/HY0/actions"),
    ],
)
def test_programs_are_told_by_a_problem_of_its_own(drive: Drive, method: str, path: str) -> None:
    name, password = made(drive)
    person = api(drive, name, password)
    body = {"action": "remark", "version": 1, "comment": "x"} if method == "POST" else None
    for key in ({}, {"Idempotency-Key": "k1"}):
        answer = person.request(method, path, json=body, headers=key)
        assert "初始密码" in problem(answer, 403, "own-password-required")["detail"]


def test_programs_may_sign_out(drive: Drive) -> None:
    person = api(drive, *made(drive))
    assert person.request("DELETE", "/api/v1/sessions/current").status_code == 204
    problem(person.get("/api/v1/me"), 401, "signed-out")


def test_a_session_by_wechat_knows_no_password(drive: Drive) -> None:
    name, _ = made(drive)
    own = drive.db.execute(select(Account.id).where(Account.username == name)).scalar_one()
    bound = Person(drive.client, own, account.open_session(drive.db, own).token)
    assert bound.get("/api/v1/me").status_code == 200


def test_passwords_that_people_chose_stay(drive: Drive) -> None:
    assert "案卷" in sign_in(drive, "supervisor").get(CASES)
    generated = select(Account.username).where(Account.password_generated)
    assert drive.db.execute(generated).all() == []


def test_administrators_see_who_has_not_chosen_yet(drive: Drive) -> None:
    made(drive)
    admin = sign_in(drive, "admin")
    assert "本人还没有修改" in admin.get(f"{ACCOUNTS}/of/new.one")
    assert "本人还没有修改" not in admin.get(f"{ACCOUNTS}/of/supervisor")
