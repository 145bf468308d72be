"""Updates of requests, read and sent, so that a FixMyStreet may stand in front."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import xmltodict
from sqlalchemy import func, select, update

from app.services.api_key import Right
from models.case import Case
from models.content import ContentCheck, ContentState
from models.exchange import ExternalUpdate
from models.ledger import LedgerEntry
from tests.api.story import REPLY
from tests.drive import Answer, Drive
from tests.open311.calls import BASE, key_of, number_of, post, refused, send
from tests.statements import counted
from tools.pictures import make_photo

PATH = f"{BASE}/servicerequestupdates"
UNIT = "U-HW"


def told(drive: Drive, key: str | None = None, **query: str) -> list[dict[str, Any]]:
    given = query | ({"api_key": key} if key else {})
    answer = drive.client.get(f"{PATH}.json", query_string=given)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json
    return found


def say(drive: Drive, key: str | None, number: str, update_id: str = "1", **more: Any) -> Answer:
    given = {"service_request_id": number, "update_id": update_id} | more
    return post(drive, "servicerequestupdates.json", key, **given)


def solve(drive: Drive, number: str) -> None:
    """The case of flyers goes all the way to its end."""
    desk, unit, worker = (drive.staff(name) for name in ("desk", "unit1", "worker1"))
    case = desk.case(number)
    if case["status"] == "submitted":
        desk.done(number, "accept", unit=UNIT)
    elif case["unit"] != UNIT:
        desk.done(number, "reassign", unit=UNIT, reason="由本单位办理")
    unit.done(number, "start")
    unit.done(
        number, "resolve", outcome="fixed", comment="已劝离发广告的人", photo_ids=[unit.photo()]
    )
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])


@pytest.fixture
def sent(drive: Drive) -> tuple[Drive, str, str]:
    key = key_of(drive)
    return drive, key, number_of(send(drive, key))


Sent = tuple[Drive, str, str]


def test_what_became_of_a_report_is_told_step_by_step(sent: Sent) -> None:
    drive, key, number = sent
    solve(drive, number)
    updates = told(drive, key)
    assert {one["service_request_id"] for one in updates} == {number}
    assert [one["status"] for one in updates][-3:] == ["IN_PROGRESS", "IN_PROGRESS", "FIXED"]
    assert updates[-1]["description"] == f"已结案：{REPLY}"
    assert updates[-1]["external_status_code"] == "closed"
    assert len({one["update_id"] for one in updates}) == len(updates)
    moments = [one["updated_datetime"] for one in updates]
    assert moments == sorted(moments)
    assert all(datetime.fromisoformat(one).tzinfo for one in moments)


def test_both_forms_say_the_same(sent: Sent) -> None:
    drive, key, number = sent
    solve(drive, number)
    answer = drive.client.get(f"{PATH}.xml?api_key={key}")
    assert answer.content_type == "text/xml; charset=utf-8"
    found = xmltodict.parse(answer.data)["service_request_updates"]["request_update"]
    assert found == told(drive, key)


def test_everybody_reads_the_changes_and_not_the_reply(sent: Sent) -> None:
    drive, _, number = sent
    solve(drive, number)
    updates = told(drive)
    assert updates[-1]["service_request_id"] == number
    assert updates[-1]["description"] == "已结案"
    assert REPLY not in str(updates)


def test_what_is_not_public_is_told_to_its_sender_only(sent: Sent) -> None:
    drive, key, number = sent
    solve(drive, number)
    drive.db.execute(update(Case).where(Case.number == number).values(public=False))
    assert told(drive) == []
    assert told(drive, key) != []
    assert told(drive, key_of(drive, "other")) == []


def test_released_photos_come_along(sent: Sent) -> None:
    drive, key, number = sent
    solve(drive, number)
    assert told(drive, key)[-1]["media_url"] is None
    drive.db.execute(update(ContentCheck).values(state=ContentState.RELEASED))
    media = told(drive, key)[-1]["media_url"]
    assert media.startswith("http://photos.test/public/photos/")


def test_a_window_and_numbers_choose(sent: Sent) -> None:
    drive, key, number = sent
    other = number_of(send(drive, key, lat="26.901"))
    both = {one["service_request_id"] for one in told(drive, key)}
    assert both == {number, other}
    assert {one["service_request_id"] for one in told(drive, key, service_request_id=other)} == {
        other
    }
    now = datetime.now(UTC)
    soon, later = (now + timedelta(hours=h) for h in (1, 2))
    assert told(drive, key, start_date=soon.isoformat(), end_date=later.isoformat()) == []
    assert len(told(drive, key, page_size="1")) == 1
    whole = told(drive, key)
    assert told(drive, key, page_size="1", page="2") == whole[1:2]


def test_a_merged_report_goes_on_under_its_own_number(sent: Sent) -> None:
    drive, key, number = sent
    target = drive.resident().report("flyers", photo_ids=[])["case_number"]
    drive.staff("desk").done(number, "merge", target=target)
    assert told(drive, key)[-1]["status"] == "DUPLICATE"
    solve(drive, target)
    last = told(drive, key)[-1]
    assert (last["service_request_id"], last["status"]) == (number, "FIXED")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start_date": "yesterday"}, 400),
        ({"page": "0"}, 400),
        ({"api_key": "wrong"}, 403),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(
    drive: Drive, query: dict[str, str], status: int
) -> None:
    refused(drive.client.get(f"{PATH}.json", query_string=query), status)


def test_a_key_that_may_only_write_reads_nothing(drive: Drive) -> None:
    key = key_of(drive, rights=[Right.WRITE])
    refused(drive.client.get(f"{PATH}.json?api_key={key}"), 403)


def test_reading_takes_two_statements(sent: Sent) -> None:
    drive, key, _ = sent
    with counted(drive.db) as seen:
        told(drive, key)
    assert len(seen) == 2, "the key, and the updates"


def test_words_and_files_reach_the_case(sent: Sent) -> None:
    drive, key, number = sent
    photo = (io.BytesIO(make_photo(31, size=(480, 360))), "a.jpg")
    answer = say(drive, key, number, description="还在发", status="OPEN", photo1=photo)
    assert answer.status_code == 201, answer.text
    update_id = answer.json[0]["update_id"]
    event = drive.staff("desk").case(number)["timeline"][-1]
    assert (event["action"], event["texts"]["text"]) == ("supplement", "还在发")
    assert len(event["photos"]) == 1
    assert update_id == f"{number}-{event['seq']}"
    assert update_id not in [one["update_id"] for one in told(drive, key)], "no echo"


def test_an_update_sent_five_times_counts_once(sent: Sent) -> None:
    drive, key, number = sent
    answers = [say(drive, key, number, description="还在发").json for _ in range(5)]
    assert len({str(one) for one in answers}) == 1
    supplements = select(func.count()).where(LedgerEntry.action == "supplement")
    assert drive.db.execute(supplements).scalar_one() == 1
    assert drive.db.execute(select(func.count()).select_from(ExternalUpdate)).scalar_one() == 1


@pytest.mark.parametrize("status", ["OPEN", "REOPEN"])
def test_open_on_a_closed_case_takes_it_up_again(sent: Sent, status: str) -> None:
    drive, key, number = sent
    solve(drive, number)
    answer = say(drive, key, number, status=status, description="第二天又来了")
    assert answer.status_code == 201, answer.text
    case = drive.staff("desk").case(number)
    assert (case["status"], case["round"]) == ("assigned", 2)
    assert case["timeline"][-1]["texts"]["reason"] == "第二天又来了"


def test_it_is_not_reopened_for_ever(sent: Sent) -> None:
    drive, key, number = sent
    for turn in range(2):
        solve(drive, number)
        assert say(drive, key, number, str(turn), status="OPEN").status_code == 201
    solve(drive, number)
    assert "12345" in refused(say(drive, key, number, "3", status="OPEN"), 409)


def test_words_on_a_closed_case_are_kept_as_a_remark(sent: Sent) -> None:
    drive, key, number = sent
    solve(drive, number)
    assert say(drive, key, number, status="FIXED", description="谢谢").status_code == 201
    case = drive.staff("desk").case(number)
    assert (case["status"], case["timeline"][-1]["action"]) == ("closed", "remark")
    assert case["timeline"][-1]["texts"]["text"] == "谢谢"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"update_id": None, "description": "x"}, 400, "update_id"),
        ({"service_request_id": None, "description": "x"}, 400, "service_request_id"),
        ({"service_request_id": "HY0", "description": "x"}, 404, "service_request_id"),
        ({}, 400, "description"),
        ({"description": "字" * 4001}, 400, "4000"),
        ({"description": "x", "media_url": "ftp://a/b"}, 400, "media_url"),
    ],
)
def test_what_is_wrong_is_named(
    sent: Sent, change: dict[str, Any], status: int, words: str
) -> None:
    drive, key, number = sent
    given = {"service_request_id": number, "update_id": "1"} | change
    assert words in refused(post(drive, "servicerequestupdates.json", key, **given), status)


def test_nobody_speaks_of_anothers_report(sent: Sent) -> None:
    drive, _, number = sent
    refused(say(drive, key_of(drive, "other"), number, description="x"), 404)
    refused(say(drive, None, number, description="x"), 403)
    refused(say(drive, key_of(drive, "r", rights=[Right.READ]), number, description="x"), 403)
    resident = drive.resident().report("flyers", photo_ids=[])["case_number"]
    refused(say(drive, key_of(drive, "third"), resident, description="x"), 404)
