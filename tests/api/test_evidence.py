"""What a photo must prove, and what it need not."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from models.case import Case
from models.geo import Point
from models.photo import Attachment
from tests.api.story import Story
from tests.drive import CENTRE, Drive, Person, place, pointers, problem
from tools.pictures import make_photo

SIZE = (480, 360)
METRE = 1 / 111_320  # degrees of latitude


def north(metres: float) -> Point:
    return Point(CENTRE.longitude, CENTRE.latitude + metres * METRE)


def resolve(story: Story, *photo_ids: str, **more: Any) -> Any:
    fields: dict[str, Any] = {
        "outcome": "fixed",
        "comment": "垃圾已清走",
        "photo_ids": list(photo_ids),
    } | more
    return story.unit.act(story.number, "resolve", **fields)


def refused(answer: Any, *words: str) -> None:
    """Evidence refused, with each reason and what would be accepted."""
    found = problem(answer, 422, "evidence-refused")
    assert found["accepted"]
    said = " ".join(fault["message"] for fault in found["errors"])
    for word in words:
        assert word in said


def shot(person: Person, **fields: Any) -> str:
    """A photo without EXIF, with what the client says of it."""
    answer = person.upload(make_photo(next(SEEDS), size=SIZE), **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


SEEDS = iter(range(90_000, 99_000))


def test_a_photo_from_before_the_assignment_proves_nothing(drive: Drive) -> None:
    early = drive.staff("unit1").photo()
    story = Story(drive).start()
    refused(resolve(story, early), "已上传")
    refused(resolve(story))
    assert resolve(story, early, story.unit.photo()).status_code == 200  # one good one is enough


def test_a_photo_taken_before_the_assignment_proves_nothing(drive: Drive) -> None:
    story = Story(drive).start()
    now = datetime.now(UTC)
    refused(resolve(story, story.unit.photo(taken_at=now - timedelta(minutes=3))), "早于")
    refused(resolve(story, story.unit.photo(taken_at=now + timedelta(minutes=11))), "晚于上传")
    just = story.unit.photo(taken_at=now - timedelta(seconds=100))
    assert resolve(story, just).status_code == 200  # two minutes' tolerance


def test_a_phone_clock_that_is_wrong_is_set_right(drive: Drive) -> None:
    story = Story(drive).start()
    slow = datetime.now(UTC) - timedelta(hours=5)
    where = place()
    wrong = shot(story.unit, taken_at=slow.isoformat(), **where)
    refused(resolve(story, wrong), "早于")
    right = shot(story.unit, taken_at=slow.isoformat(), phone_time=slow.isoformat(), **where)
    assert resolve(story, right).status_code == 200


def test_all_known_places_must_lie_near_enough(drive: Drive) -> None:
    story = Story(drive).start()
    now = datetime.now(UTC).isoformat()
    for metres, accuracy in ((120, None), (305, 5000), (180, 70)):
        more = {} if accuracy is None else {"accuracy_m": accuracy}
        refused(
            resolve(story, shot(story.unit, taken_at=now, **place(north(metres)), **more)), "米"
        )
    both = make_photo(next(SEEDS), taken_at=datetime.now(UTC), location=CENTRE, size=SIZE)
    liar = story.unit.upload(both, **place(north(400))).json["id"]
    refused(resolve(story, liar), "米")
    good = shot(story.unit, taken_at=now, **place(north(280)), accuracy_m=200)
    assert resolve(story, good).status_code == 200


def jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def variants(data: bytes) -> dict[str, bytes]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    wide, high = image.size
    return {
        "same": data,
        "re-encoded": jpeg(image, 60),
        "smaller": jpeg(image.resize((wide * 2 // 3, high * 2 // 3)), 85),
        "cropped": jpeg(
            image.crop((wide // 40, high // 40, wide - wide // 40, high - high // 40)), 85
        ),
        "brighter": jpeg(image.point([min(255, int(v * 1.15)) for v in range(256)] * 3), 85),
    }


def test_copies_of_the_residents_photo_prove_nothing_and_a_second_shot_does(drive: Drive) -> None:
    lily, unit = drive.resident(), drive.staff("unit1")
    before = make_photo(1, scene="corner", stage="before", size=SIZE)
    first = lily.upload(before).json["id"]
    number = lily.report(photo_ids=[first])["case_number"]
    unit.done(number, "start")
    body: dict[str, Any] = {"outcome": "fixed", "comment": "垃圾已清走"}
    for name, data in variants(before).items():
        copy = unit.upload(data).json["id"]
        answer = unit.act(number, "resolve", photo_ids=[copy], **body)
        found = problem(answer, 422, "evidence-refused")
        assert "重复" in found["errors"][0]["message"], name
    after = make_photo(2, scene="corner", stage="after", size=SIZE)
    done = unit.done(number, "resolve", photo_ids=[unit.upload(after).json["id"]], **body)
    assert done["status"] == "resolved"


def test_a_copy_counts_within_reach_or_by_the_same_people_and_the_same_bytes_anywhere(
    drive: Drive,
) -> None:
    data = make_photo(next(SEEDS), size=SIZE)
    made = drive.resident().report(photo_ids=[drive.resident().upload(data).json["id"]])
    away = drive.db.execute(select(Attachment.photo_id)).scalars().all()
    assert away
    drive.db.execute(
        update(Attachment)
        .where(Attachment.case_id.in_(select(Case.id).where(Case.number == made["case_number"])))
        .values(latitude=CENTRE.latitude + 600 * METRE)
    )
    similar, same = variants(data)["re-encoded"], data
    tom = drive.resident("tom")
    far = tom.report(photo_ids=[tom.upload(similar).json["id"]], location=place(north(-5)))
    assert drive.staff("desk").case(far["case_number"])["flags"] == {}
    ann = drive.resident("ann")
    flagged = ann.report(
        photo_ids=[ann.upload(same).json["id"]], location=place(Point(112.57, 26.894))
    )
    flags = drive.staff("desk").case(flagged["case_number"])["flags"]
    assert made["case_number"] in flags["copy_of"]


def test_refused_evidence_uses_up_no_photo(drive: Drive) -> None:
    story = Story(drive).start()
    photo = story.unit.photo(at=north(500))
    version = story.case()["version"]
    for _ in range(2):
        refused(resolve(story, photo), "米")
    assert story.case()["version"] == version
    used = select(Attachment.photo_id).where(Attachment.photo_id == photo)
    assert drive.db.execute(used).one_or_none() is None


@pytest.mark.parametrize(("at", "timed"), [(None, True), (CENTRE, False), (None, False)])
def test_a_photo_that_does_not_know_enough_is_accepted_and_marked(
    drive: Drive, at: Point | None, timed: bool
) -> None:
    story = Story(drive).start()
    photo = story.unit.photo(at=at, timed=timed)
    done = resolve(story, photo).json
    assert done["on_site_check"]
    event = done["timeline"][-1]
    assert event["facts"]["unproven"] is True
    assert event["photos"] == [{"id": photo, "role": "after", "unproven": True}]


def test_a_note_of_twenty_characters_does_where_the_category_allows(drive: Drive) -> None:
    story = Story(drive, "flyers")
    unit = drive.staff("unit4")
    unit.done(story.number, "start")
    body: dict[str, Any] = {"outcome": "fixed"}
    short = unit.act(story.number, "resolve", comment="字" * 19, **body)
    assert pointers(problem(short, 422, "evidence-refused")) == ["/comment"]
    old = unit.photo(taken_at=datetime.now(UTC) - timedelta(days=1))
    bad = unit.act(story.number, "resolve", comment="字" * 30, photo_ids=[old], **body)
    problem(bad, 422, "evidence-refused")  # a photo that is given must hold
    assert unit.done(story.number, "resolve", comment="字" * 20, **body)["status"] == "resolved"


def self_handle(worker: Person, **change: Any) -> Any:
    now = datetime.now(UTC)
    body: dict[str, Any] = {
        "category": "exposed-garbage",
        "description": "路边垃圾",
        "location": place(),
        "patrol": True,
        "comment": "当场清走",
        "photo_ids": [],
        "after_photo_ids": [],
    }
    if "photo_ids" not in change:
        body["photo_ids"] = [worker.photo(taken_at=now - timedelta(minutes=20))]
    if "after_photo_ids" not in change:
        body["after_photo_ids"] = [worker.photo(taken_at=now - timedelta(minutes=1))]
    return worker.post("/api/v1/reports", body | change)


def test_self_handling_closes_at_once_with_both_proofs(drive: Drive) -> None:
    worker = drive.staff("worker1")
    made = self_handle(worker)
    assert made.json["status"] == "closed", made.text
    found = drive.staff("desk").case(made.json["case_number"])
    assert [e["action"] for e in found["timeline"]] == ["submit", "self_handle"]
    assert [e["to"] for e in found["timeline"]] == ["submitted", "closed"]


def test_self_handling_without_its_proofs_is_refused(drive: Drive) -> None:
    worker = drive.staff("worker1")
    now = datetime.now(UTC)
    tries: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"comment": None}, "invalid-input", ["/comment"]),
        ({"photo_ids": []}, "invalid-input", ["/photo_ids"]),
        ({"category": "pipe-burst"}, "invalid-input", ["/after_photo_ids"]),
        ({"location": place(Point(112.57, 26.894))}, "invalid-input", ["/location"]),
        (
            {"after_photo_ids": [worker.photo(timed=False)]},
            "evidence-refused",
            ["/after_photo_ids/0"],
        ),
        ({"photo_ids": [worker.photo(at=None)]}, "evidence-refused", ["/photo_ids/0"]),
        (
            {"after_photo_ids": [worker.photo(at=north(400))]},
            "evidence-refused",
            ["/after_photo_ids/0"],
        ),
        (
            {"after_photo_ids": [worker.photo(taken_at=now - timedelta(hours=3))]},
            "evidence-refused",
            ["/after_photo_ids/0"],
        ),
    ]
    for change, name, where in tries:
        found = problem(self_handle(worker, **change), 422, name)
        assert pointers(found) == where, found
    problem(
        self_handle(drive.resident(), photo_ids=[], after_photo_ids=["0" * 32]), 403, "forbidden"
    )


def test_the_same_picture_is_not_before_and_after(drive: Drive) -> None:
    worker = drive.staff("worker1")
    shot_at = datetime.now(UTC) - timedelta(minutes=1)
    data = make_photo(next(SEEDS), taken_at=shot_at, location=CENTRE, size=SIZE)
    image = Image.open(io.BytesIO(data))
    again = io.BytesIO()
    image.convert("RGB").save(again, "JPEG", quality=60, exif=image.getexif().tobytes())
    for after in (data, again.getvalue()):
        before_id, after_id = worker.upload(data).json["id"], worker.upload(after).json["id"]
        answer = self_handle(worker, photo_ids=[before_id], after_photo_ids=[after_id])
        found = problem(answer, 422, "evidence-refused")
        assert pointers(found) == ["/after_photo_ids/0"]


def test_a_residents_photos_are_never_refused_for_time_or_place(drive: Drive) -> None:
    lily = drive.resident()
    old = lily.photo(at=north(12_000), taken_at=datetime.now(UTC) - timedelta(days=3 * 366))
    made = lily.report(photo_ids=[old])
    flags = drive.staff("desk").case(made["case_number"])["flags"]
    assert made["status"] == "submitted"
    assert 11_900 < flags["far_m"] < 12_100
    assert flags["old_days"] == 3 * 366
