"""Cases at a unit's own Open311 system: sent once whatever fails, and what it says brought back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.wrappers import Request, Response

from app.clients.open311 import PeerRefused, PeerUpdate
from app.services import endpoint, forwarded_updates
from models.account import Account
from models.errors import Conflict, InvalidInput, NotFound
from models.exchange import Endpoint, ExternalUpdate, Forwarded
from models.outbox import Outbox
from tests.api.story import REPLY, Story
from tests.drive import Drive
from tests.fake_peer import FakePeer
from tests.little_server import serving
from tests.open311.calls import key_of, number_of, send
from tools.pictures import make_photo
from workers import clock

UNIT = "U-HW"
PICTURE = make_photo(61, size=(480, 360))


@dataclass
class Stage:
    """A unit with a system of its own."""

    drive: Drive
    peer: FakePeer
    url: str

    def case(self) -> "Story":
        """A case that comes to the unit, its photos rendered."""
        story = Story(self.drive)
        self.drive.work("photo.render")
        return story

    def send(self) -> list[Any]:
        return self.drive.work("forwarding.send")

    def fetch(self) -> list[Any]:
        clock.ask_other_systems(self.drive.kit)
        return self.drive.work("forwarding.fetch")

    def says(self, number: str, status: str, words: str = "", **more: Any) -> None:
        self.peer.say(number, status, words, **more)
        assert self.fetch() == []

    def events(self, story: Story) -> list[tuple[str, str]]:
        timeline = story.case()["timeline"]
        return [(one["action"], one["texts"].get("comment", "")) for one in timeline]


@pytest.fixture
def stage(drive: Drive) -> Iterator[Stage]:
    peer = FakePeer()

    def answer(request: Request) -> Response:
        if request.path == "/picture.jpg":
            return Response(PICTURE, mimetype="image/jpeg")
        return peer(request)

    with serving(answer) as url:
        endpoint.connect(
            drive.db,
            drive.kit.atlas(),
            drive.kit.safe,
            unit=UNIT,
            url=url,
            jurisdiction=None,
            api_key="their-key",
            services={"*": "001"},
        )
        drive.read_set_up()
        yield Stage(drive, peer, url)


def test_a_case_is_sent_once_with_its_pictures(stage: Stage) -> None:
    story = stage.case()
    assert stage.send() == []
    (sent,) = stage.peer.requests
    assert sent["service_code"] == "001"
    assert (sent["lat"], sent["long"]) == ("26.9000000", "112.5700000")
    assert story.number in sent["description"]
    assert sent["attribute[external_id]"] == story.number
    assert sent["api_key"] == "their-key"
    assert len(stage.peer.files) == 1
    assert stage.peer.asked == ["POST /requests.xml"]
    story.desk.done(story.number, "remark", comment="看一下")
    story.unit.done(story.number, "start")
    stage.send()
    assert len(stage.peer.requests) == 1


def test_no_person_is_named_there(stage: Stage) -> None:
    stage.drive.resident().report(contact_phone="13800001111")
    stage.drive.work("photo.render")
    stage.send()
    (sent,) = stage.peer.requests
    assert {"first_name", "last_name", "email", "phone"} & set(sent) == set()
    assert "13800001111" not in str(sent)


def test_cases_of_others_are_not_sent(stage: Stage) -> None:
    other = next(u for u in stage.drive.kit.atlas().units if u != UNIT)
    story = stage.case()
    story.desk.done(story.number, "reassign", unit=other, reason="换单位")
    assert stage.send() == []
    assert stage.peer.requests == []


def test_what_comes_back_from_there_is_not_sent_again(stage: Stage) -> None:
    """Two systems that forward to each other would do so for ever."""
    story = stage.case()
    stage.send()
    words = stage.peer.requests[0]["description"]
    key = key_of(stage.drive)
    back = number_of(
        send(stage.drive, key, service_code="exposed-garbage", long="112.571", description=words)
    )
    other = number_of(
        send(stage.drive, key, service_code="exposed-garbage", long="112.572", description="别的")
    )
    for number in (back, other):
        case = story.desk.case(number)
        if (case["status"], case["unit"]) != ("assigned", UNIT):
            action = "accept" if case["status"] == "submitted" else "reassign"
            more = {} if action == "accept" else {"reason": "由本单位办理"}
            story.desk.done(number, action, unit=UNIT, **more)
    assert stage.send() == []
    assert [one["attribute[external_id]"] for one in stage.peer.requests] == [story.number, other]


def test_a_category_without_a_service_there_stays_here(stage: Stage) -> None:
    stage.drive.db.execute(update(Endpoint).values(services={"debris": "2"}))
    stage.case()
    assert stage.send() == []
    assert stage.peer.requests == []
    assert stage.drive.db.execute(select(func.count()).select_from(Forwarded)).scalar_one() == 0


def test_photos_are_waited_for(stage: Stage) -> None:
    Story(stage.drive)
    (wait,) = stage.send()
    assert "render" in str(wait)
    stage.drive.work("photo.render")
    assert stage.send() == []
    assert len(stage.peer.files) == 1


@pytest.mark.parametrize("lost", [1, 3])
def test_an_answer_that_is_lost_does_not_send_it_twice(stage: Stage, lost: int) -> None:
    """Killed or cut off after the other side took it: it is looked for before it is sent again."""
    story = stage.case()
    stage.peer.loses_answers = lost
    (wait,) = stage.send()
    assert "500" in str(wait)
    assert stage.send() == []
    assert len(stage.peer.requests) == 1
    row = stage.drive.db.execute(select(Forwarded.__table__)).one()
    assert (row.number, row.round) == ("1", 1)
    assert story.case()["status"] == "assigned"


def test_a_system_that_is_away_is_waited_for(stage: Stage) -> None:
    stage.case()
    stage.peer.away = True
    for _ in range(3):
        assert len(stage.send()) == 1
    stage.peer.away = False
    assert stage.send() == []
    assert len(stage.peer.requests) == 1


def test_a_refusal_is_a_failed_job(stage: Stage) -> None:
    stage.case()
    stage.peer.refuses = 400
    with pytest.raises(PeerRefused, match="service_code unknown"):
        stage.send()
    stage.peer.refuses = 0
    assert stage.send() == []
    assert len(stage.peer.requests) == 1


def test_a_token_becomes_a_number_later(stage: Stage) -> None:
    stage.case()
    stage.peer.gives_tokens = True
    assert len(stage.send()) == 1
    assert len(stage.send()) == 1
    assert stage.send() == []
    row = stage.drive.db.execute(select(Forwarded.__table__)).one()
    assert (row.token, row.number) == ("t1", "1")
    assert len(stage.peer.requests) == 1


def test_begun_there_is_begun_here(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    stage.says("1", "IN_PROGRESS", "已派人前往")
    case = story.case()
    assert (case["status"], case["assignee"]) == ("in_progress", None)
    assert stage.events(story)[-2:] == [("remark", "对方系统（处理中）：已派人前往"), ("start", "")]
    who = case["timeline"][-1]
    assert (who["role"], who["unit"]) == ("unit_staff", UNIT)


def test_fixed_with_a_picture_is_resolved_and_must_be_checked(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    stage.says("1", "FIXED", "垃圾已经清走", media_url=f"{stage.url}/picture.jpg")
    case = story.case()
    assert case["status"] == "resolved"
    resolved = case["timeline"][-1]
    assert (resolved["action"], len(resolved["photos"])) == ("resolve", 1)
    assert case["on_site_check"], "its picture knows neither time nor place"
    story.worker.done(
        story.number, "pass", method="on_site", reply=REPLY, photo_ids=[story.worker.photo()]
    )


@pytest.mark.parametrize("media", [None, "http://10.0.0.1/a.jpg", "/nothing.jpg"])
def test_fixed_without_evidence_is_only_noted(stage: Stage, media: str | None) -> None:
    story = stage.case()
    stage.send()
    url = f"{stage.url}{media}" if media and media.startswith("/") else media
    stage.says("1", "CLOSED", "已处理", media_url=url)
    assert story.case()["status"] == "in_progress"
    action, words = stage.events(story)[-1]
    assert action == "remark"
    assert "证据不足" in words
    story.unit.done(
        story.number, "resolve", outcome="fixed", comment="已清走", photo_ids=[story.unit.photo()]
    )


def test_updates_count_once(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    for _ in range(3):
        stage.fetch()
    stage.says("1", "IN_PROGRESS", "已派人前往")
    before = stage.events(story)
    for _ in range(3):
        assert stage.fetch() == []
    assert stage.events(story) == before
    assert (
        stage.drive.db.execute(select(func.count()).select_from(ExternalUpdate)).scalar_one() == 1
    )


def test_two_workers_with_one_update_take_it_once(stage: Stage) -> None:
    """Both found it new, and come one after the other."""
    story = stage.case()
    stage.send()
    kit, now = stage.drive.kit, datetime.now(UTC)
    endpoint_id = stage.drive.db.execute(select(Endpoint.id)).scalar_one()
    fetching = forwarded_updates.to_fetch(stage.drive.db, kit.safe, endpoint_id, now)
    assert fetching is not None
    said = PeerUpdate("1", "77", "in_progress", "已派人前往", now, [])
    for _ in range(2):
        forwarded_updates.take(stage.drive.db, kit.atlas(), fetching, said, [])
    assert [action for action, _ in stage.events(story)][-2:] == ["remark", "start"]


def test_what_is_not_ours_is_left_alone(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    before = stage.events(story)
    stage.says("999", "FIXED", "another")
    stage.peer.say("1", "", "")
    stage.peer.said[-1] |= {"update_id": ""}
    stage.fetch()
    assert stage.events(story) == before


def test_a_system_without_updates_is_asked_how_things_stand(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    stage.peer.has_updates = False
    stage.peer.requests[0] |= {"status": "closed", "status_notes": "已清运"}
    assert stage.fetch() == []
    assert "已清运" in str(stage.events(story))
    before = stage.events(story)
    stage.fetch()
    assert stage.events(story) == before


def test_a_new_round_is_a_new_request(stage: Stage) -> None:
    story = stage.case()
    stage.send()
    story.start().resolve().close()
    story.call("feedback", solved=False, rating=1)
    assert story.case()["round"] == 2
    assert stage.send() == []
    assert [one["attribute[external_id]"] for one in stage.peer.requests] == [
        story.number,
        f"{story.number}-2",
    ]
    stage.says("1", "FIXED", "an old round", media_url=f"{stage.url}/picture.jpg")
    assert story.case()["status"] == "assigned", "what is said of the first ends nothing of it"


def test_where_it_cannot_be_fetched_is_seen_and_mended(stage: Stage) -> None:
    stage.case()
    stage.send()
    stage.peer.away = True
    stage.fetch()
    (row,) = endpoint.listed(stage.drive.db)
    assert (row.error, row.sent, row.under_way) == ("HTTP 503", 1, 0)
    stage.peer.away = False
    stage.fetch()
    (row,) = endpoint.listed(stage.drive.db)
    assert row.error is None
    assert datetime.now(UTC) - row.fetched_until < timedelta(minutes=1)


def test_one_fetching_at_a_time(stage: Stage) -> None:
    stage.case()
    stage.send()
    for _ in range(3):
        clock.ask_other_systems(stage.drive.kit)
    jobs = select(func.count()).where(Outbox.job == "forwarding.fetch")
    assert stage.drive.db.execute(jobs).scalar_one() == 1


def test_a_disconnected_unit_works_as_before(stage: Stage) -> None:
    endpoint.disconnect(stage.drive.db, UNIT)
    stage.drive.read_set_up()
    story = stage.case()
    assert stage.send() == []
    assert stage.peer.requests == []
    story.start().resolve().close()
    with pytest.raises(NotFound):
        endpoint.disconnect(stage.drive.db, UNIT)
    key = stage.drive.db.execute(select(Endpoint.api_key)).scalar_one()
    assert key is None, "their key is not kept"


def test_nobody_signs_in_as_a_system(stage: Stage) -> None:
    row = stage.drive.db.execute(
        select(Account.username, Account.openid, Account.password_hash).where(
            Account.id == select(Endpoint.account_id).scalar_subquery()
        )
    ).one()
    assert tuple(row) == (None, None, None)


def test_their_key_is_encrypted(stage: Stage) -> None:
    kept = stage.drive.db.execute(select(Endpoint.api_key)).scalar_one()
    assert kept is not None
    assert b"their-key" not in kept


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"unit": "none"}, "/unit"),
        ({"url": "ftp://a.example"}, "/url"),
        ({"url": "https://a.example?x=1"}, "/url"),
        ({"services": {}}, "/services"),
        ({"services": {"none": "1"}}, "/services"),
        ({"services": {"debris": ""}}, "/services"),
    ],
)
def test_a_connection_that_makes_no_sense_is_not_made(
    drive: Drive, change: dict[str, Any], pointer: str
) -> None:
    given = {"unit": UNIT, "url": "https://a.example/v2", "services": {"*": "1"}} | change
    with pytest.raises(InvalidInput) as refusal:
        endpoint.connect(
            drive.db, drive.kit.atlas(), drive.kit.safe, jurisdiction=None, api_key=None, **given
        )
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_a_unit_has_one_system(stage: Stage) -> None:
    drive = stage.drive
    with pytest.raises(Conflict):
        endpoint.connect(
            drive.db,
            drive.kit.atlas(),
            drive.kit.safe,
            unit=UNIT,
            url="https://a.example",
            jurisdiction=None,
            api_key=None,
            services={"*": "1"},
        )
