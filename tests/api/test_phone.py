"""A phone by code: encrypted at rest, masked for display, found by its hash."""

import pytest
from sqlalchemy import select

from app.clients.wechat_errors import WeChatError, error_of, no_answer
from models.account import Account
from models.report import Report
from tests.drive import Drive, problem
from tests.fake_wechat import FakeWeChat

NUMBER = "13800138000"


def test_the_number_is_shown_masked_and_stored_sealed(drive: Drive, wechat: FakeWeChat) -> None:
    lily = drive.resident()
    answer = lily.post("/api/v1/me/phone", {"wechat_code": "phone-code"})
    assert (answer.status_code, answer.json) == (200, {"phone": "138****8000"})
    assert wechat.calls("phone_number") == [("phone-code",)]
    assert lily.get("/api/v1/me").json["phone"] == "138****8000"
    row = drive.db.execute(
        select(Account.phone, Account.phone_blind).where(Account.id == lily.account_id)
    ).one()
    assert NUMBER.encode() not in row.phone + row.phone_blind
    assert drive.kit.safe.open(row.phone) == NUMBER


def test_the_number_can_be_removed(drive: Drive) -> None:
    lily = drive.resident()
    lily.post("/api/v1/me/phone", {"wechat_code": "x"})
    assert lily.request("DELETE", "/api/v1/me/phone").status_code == 204
    assert lily.get("/api/v1/me").json["phone"] is None


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (error_of(40029), 422, "invalid-input"),
        (error_of(40163), 422, "invalid-input"),
        (error_of(-1), 503, "wechat-unavailable"),
        (no_answer(unclear=True), 503, "wechat-unavailable"),
        (error_of(40001), 503, "wechat-not-configured"),
        (error_of(40003), 503, "wechat-not-configured"),
    ],
)
def test_each_failure_says_what_helps(
    drive: Drive, wechat: FakeWeChat, error: WeChatError, status: int, name: str
) -> None:
    wechat.will("phone_number", error)
    lily = drive.resident()
    problem(lily.post("/api/v1/me/phone", {"wechat_code": "x"}), status, name)
    assert lily.get("/api/v1/me").json["phone"] is None


def test_a_replay_has_its_answer_though_the_code_is_used_up(
    drive: Drive, wechat: FakeWeChat
) -> None:
    wechat.will("phone_number", NUMBER, error_of(40163))
    headers = {"Idempotency-Key": "phone-1"}
    lily = drive.resident()
    answers = [
        lily.post("/api/v1/me/phone", {"wechat_code": "x"}, headers=headers) for _ in range(2)
    ]
    assert [(a.status_code, a.json) for a in answers] == [(200, {"phone": "138****8000"})] * 2


def test_tries_are_bounded(drive: Drive) -> None:
    lily = drive.resident("phone-fan")
    answers = [lily.post("/api/v1/me/phone", {"wechat_code": "x"}) for _ in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]


def test_a_report_from_a_staff_members_phone_is_marked(drive: Drive, wechat: FakeWeChat) -> None:
    """The same number in another form, and sealed anew, is found by its keyed hash."""
    drive.staff("unit8").post("/api/v1/me/phone", {"wechat_code": "x"})
    made = drive.resident().report("flyers", photo_ids=[], contact_phone="+86 138-0013-8000")
    marked = select(Report.by_staff, Report.contact_phone).where(Report.id == int(made["id"]))
    row = drive.db.execute(marked).one()
    assert row.by_staff is True
    assert NUMBER.encode() not in row.contact_phone


def test_the_desk_reads_the_number_in_the_logged_look_only(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[], contact_phone=NUMBER)
    path = f"/api/v1/cases/{made['case_number']}"
    desk = drive.staff("desk")
    assert NUMBER not in desk.get(path).text
    assert desk.get(f"{path}/reporters").json["items"][0]["phone"] == NUMBER
