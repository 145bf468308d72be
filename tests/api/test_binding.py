"""A staff account and its WeChat identity: bound once by a code, unbound by an admin."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.services import account, binding
from models.account import Account, Binding, BindingCode
from models.errors import SignInRefused
from tests.drive import Answer, Drive, Person, problem


def sign_in(drive: Drive, name: str, **more: Any) -> Answer:
    return drive.client.post("/api/v1/sessions", json={"wechat_code": name} | more)


def code_of(drive: Drive, who: str = "worker1") -> str:
    answer = drive.staff(who).post("/api/v1/me/binding-code")
    assert answer.status_code == 201, answer.text
    code: str = answer.json["code"]
    return code


def bound(drive: Drive, who: str = "worker1", name: str = "phone") -> Person:
    answer = sign_in(drive, name, binding_code=code_of(drive, who))
    assert answer.status_code == 201, answer.text
    return Person(drive.client, int(answer.json["account"]["id"]), answer.json["token"])


def test_a_code_binds_and_then_wechat_alone_signs_in(drive: Drive) -> None:
    worker = bound(drive)
    assert worker.account_id == drive.staff("worker1").account_id
    assert worker.get("/api/v1/cases").status_code == 200
    again = sign_in(drive, "phone")
    assert again.json["account"]["id"] == str(worker.account_id)
    assert again.json["account"]["roles"][0]["role"] == "grid_worker"
    assert worker.get("/api/v1/me").json["wechat"] is True


def test_typing_it_in_small_letters_or_with_spaces_is_fine(drive: Drive) -> None:
    code = code_of(drive)
    assert sign_in(drive, "phone", binding_code=f" {code.lower()} ").status_code == 201


def test_a_code_is_good_once(drive: Drive) -> None:
    code = code_of(drive)
    assert sign_in(drive, "phone", binding_code=code).status_code == 201
    problem(sign_in(drive, "other", binding_code=code), 401, "sign-in-refused")


def test_a_code_is_good_for_ten_minutes(drive: Drive) -> None:
    code = code_of(drive)
    old = datetime.now(UTC) - timedelta(seconds=1)
    drive.db.execute(update(BindingCode).values(expires_at=old))
    problem(sign_in(drive, "phone", binding_code=code), 401, "sign-in-refused")
    assert binding.sweep(drive.db) == 1


def test_a_newer_code_makes_the_older_one_dead(drive: Drive) -> None:
    first, second = code_of(drive), code_of(drive)
    problem(sign_in(drive, "phone", binding_code=first), 401, "sign-in-refused")
    assert sign_in(drive, "phone", binding_code=second).status_code == 201


def test_only_the_hash_of_a_code_is_stored(drive: Drive) -> None:
    code = code_of(drive)
    stored = drive.db.execute(select(BindingCode.code_hash)).scalars().all()
    assert all(code.encode() not in one for one in stored)


@pytest.mark.parametrize("code", ["AAAAAAAA", "x", "' OR 1=1 --"])
def test_a_wrong_code_is_refused(drive: Drive, code: str) -> None:
    code_of(drive)
    problem(sign_in(drive, "phone", binding_code=code), 401, "sign-in-refused")


def test_guessing_is_bounded(drive: Drive) -> None:
    for _ in range(drive.kit.settings.sign_in_failures_per_name):
        answer = sign_in(drive, "guesser", binding_code="AAAAAAAA")
        problem(answer, 401, "sign-in-refused")
    late = sign_in(drive, "guesser", binding_code=code_of(drive))
    assert "Retry-After" in late.headers
    problem(late, 429, "too-many-requests")


def test_a_bound_account_gets_no_second_code(drive: Drive) -> None:
    bound(drive)
    problem(drive.staff("worker1").post("/api/v1/me/binding-code"), 409, "conflict")


def test_one_identity_is_one_member_of_staff(drive: Drive) -> None:
    bound(drive)
    late = sign_in(drive, "phone", binding_code=code_of(drive, "unit1"))
    problem(late, 409, "conflict")
    assert sign_in(drive, "phone").json["account"]["id"] == str(drive.staff("worker1").account_id)


def test_a_resident_has_nothing_to_bind(drive: Drive) -> None:
    problem(drive.resident().post("/api/v1/me/binding-code"), 403, "forbidden")


def test_a_binding_code_needs_a_wechat_code(drive: Drive) -> None:
    body = {"username": "worker1", "password": "x", "binding_code": "AAAAAAAA"}
    problem(drive.client.post("/api/v1/sessions", json=body), 422, "invalid-input")


def test_the_resident_that_somebody_was_comes_back_when_unbound(drive: Drive) -> None:
    """A grid worker had reported as a resident: those reports wait, and nothing is lost."""
    first = sign_in(drive, "phone").json
    resident = Person(drive.client, int(first["account"]["id"]), first["token"])
    made = resident.report("flyers", photo_ids=[])
    worker = bound(drive)
    problem(resident.get("/api/v1/reports"), 401, "signed-out")
    assert worker.get("/api/v1/reports").json["items"] == []
    unbound = drive.staff("admin").request("DELETE", "/api/v1/accounts/worker1/wechat")
    assert unbound.json == {"unbound": True}
    back = sign_in(drive, "phone").json
    assert back["account"]["id"] == str(resident.account_id)
    mine = Person(drive.client, resident.account_id, back["token"]).get("/api/v1/reports").json
    assert [one["case_number"] for one in mine["items"]] == [made["case_number"]]


def test_a_lost_phone_is_signed_out_at_once_and_a_new_one_bound(drive: Drive) -> None:
    worker = bound(drive)
    admin = drive.staff("admin")
    assert admin.request("DELETE", "/api/v1/accounts/worker1/wechat").status_code == 200
    problem(worker.get("/api/v1/me"), 401, "signed-out")
    assert sign_in(drive, "phone").json["account"]["roles"][0]["role"] == "citizen"
    again = admin.request("DELETE", "/api/v1/accounts/worker1/wechat")
    assert again.json == {"unbound": False}
    code, _ = binding.issue(drive.db, worker.account_id)  # all its sessions have ended
    fresh = sign_in(drive, "new-phone", binding_code=code)
    assert fresh.json["account"]["id"] == str(worker.account_id)


def test_who_bound_and_unbound_whom_is_kept(drive: Drive) -> None:
    worker = bound(drive)
    admin = drive.staff("admin")
    admin.request("DELETE", "/api/v1/accounts/worker1/wechat")
    row = drive.db.execute(
        select(Binding.__table__).where(Binding.account_id == worker.account_id)
    ).one()
    assert row.unbound_by == admin.account_id
    assert row.bound_at <= row.unbound_at


def test_only_an_admin_unbinds(drive: Drive) -> None:
    bound(drive)
    path = "/api/v1/accounts/worker1/wechat"
    for name in ("desk", "supervisor", "unit1", "worker1"):
        problem(drive.staff(name).request("DELETE", path), 403, "forbidden")
    missing = drive.staff("admin").request("DELETE", "/api/v1/accounts/nobody/wechat")
    problem(missing, 404, "not-found")


def test_a_disabled_account_is_not_bound(drive: Drive) -> None:
    code = code_of(drive)
    disabled = update(Account).where(Account.username == "worker1").values(enabled=False)
    drive.db.execute(disabled)
    problem(sign_in(drive, "phone", binding_code=code), 401, "sign-in-refused")


def test_an_erased_resident_does_not_come_back(drive: Drive) -> None:
    resident = int(sign_in(drive, "phone").json["account"]["id"])
    bound(drive)
    account.erase(drive.db, resident)
    drive.staff("admin").request("DELETE", "/api/v1/accounts/worker1/wechat")
    fresh = sign_in(drive, "phone").json["account"]["id"]
    assert fresh != str(resident)


def test_a_disabled_resident_cannot_slip_into_staff(drive: Drive) -> None:
    resident = int(sign_in(drive, "phone").json["account"]["id"])
    drive.db.execute(update(Account).where(Account.id == resident).values(enabled=False))
    with pytest.raises(SignInRefused):
        binding.bind(drive.db, code_of(drive), "openid-phone")
