"""One public case, the gallery, figures and boundaries: only what may be public."""

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
import shapely.geometry
from sqlalchemy import Engine, select, update

from app.services import public, public_case
from models.case import Case
from models.content import ContentCheck, ContentState
from models.photo import Attachment
from models.status import Status
from tests.api.story import Story
from tests.drive import Answer, Drive, problem
from tests.statements import counted

FOUND = {"longitude": 112.5712345, "latitude": 26.9012345, "coord_type": "wgs84"}
PATHS = (
    "/public/cases.geojson",
    "/public/figures.json",
    "/public/areas.geojson",
    "/public/solved.json",
    "/public/feeds/cases.atom",
)


def one(drive: Drive, number: str) -> Answer:
    return drive.client.get(f"/public/cases/{number}.json")


def made(drive: Drive, who: str = "lily", **more: Any) -> str:
    number: str = drive.resident(who).report("flyers", photo_ids=[], **more)["case_number"]
    return number


def changed(drive: Drive, number: str, **columns: Any) -> None:
    drive.db.execute(update(Case).where(Case.number == number).values(**columns))


def cleared(drive: Drive, state: ContentState = ContentState.RELEASED) -> None:
    drive.db.execute(update(ContentCheck).values(state=state))


def test_a_case_tells_its_words_its_way_and_its_pictures(drive: Drive) -> None:
    story = Story(drive).start().resolve().close()
    cleared(drive)
    found = one(drive, story.number).json
    assert set(found) == {
        *("number", "category", "category_name", "status", "status_label", "grid", "grid_name"),
        *(
            "status_words",
            "unit_name",
            "longitude",
            "latitude",
            "approximate",
            "description",
            "address",
        ),
        *("submitted_at", "closed_at", "photos", "timeline"),
    }
    assert found["description"] == "路边一堆垃圾没人清理"
    assert [step["status_label"] for step in found["timeline"]] == [
        *("待受理", "待签收", "处置中", "待核查", "已结案")
    ]
    assert {tuple(step) for step in found["timeline"]} == {("status_label", "at")}
    assert [len(found["photos"][when]) for when in ("before", "after")] == [1, 2]
    for url in (*found["photos"]["before"], *found["photos"]["after"]):
        assert url.startswith("/public/photos/")
        assert url.endswith(".jpg")
    for word in ("openid", "unit1", "worker", "环卫一班", "垃圾已清走"):
        assert word not in one(drive, story.number).text


def test_words_and_photos_that_nobody_cleared_are_not_told(drive: Drive) -> None:
    story = Story(drive).start().resolve()
    for state in (ContentState.WAITING, ContentState.HELD, ContentState.REFUSED):
        cleared(drive, state)
        found = one(drive, story.number).json
        assert (found["description"], found["photos"]) == (None, {"before": [], "after": []})
    cleared(drive, ContentState.PASSED)
    found = one(drive, story.number).json
    assert found["description"]
    assert found["photos"] == {"before": [], "after": []}


def test_photos_of_other_roles_are_never_told(drive: Drive) -> None:
    story = Story(drive)
    cleared(drive)
    for role in ("verify", "control", "interim", "transfer", "order"):
        drive.db.execute(update(Attachment).values(role=role))
        assert one(drive, story.number).json["photos"] == {"before": [], "after": []}


def test_an_anonymous_reporters_words_are_not_told(drive: Drive) -> None:
    number = made(drive, anonymous=True, address="我家门口")
    cleared(drive)
    found = one(drive, number).json
    assert (found["description"], found["address"]) == (None, None)
    drive.staff("desk").done(number, "paraphrase", paraphrase="有人散发广告")
    assert one(drive, number).json["description"] == "有人散发广告"


def test_a_coarse_place_stays_coarse_in_numbers_and_words(drive: Drive) -> None:
    number = made(drive, location=FOUND, address="某号门口")
    cleared(drive)
    exact = one(drive, number).json
    assert (exact["longitude"], exact["address"], exact["approximate"]) == (
        *(112.571235, "某号门口"),
        False,
    )
    coarse = next(c.code for c in drive.kit.atlas().categories.values() if c.coarse)
    changed(drive, number, category=coarse)
    found = one(drive, number).json
    assert (found["longitude"], found["latitude"]) == (112.571, 26.901)
    assert (found["address"], found["approximate"]) == (None, True)


def test_what_is_not_public_is_not_there(drive: Drive) -> None:
    hidden = drive.resident().report("food-safety", photo_ids=[])["case_number"]
    gone = {status: made(drive, status) for status in ("withdrawn", "merged")}
    for status, number in gone.items():
        changed(drive, number, status=status)
    for number in (hidden, *gone.values(), "HY0", "x" * 64):
        problem(one(drive, number), 404, "not-found")
    problem(one(drive, "x" * 65), 422, "invalid-input")


def test_the_gallery_has_closed_cases_with_both_pictures(drive: Drive) -> None:
    first, unready = Story(drive).start().resolve().close(), Story(drive, "flyers")
    cleared(drive)
    items = drive.client.get("/public/solved.json").json["items"]
    assert [item["number"] for item in items] == [first.number]
    assert all(items[0]["photos"].values())
    assert unready.number not in str(items)
    changed(drive, first.number, status="assigned")
    assert drive.client.get("/public/solved.json").json == {"items": []}
    changed(drive, first.number, status="closed")
    for roles in (public.BEFORE, public.AFTER):
        cleared(drive)
        of_roles = select(Attachment.photo_id).where(Attachment.role.in_(roles))
        refused = update(ContentCheck).where(ContentCheck.photo_id.in_(of_roles))
        drive.db.execute(refused.values(state=ContentState.REFUSED))
        assert drive.client.get("/public/solved.json").json == {"items": []}, roles


def test_the_gallery_begins_with_the_last_closed(drive: Drive, engine: Engine) -> None:
    stories = [Story(drive).start().resolve().close() for _ in range(3)]
    cleared(drive)
    listed = [one["number"] for one in drive.client.get("/public/solved.json").json["items"]]
    assert listed == [story.number for story in stories[::-1]]
    with counted(engine) as seen:
        answer = drive.client.get("/public/solved.json", query_string={"limit": 2})
    assert [one["number"] for one in answer.json["items"]] == listed[:2]
    assert len(seen) == 2


def test_the_gallery_looks_at_the_last_changed_only(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Story(drive).start().resolve().close(), Story(drive).start().resolve().close()
    cleared(drive)
    monkeypatch.setattr(public_case, "SCANNED", 1)
    for last in (first, second):
        changed(drive, last.number, changed_at=datetime.now(UTC))
        items = drive.client.get("/public/solved.json").json["items"]
        assert [item["number"] for item in items] == [last.number]


def test_every_status_that_is_shown_has_plain_words() -> None:
    assert set(public_case.STATUS_WORDS) == set(Status) - {Status.WITHDRAWN, Status.MERGED}


def test_a_case_takes_three_statements(drive: Drive, engine: Engine) -> None:
    story = Story(drive).start()
    drive.kit.atlas()
    with counted(engine) as seen:
        one(drive, story.number)
    assert len(seen) == 3


@pytest.mark.parametrize("path", PATHS)
def test_every_public_answer_is_for_caches_and_other_sites(drive: Drive, path: str) -> None:
    first = drive.client.get(path)
    assert first.status_code == 200
    tag = first.headers["ETag"]
    for answer in (first, drive.client.get(path, headers={"If-None-Match": tag})):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        assert answer.headers["ETag"] == tag
    assert (answer.status_code, answer.data) == (304, b"")
    other = drive.client.get(path, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.data) == (200, first.data)


def test_a_case_is_for_caches_too(drive: Drive) -> None:
    number = made(drive)
    first = one(drive, number)
    again = drive.client.get(
        f"/public/cases/{number}.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_boundaries_are_those_in_force(drive: Drive, level: str) -> None:
    answer = drive.client.get("/public/areas.geojson", query_string={"level": level})
    assert answer.content_type == "application/geo+json"
    atlas = drive.kit.atlas()
    expected = {a.code: a.name for a in atlas.areas.values() if a.level.value == level}
    features = answer.json["features"]
    assert {f["id"]: f["properties"]["name"] for f in features} == expected
    for feature in features:
        shape = atlas.areas[feature["id"]].boundary
        ring = feature["geometry"]["coordinates"][0]
        assert len(ring) <= shapely.get_num_coordinates(shape)
        assert all(round(n, 5) == n for point in ring for n in point)
    shown = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    assert shapely.coverage_is_valid(shown)
    assert len(answer.data) < 40_000


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/public/areas.geojson?level=district", "/level"),
        ("/public/solved.json?limit=0", "/limit"),
        ("/public/solved.json?limit=101", "/limit"),
        ("/public/feeds/cases.atom?areas=1", "/areas"),
    ],
)
def test_bad_input_is_named(drive: Drive, path: str, field: str) -> None:
    body = problem(drive.client.get(path), 422, "invalid-input")
    assert [fault["pointer"] for fault in body["errors"]] == [field]
