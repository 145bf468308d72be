"""Subscribe messages: what is sent to whom and when, and what is kept of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.clients.wechat_errors import WeChatError, error_of, no_answer
from app.services import consent, message
from models.account import Account
from models.calendar import LOCAL
from models.message import Message, MessageTemplate, after_quiet
from models.notice import Notice
from models.outbox import Outbox
from tests.api.story import Story
from tests.drive import Drive
from tests.fake_wechat import FakeWeChat

DAY = datetime.combine(date(2026, 11, 25), time(10), LOCAL)


@pytest.fixture(autouse=True)
def daytime(monkeypatch: pytest.MonkeyPatch, drive: Drive) -> None:
    """Nothing here is held back by the hour that the tests run at."""
    drive.db.execute(update(MessageTemplate).values(urgent=True))


def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "after_quiet", lambda _: DAY + timedelta(days=1))


def told(drive: Drive, number: str) -> list[dict[str, Any]]:
    """The notices of a case that went, or go, to a phone, oldest first."""
    answer = drive.staff("desk").get(f"/api/v1/cases/{number}/notices")
    assert answer.status_code == 200, answer.text
    return [one for one in reversed(answer.json["items"]) if one["message"]]


def routed(drive: Drive) -> str:
    number: str = drive.resident().report()["case_number"]
    drive.spread_notices()
    return number


def test_a_reporter_hears_on_the_phone_what_stands_in_the_inbox(
    drive: Drive, wechat: FakeWeChat
) -> None:
    number = routed(drive)
    assert drive.work("message.send") == []
    ((openid, template, data, page),) = wechat.calls("send_message")
    assert (openid, template) == ("openid-lily", "demo-accepted")
    assert data["character_string1"] == number
    assert data["thing2"] == "暴露垃圾"
    assert data["phrase4"] == "已受理"
    assert page.startswith("pages/report/detail?id=")
    (one,) = told(drive, number)
    assert (one["to"], one["title"]) == ("市民甲", "已受理并派单")
    assert one["message"]["state"] == "sent"
    inbox = drive.resident().get("/api/v1/notices").json["items"]
    assert [n["message"]["state"] for n in inbox] == ["sent"]


def test_each_step_of_a_case_is_told_once(drive: Drive, wechat: FakeWeChat) -> None:
    Story(drive).start().resolve().close()
    for _ in range(2):
        drive.spread_notices()
        drive.work("message.send")
    sent = [(openid, template) for openid, template, _, _ in wechat.calls("send_message")]
    assert sent == [
        ("openid-lily", "demo-accepted"),
        ("openid-lily", "demo-progress"),
        ("openid-lily", "demo-progress"),
        ("openid-lily", "demo-closed"),
    ]


def test_staff_with_a_bound_phone_are_told_as_well(drive: Drive, wechat: FakeWeChat) -> None:
    drive.db.execute(
        update(Account).where(Account.username == "unit1").values(openid="openid-unit1")
    )
    number = routed(drive)
    drive.work("message.send")
    found = {openid: data for openid, _, data, _ in wechat.calls("send_message")}
    assert found["openid-unit1"]["thing3"] == "有案卷待签收"
    assert len(told(drive, number)) == 2


def test_an_event_without_a_template_reaches_the_inbox_only(
    drive: Drive, wechat: FakeWeChat
) -> None:
    drive.db.execute(delete(MessageTemplate).where(MessageTemplate.event == "routed"))
    number = routed(drive)
    assert drive.work("message.send") == []
    assert wechat.calls("send_message") == []
    assert told(drive, number) == []
    assert drive.resident().get("/api/v1/notices").json["items"][0]["message"] is None


def test_sending_takes_a_consent_and_a_refusal_leaves_none(
    drive: Drive, wechat: FakeWeChat
) -> None:
    lily = drive.resident()
    for _ in range(3):
        consent.agreed(drive.db, lily.account_id, "demo-accepted", "push")
    routed(drive)
    drive.work("message.send")
    assert remaining(drive) == 2
    wechat.will("send_message", error_of(43101))
    lily.report("flyers", photo_ids=[])
    drive.spread_notices()
    drive.work("message.send")
    assert remaining(drive) == 0


def remaining(drive: Drive, template: str = "demo-accepted") -> int | None:
    listed = consent.listed(drive.db, drive.resident().account_id)
    left: int | None = next(one["remaining"] for one in listed if one["template_id"] == template)
    return left


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (error_of(43101), "refused", "用户没有订阅"),
        (error_of(40003), "failed", "微信不认识收件人"),
        (error_of(40037), "failed", "模板编号不对"),
        (error_of(41030), "failed", "小程序没有要打开的页面"),
        (error_of(47003), "failed", "模板的字段或内容不对"),
    ],
)
def test_a_final_refusal_is_kept_and_not_tried_again(
    drive: Drive, wechat: FakeWeChat, error: WeChatError, state: str, reason: str
) -> None:
    number = routed(drive)
    wechat.will("send_message", error)
    assert drive.work("message.send") == []
    found = told(drive, number)[0]["message"]
    assert (found["state"], found["reason"], found["errcode"]) == (state, reason, error.errcode)
    assert drive.work("message.send") == []
    assert len(wechat.calls("send_message")) == 1


@pytest.mark.parametrize("error", [error_of(-1), error_of(45011), error_of(40164), error_of(40001)])
def test_what_may_pass_is_tried_again_and_seen(
    drive: Drive, wechat: FakeWeChat, error: WeChatError
) -> None:
    number = routed(drive)
    wechat.will("send_message", error, error)
    for attempt in (1, 2):
        assert len(drive.work("message.send")) == 1
        found = told(drive, number)[0]["message"]
        assert (found["state"], found["attempts"]) == ("waiting", attempt)
        assert found["state_label"] == f"等待重试（已试 {attempt} 次）"
    assert drive.work("message.send") == []
    assert told(drive, number)[0]["message"]["state"] == "sent"


def test_the_days_quota_is_waited_out(drive: Drive, wechat: FakeWeChat) -> None:
    number = routed(drive)
    wechat.will("send_message", error_of(45009))
    (wait,) = drive.work("message.send")
    assert wait.until is not None
    until = wait.until.astimezone(LOCAL)
    assert (until.date() - datetime.now(LOCAL).date()).days == 1
    assert until.time() < time(0, 5)
    assert told(drive, number)[0]["message"]["reason"] == "今天的发送额度已用完，明天再发"


def test_a_message_that_may_have_gone_out_is_not_sent_twice_at_once(
    drive: Drive, wechat: FakeWeChat
) -> None:
    number = routed(drive)
    wechat.will("send_message", no_answer(unclear=True))
    assert len(drive.work("message.send")) == 1
    assert told(drive, number)[0]["message"]["state"] == "sending"
    assert len(drive.work("message.send")) == 1
    assert len(wechat.calls("send_message")) == 1
    drive.db.execute(update(Message).values(tried_at=datetime.now(UTC) - timedelta(minutes=6)))
    assert drive.work("message.send") == []
    assert len(wechat.calls("send_message")) == 2


def confirmed(drive: Drive, errcode: int) -> None:
    lily = drive.resident().account_id
    message.confirm(drive.db, lily, "demo-accepted", errcode)


def test_wechats_report_settles_what_was_unclear(drive: Drive, wechat: FakeWeChat) -> None:
    consent.agreed(drive.db, drive.resident().account_id, "demo-accepted", "push")
    number = routed(drive)
    wechat.will("send_message", no_answer(unclear=True))
    drive.work("message.send")
    confirmed(drive, 0)
    assert told(drive, number)[0]["message"]["state"] == "sent"
    assert remaining(drive) == 0
    assert drive.work("message.send") == []
    assert len(wechat.calls("send_message")) == 1


@pytest.mark.parametrize(("errcode", "state"), [(0, "sent"), (43101, "refused"), (43107, "failed")])
def test_wechats_report_on_what_was_sent_is_kept(drive: Drive, errcode: int, state: str) -> None:
    number = routed(drive)
    drive.work("message.send")
    confirmed(drive, errcode)
    confirmed(drive, 0)  # of another message, of which nothing is known
    assert told(drive, number)[0]["message"]["state"] == state


def test_a_report_that_is_quicker_than_the_answer_counts_once(
    drive: Drive, wechat: FakeWeChat
) -> None:
    for _ in range(2):
        consent.agreed(drive.db, drive.resident().account_id, "demo-accepted", "push")
    number = routed(drive)
    message_id = drive.db.execute(select(Message.id).order_by(Message.id.desc())).scalars().first()
    sending = message.take_up(drive.db, drive.kit.atlas(), message_id or 0, datetime.now(UTC))
    assert sending is not None
    confirmed(drive, 0)
    message.settle(drive.db, sending, None)
    assert remaining(drive) == 1
    assert told(drive, number)[0]["message"]["state"] == "sent"


def test_where_no_consent_is_left_nobody_is_asked(drive: Drive, wechat: FakeWeChat) -> None:
    consent.refused(drive.db, drive.resident().account_id, "demo-accepted")
    number = routed(drive)
    assert drive.work("message.send") == []
    assert wechat.calls("send_message") == []
    found = told(drive, number)[0]["message"]
    assert (found["state"], found["reason"]) == ("refused", "没有剩余的订阅次数")


def test_quiet_hours_hold_back_what_is_not_urgent(
    drive: Drive, wechat: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive.db.execute(update(MessageTemplate).values(urgent=False))
    at_night(monkeypatch)
    number = routed(drive)
    (wait,) = drive.work("message.send")
    assert wait.until == DAY + timedelta(days=1)
    assert wechat.calls("send_message") == []
    assert told(drive, number)[0]["message"]["state_label"] == "等待发送"
    drive.resident("tom").report("gas-leak", photo_ids=[], location=None or _far())
    drive.spread_notices()
    drive.work("message.send")
    assert [one[0] for one in wechat.calls("send_message")] == ["openid-tom"]


def _far() -> dict[str, Any]:
    return {"longitude": 112.5708, "latitude": 26.9003, "coord_type": "wgs84"}


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        ("2026-11-25T21:59:59", None),
        ("2026-11-25T22:00:00", "2026-11-26T07:00:00"),
        ("2026-11-25T23:59:59", "2026-11-26T07:00:00"),
        ("2026-11-26T00:00:00", "2026-11-26T07:00:00"),
        ("2026-11-26T06:59:59", "2026-11-26T07:00:00"),
        ("2026-11-26T07:00:00", None),
        ("2026-12-31T22:30:00", "2027-01-01T07:00:00"),
    ],
)
def test_quiet_hours_are_those_of_the_district(clock: str, until: str | None) -> None:
    here = datetime.fromisoformat(clock).replace(tzinfo=LOCAL)
    found = after_quiet(here.astimezone(UTC))
    assert found == (until and datetime.fromisoformat(until).replace(tzinfo=LOCAL))


def test_news_older_than_a_day_is_not_sent(drive: Drive, wechat: FakeWeChat) -> None:
    number = routed(drive)
    drive.db.execute(update(Notice).values(created_at=datetime.now(UTC) - timedelta(hours=25)))
    assert drive.work("message.send") == []
    assert wechat.calls("send_message") == []
    assert told(drive, number)[0]["message"]["reason"] == "一天内没有发出，已过期"


@pytest.mark.parametrize("gone", ["openid", "template"])
def test_who_or_what_is_gone_is_not_sent_to(drive: Drive, wechat: FakeWeChat, gone: str) -> None:
    number = routed(drive)
    if gone == "openid":
        mine = Account.id == drive.resident().account_id
        drive.db.execute(update(Account).where(mine).values(openid=None))
    else:
        drive.db.execute(delete(MessageTemplate))
    assert drive.work("message.send") == []
    assert wechat.calls("send_message") == []
    assert told(drive, number)[0]["message"]["state"] == "failed"


def test_without_wechat_the_inbox_is_complete(drive: Drive) -> None:
    routed(drive)
    drive.kit = drive.kit.__class__(**(vars(drive.kit) | {"wechat": None}))
    assert drive.work("message.send") == []
    assert len(drive.resident().get("/api/v1/notices").json["items"]) == 1


def test_values_are_never_empty_and_fit_their_keys() -> None:
    fields = {"thing1": "{body}", "phrase2": "{title}", "character_string3": "{number}"}
    words = dict.fromkeys(message.PLACEHOLDERS, "") | {"body": "很长" * 30, "number": "HY1"}
    found = message.filled(fields, words)
    assert len(found["thing1"]) <= 20
    assert found["phrase2"] == "已更新"
    assert found["character_string3"] == "HY1"


def test_a_units_people_read_no_more_of_the_reporter_than_a_number(drive: Drive) -> None:
    number = routed(drive)
    answer = drive.staff("unit1").get(f"/api/v1/cases/{number}/notices")
    assert answer.status_code == 200
    assert "openid-lily" not in answer.text
    assert {"市民甲"} <= {one["to"] for one in answer.json["items"]}
    assert drive.staff("unit2").get(f"/api/v1/cases/{number}/notices").status_code == 404


def test_a_job_that_came_twice_makes_one_message(drive: Drive) -> None:
    number = routed(drive)
    drive.spread_notices()
    assert len(told(drive, number)) == 1
    jobs = drive.db.execute(select(Outbox.id).where(Outbox.job == "message.send")).all()
    assert len(jobs) == 1
