"""The push endpoint: kept at once, worked on later, once."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.services import consent, push
from app.services.outbox import PutOff
from models.content import ContentCheck
from models.message import Consent
from models.photo import Photo
from models.push import Push
from tests.clients.test_wechat_push import MEDIA, POPUP
from tests.conftest import Servers
from tests.drive import Answer, Drive, problem
from tests.island import Island
from tests.island import island as make_island
from tools.wechat_standin import DEMO_APP_ID, DEMO_PUSH_KEY, DEMO_PUSH_TOKEN, make_push

TOKEN, APP = DEMO_PUSH_TOKEN, DEMO_APP_ID


def pushed(
    event: dict[str, Any], form: str = "json", nonce: str = "n"
) -> tuple[dict[str, str], bytes]:
    return make_push(
        event, token=TOKEN, key=DEMO_PUSH_KEY, app_id=APP, form=form, mode="plain", nonce=nonce
    )[:2]


def query(at: float | None = None, nonce: str = "n", token: str = TOKEN) -> dict[str, str]:
    stamp = int(at or time.time())
    return make_push(
        {}, token=token, key="", app_id=APP, mode="plain", timestamp=stamp, nonce=nonce
    )[0]


def media(trace: str, suggest: str = "pass") -> dict[str, Any]:
    return MEDIA | {"appid": APP, "trace_id": trace, "result": {"suggest": suggest, "label": 100}}


def popup(said: str = "accept", openid: str = "openid-lily", **more: Any) -> dict[str, Any]:
    item = {"TemplateId": "demo-closed", "SubscribeStatusString": said}
    return POPUP | {"FromUserName": openid, "List": item} | more


def send(client: Any, event: dict[str, Any], nonce: str = "n") -> Answer:
    asked, body = pushed(event, nonce=nonce)
    return client.post("/wechat/push", query_string=asked, data=body)


def kept(drive: Drive) -> int:
    return drive.db.execute(select(func.count()).select_from(Push)).scalar_one()


def test_a_push_is_answered_and_left_to_a_job(drive: Drive) -> None:
    answer = send(drive.client, popup())
    assert (answer.status_code, answer.text) == (200, "success")
    assert consent.listed(drive.db, drive.resident().account_id)[0]["remaining"] is None
    assert drive.work("push.work") == []
    assert balance(drive) == 1


def balance(drive: Drive, template: str = "demo-closed") -> int | None:
    return drive.db.execute(
        select(Consent.remaining).where(
            Consent.account_id == drive.resident().account_id, Consent.template_id == template
        )
    ).scalar_one_or_none()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_push_that_comes_five_times_counts_once(drive: Drive, form: str) -> None:
    drive.resident()
    event = popup()
    if form == "xml":
        event = {k: v for k, v in event.items() if k != "List"} | {
            "SubscribeMsgPopupEvent": {"List": event["List"]}
        }
    for nonce in ("a", "a", "b", "c", "a"):
        asked, body = pushed(event, form, nonce)
        answer = drive.client.post("/wechat/push", query_string=asked, data=body)
        assert (answer.status_code, answer.text) == (200, "success")
        drive.work("push.work")
    assert kept(drive) == 1
    assert balance(drive) == 1


def test_a_job_that_runs_twice_counts_once(drive: Drive) -> None:
    drive.resident()
    send(drive.client, popup())
    push_id = drive.db.execute(select(Push.id)).scalars().one()
    push.work(drive.db, push_id)
    push.work(drive.db, push_id)
    assert balance(drive) == 1


def test_a_signature_is_good_for_one_body(drive: Drive) -> None:
    """In plain mode it does not cover the body: who saw one must not send another under it."""
    asked = query()
    first = drive.client.post("/wechat/push", query_string=asked, data=json.dumps(popup()))
    assert first.status_code == 200
    forged = json.dumps(popup(CreateTime=1))
    problem(drive.client.post("/wechat/push", query_string=asked, data=forged), 403, "forbidden")
    assert kept(drive) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {},
        query() | {"signature": "0" * 40},
        query(token="another"),
        query(at=time.time() - 900),
        query(at=time.time() + 900),
        query() | {"timestamp": "soon"},
    ],
)
def test_what_wechat_did_not_sign_is_refused(drive: Drive, asked: dict[str, str]) -> None:
    body = json.dumps(popup())
    answer = drive.client.post("/wechat/push", query_string=asked, data=body)
    problem(answer, 403, "forbidden")
    greeting = drive.client.get("/wechat/push", query_string=asked | {"echostr": "hi"})
    problem(greeting, 403, "forbidden")
    assert kept(drive) == 0


def test_the_address_proves_itself_to_wechat(drive: Drive) -> None:
    answer = drive.client.get("/wechat/push", query_string=query() | {"echostr": "<b>1"})
    assert (answer.status_code, answer.text) == (200, "<b>1")
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_hostile_xml_is_a_bad_input_and_nothing_more(drive: Drive) -> None:
    body = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Event>&a;</Event></xml>'
    answer = drive.client.post("/wechat/push", query_string=query(), data=body)
    assert "root:" not in problem(answer, 422, "invalid-input")["detail"]
    assert kept(drive) == 0


def test_a_body_past_the_limit_is_refused(drive: Drive) -> None:
    body = b"<xml>" + b" " * 300_000 + b"</xml>"
    answer = drive.client.post("/wechat/push", query_string=query(), data=body)
    problem(answer, 413, "body-too-large")


def test_without_a_token_pushes_are_not_taken(drive: Drive) -> None:
    drive.client.application.extensions["kit"] = drive.kit.__class__(
        **(vars(drive.kit) | {"push": None})
    )
    problem(send(drive.client, popup()), 503, "wechat-not-configured")


def asked_about(drive: Drive) -> tuple[int, str]:
    """A photo's check that WeChat was asked for: its id and trace."""
    drive.resident().report()
    drive.db.execute(update(Photo).values(rendered_at=datetime.now(UTC)))
    drive.work("content.check")
    row = drive.db.execute(
        select(ContentCheck.id, ContentCheck.trace_id)
        .where(ContentCheck.trace_id.is_not(None))
        .order_by(ContentCheck.id.desc())
    ).first()
    assert row is not None
    return row.id, row.trace_id


def state(drive: Drive, check_id: int) -> str:
    return drive.db.execute(
        select(ContentCheck.state).where(ContentCheck.id == check_id)
    ).scalar_one()


@pytest.mark.parametrize(("suggest", "after"), [("pass", "passed"), ("risky", "held")])
def test_a_verdict_reaches_its_photo(drive: Drive, suggest: str, after: str) -> None:
    check_id, trace = asked_about(drive)
    send(drive.client, media(trace, suggest))
    drive.work("push.work")
    assert state(drive, check_id) == after


def test_a_verdict_that_is_quicker_than_our_note_waits_for_it(drive: Drive) -> None:
    send(drive.client, media("early"))
    assert len(drive.work("push.work")) == 1
    check_id, _ = asked_about(drive)
    drive.db.execute(
        update(ContentCheck).where(ContentCheck.id == check_id).values(trace_id="early")
    )
    assert drive.work("push.work") == []
    assert state(drive, check_id) == "passed"


def test_a_verdict_that_nobody_asked_for_is_dropped_in_the_end(drive: Drive) -> None:
    send(drive.client, media("nobodys"))
    push_id = drive.db.execute(select(Push.id)).scalars().one()
    with pytest.raises(PutOff):
        push.work(drive.db, push_id)
    old = datetime.now(UTC) - timedelta(minutes=11)
    drive.db.execute(update(Push).values(received_at=old, done_at=None))
    push.work(drive.db, push_id)


def test_an_answer_of_no_and_a_change_of_mind_leave_none(drive: Drive) -> None:
    drive.resident()
    send(drive.client, popup(), "1")
    send(drive.client, popup("reject", CreateTime=2), "2")
    drive.work("push.work")
    assert balance(drive) == 0


def test_events_of_strangers_and_of_other_kinds_are_left_alone(drive: Drive) -> None:
    send(drive.client, popup(openid="openid-nobody"), "1")
    send(drive.client, POPUP | {"Event": "debug_demo"}, "2")
    assert drive.work("push.work") == []
    assert drive.db.execute(select(func.count()).select_from(Consent)).scalar_one() == 0


def test_old_pushes_are_forgotten(drive: Drive) -> None:
    drive.resident()
    send(drive.client, popup())
    drive.work("push.work")
    assert push.sweep(drive.db) == 0
    drive.db.execute(update(Push).values(received_at=datetime.now(UTC) - timedelta(days=4)))
    assert push.sweep(drive.db) == 1


@pytest.fixture
def island(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path) as found:
        yield found


def test_five_at_once_are_one(island: Island) -> None:
    island.drive.resident()
    body = json.dumps(popup())
    asked = [query(nonce=str(i % 2)) for i in range(5)]

    def deliver(one: dict[str, str]) -> int:
        client = island.app.test_client()
        return client.post("/wechat/push", query_string=one, data=body).status_code

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(deliver, asked)) == [200] * 5
    assert island.one("SELECT count(*) FROM push") == 1
    assert island.one("SELECT count(*) FROM outbox WHERE job = 'push.work'") == 1
