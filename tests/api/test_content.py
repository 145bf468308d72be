"""What may be published: checked by WeChat, decided by people, never by default."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clients.wechat import Verdict
from app.clients.wechat_errors import WeChatError, error_of, no_answer
from app.services import content
from models.content import ContentCheck
from models.moment import at
from models.outbox import Outbox
from models.photo import Photo
from tests.api.story import Story
from tests.drive import Drive, problem
from tests.fake_wechat import FakeWeChat


def checks(drive: Drive, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = drive.staff("desk").case(number)["content_checks"]
    return found


def states(drive: Drive, number: str) -> list[str]:
    return [one["state"] for one in checks(drive, number)]


def held(drive: Drive, who: str = "desk") -> list[dict[str, Any]]:
    answer = drive.staff(who).get("/api/v1/moderation")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def rendered(drive: Drive) -> None:
    drive.db.execute(update(Photo).values(rendered_at=datetime.now(UTC)))


def test_words_and_each_photo_wait_for_their_verdict_and_dispatch_does_not(
    drive: Drive, wechat: FakeWeChat
) -> None:
    lily = drive.resident()
    made = lily.report(photo_ids=[lily.photo(), lily.photo()])
    assert made["status"] == "assigned"
    assert states(drive, made["case_number"]) == ["waiting"] * 3
    assert wechat.asked == []
    assert held(drive) == []


def test_a_text_that_passes_is_cleared(drive: Drive, wechat: FakeWeChat) -> None:
    made = drive.resident().report("flyers", photo_ids=[], address="解放路 1 号")
    assert drive.work("content.check") == []
    assert wechat.calls("check_text") == [("openid-lily", "路边一堆垃圾没人清理\n解放路 1 号")]
    assert states(drive, made["case_number"]) == ["passed"]


@pytest.mark.parametrize("suggest", ["review", "risky"])
def test_a_text_that_does_not_pass_is_a_persons(
    drive: Drive, wechat: FakeWeChat, suggest: str
) -> None:
    made = drive.resident().report("flyers", photo_ids=[])
    wechat.will("check_text", Verdict(suggest, 20001))
    drive.work("content.check")
    found = held(drive)[0]
    assert found["case_number"] == made["case_number"]
    assert (found["state"], found["because"], found["label_name"]) == ("held", suggest, "时政")
    assert (found["words"], found["by"]) == ("路边一堆垃圾没人清理", "市民甲")
    assert made["status"] == drive.staff("desk").case(made["case_number"])["status"]


def test_a_photo_is_asked_about_once_by_an_address_that_lives_minutes(
    drive: Drive, wechat: FakeWeChat
) -> None:
    lily = drive.resident()
    photo = lily.photo()
    made = lily.report(photo_ids=[photo])
    waits = drive.work("content.check")
    assert [str(wait) for wait in waits] == ["the photo is not rendered yet"]
    rendered(drive)
    assert drive.work("content.check") == []
    ((openid, address),) = wechat.calls("check_image")
    assert openid == "openid-lily"
    assert address.startswith("http://photos.test/wechat/photos/")
    token = address.removeprefix("http://photos.test/wechat/photos/").removesuffix(".jpg")
    assert drive.kit.safe.read(content.PHOTO_PURPOSE, token, 600) == photo
    assert len(wechat.calls("check_text")) == 1
    assert states(drive, made["case_number"]) == ["passed", "waiting"]


def test_the_address_serves_that_rendition_only_and_for_minutes_only(drive: Drive) -> None:
    lily = drive.resident()
    photo = lily.photo()
    drive.work("photo.render")
    token = drive.kit.safe.sign(content.PHOTO_PURPOSE, photo)
    answer = drive.client.get(f"/wechat/photos/{token}.jpg")
    assert answer.status_code == 200
    assert answer.content_type == "image/jpeg"
    assert answer.data == lily.get(f"/api/v1/photos/{photo}?size=large").data
    assert b"Exif" not in answer.data
    other = drive.kit.safe.sign("another-purpose", photo)
    for wrong in (token[:-2], "x" + token, photo, other, "a.b.c"):
        problem(drive.client.get(f"/wechat/photos/{wrong}.jpg"), 404, "not-found")
    assert drive.kit.safe.read(content.PHOTO_PURPOSE, token, -1) is None


def pushed(drive: Drive, trace_id: str, verdict: Verdict | None) -> None:
    assert content.answer(drive.db, trace_id, verdict)


def with_photo(drive: Drive) -> tuple[str, str]:
    """A case whose photo WeChat was asked about, and the trace id."""
    made = drive.resident().report()
    rendered(drive)
    drive.work("content.check")
    trace = drive.db.execute(
        select(ContentCheck.trace_id).where(ContentCheck.trace_id.is_not(None))
    ).scalars()
    return made["case_number"], str(list(trace)[-1])


@pytest.mark.parametrize(
    ("verdict", "state", "because"),
    [
        (Verdict("pass", 100), "passed", None),
        (Verdict("review", 20012), "held", "review"),
        (Verdict("risky", 20002), "held", "risky"),
        (None, "held", "failed"),
    ],
)
def test_a_pushed_verdict_settles_a_photo(
    drive: Drive, verdict: Verdict | None, state: str, because: str | None
) -> None:
    number, trace = with_photo(drive)
    pushed(drive, trace, verdict)
    pushed(drive, trace, Verdict("pass", 100))  # whatever comes later changes nothing
    found = checks(drive, number)[1]
    assert (found["state"], found["because"]) == (state, because)


def test_no_answer_in_half_an_hour_is_a_persons_and_a_late_pass_publishes_nothing(
    drive: Drive,
) -> None:
    number, trace = with_photo(drive)
    now = datetime.now(UTC)
    content.hold_unanswered(drive.db, now + timedelta(minutes=29))
    assert states(drive, number) == ["passed", "waiting"]
    content.hold_unanswered(drive.db, now + timedelta(minutes=31))
    pushed(drive, trace, Verdict("pass", 100))
    found = checks(drive, number)[1]
    assert (found["state"], found["because"], found["suggest"]) == ("held", "no_answer", "pass")


@pytest.mark.parametrize(
    ("error", "because"),
    [
        (error_of(61010), "inactive"),
        (error_of(87014), "risky"),
        (error_of(40003), "failed"),
    ],
)
def test_what_wechat_will_not_check_is_a_persons_at_once(
    drive: Drive, wechat: FakeWeChat, error: WeChatError, because: str
) -> None:
    drive.resident().report("flyers", photo_ids=[])
    wechat.will("check_text", error)
    assert drive.work("content.check") == []
    assert held(drive)[0]["because"] == because


@pytest.mark.parametrize(
    "error", [error_of(-1), error_of(45009), error_of(40164), no_answer(unclear=True)]
)
def test_a_platform_that_is_away_is_waited_for(
    drive: Drive, wechat: FakeWeChat, error: WeChatError
) -> None:
    made = drive.resident().report("flyers", photo_ids=[])
    wechat.will("check_text", error, error)
    assert len(drive.work("content.check")) == 1
    assert len(drive.work("content.check")) == 1
    assert states(drive, made["case_number"]) == ["waiting"]
    assert drive.work("content.check") == []
    assert states(drive, made["case_number"]) == ["passed"]


def test_what_staff_without_wechat_show_to_residents_is_a_persons(
    drive: Drive, wechat: FakeWeChat
) -> None:
    story = Story(drive).start().resolve()
    rendered(drive)
    drive.work("content.check")
    found = checks(drive, story.number)
    assert [(one["state"], one["because"]) for one in found[2:]] == [("held", "no_identity")]
    assert all(openid == "openid-lily" for openid, _ in wechat.calls("check_image"))


def test_supplements_and_comments_are_checked_too(drive: Drive, wechat: FakeWeChat) -> None:
    lily = drive.resident()
    made = lily.report("flyers", photo_ids=[])
    lily.post(f"/api/v1/reports/{made['id']}/supplement", {"text": "还有一处", "photo_ids": []})
    drive.work("content.check")
    assert [words for _, words in wechat.calls("check_text")] == [
        "路边一堆垃圾没人清理",
        "还有一处",
    ]
    assert states(drive, made["case_number"]) == ["passed", "passed"]


def test_staffs_own_words_are_not_asked_about(drive: Drive, wechat: FakeWeChat) -> None:
    number = drive.resident().report("flyers", photo_ids=[])["case_number"]
    drive.work("content.check")
    drive.staff("desk").done(number, "remark", comment="已电话联系")
    assert drive.db.execute(select(Outbox.id).where(Outbox.job == "content.check")).all() == []


def test_a_photo_that_is_never_rendered_does_not_wait_for_ever(
    drive: Drive, wechat: FakeWeChat
) -> None:
    number = drive.resident().report()["case_number"]
    assert len(drive.work("content.check")) == 1
    drive.db.execute(update(ContentCheck).values(created_at=datetime.now(UTC) - timedelta(days=2)))
    assert drive.work("content.check") == []
    content.hold_unanswered(drive.db, datetime.now(UTC))
    assert states(drive, number)[1] == "held"
    assert wechat.calls("check_image") == []


def test_without_wechat_everything_waits_for_people(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[])
    drive.kit = drive.kit.__class__(**(vars(drive.kit) | {"wechat": None}))
    assert drive.work("content.check") == []
    assert states(drive, made["case_number"]) == ["waiting"]
    content.hold_unanswered(drive.db, datetime.now(UTC) + timedelta(minutes=31))
    assert held(drive)[0]["because"] == "no_answer"


def test_histories_that_are_played_ask_nobody(drive: Drive) -> None:
    with at(datetime.now(UTC) - timedelta(days=3)):
        made = drive.resident().report("flyers", photo_ids=[])
    assert checks(drive, made["case_number"]) == []
