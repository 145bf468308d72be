"""GeoReport v2, read: to the letter, in both forms, and only what everybody may see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import xmltodict
from sqlalchemy import select, update

from models.case import Case
from models.content import ContentCheck, ContentState
from tests.api.story import Story
from tests.drive import Answer, Drive

BASE = "/open311/v2"
DETAILS = (
    *("service_request_id", "status", "status_notes", "service_name", "service_code"),
    *("description", "agency_responsible", "service_notice", "requested_datetime"),
    *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long"),
    "media_url",
)


def get(drive: Drive, path: str, **query: str) -> Answer:
    return drive.client.get(f"{BASE}/{path}", query_string=query)


def found(drive: Drive, path: str = "requests.json", **query: str) -> Any:
    answer = get(drive, path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/json; charset=utf-8"
    return answer.json


def numbers(drive: Drive, **query: str) -> list[str]:
    return [one["service_request_id"] for one in found(drive, **query)]


def cleared(drive: Drive) -> None:
    drive.db.execute(update(ContentCheck).values(state=ContentState.RELEASED))


def as_json(value: Any, items: tuple[str, ...]) -> Any:
    """A parsed XML answer in the shape of the JSON one, all values as text."""
    if isinstance(value, dict):
        inner = {key: as_json(one, items) for key, one in value.items()}
        only = next(iter(inner), None)
        if len(inner) == 1 and only in items:
            return inner[only] if isinstance(inner[only], list) else [inner[only]]
        return inner
    return [as_json(one, items) for one in value] if isinstance(value, list) else value


def as_text(value: Any) -> Any:
    """JSON with every scalar as XML writes it; what is empty reads as nothing in both."""
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value] or None
    if isinstance(value, bool):
        return str(value).lower()
    return None if value in (None, "") else str(value)


@pytest.mark.parametrize(
    ("path", "root", "items"),
    [
        ("discovery", "discovery", ("endpoint", "format")),
        ("services", "services", ("service",)),
        ("services/exposed-garbage", "service_definition", ("attribute",)),
        ("requests", "service_requests", ("request",)),
        ("requests?extensions=true", "service_requests", ("request", "media_url")),
        ("requests?status=wrong", "errors", ("error",)),
    ],
)
def test_both_forms_say_the_same(
    drive: Drive, path: str, root: str, items: tuple[str, ...]
) -> None:
    for i in range(2):
        drive.resident(f"p{i}").report("flyers", photo_ids=[], address="解放路 <1> 号 & 对面")
    story = Story(drive).start()
    story.lily.post(f"/api/v1/reports/{story.report['id']}/urge")
    cleared(drive)
    name, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&") if part)
    json_answer = get(drive, f"{name}.json", **asked)
    xml_answer = get(drive, f"{name}.xml", **asked)
    assert xml_answer.content_type == "text/xml; charset=utf-8"
    assert xml_answer.status_code == json_answer.status_code
    assert xml_answer.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    parsed = xmltodict.parse(xml_answer.data)
    assert list(parsed) == [root]
    expected = as_text(json_answer.json)
    assert as_json(parsed[root], items) == expected


def test_a_request_tells_what_the_standard_names(drive: Drive) -> None:
    story = Story(drive).start()
    cleared(drive)
    one = found(drive, f"requests/{story.number}.json")[0]
    assert tuple(one) == DETAILS
    assert (one["status"], one["status_notes"]) == ("open", "处置中")
    assert (one["service_code"], one["service_name"]) == ("exposed-garbage", "暴露垃圾")
    assert one["description"] == "路边一堆垃圾没人清理"
    assert (one["long"], one["lat"]) == (112.57, 26.9)
    assert one["agency_responsible"]
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert datetime.fromisoformat(one[name]).utcoffset() == timedelta(hours=8)
    assert "openid" not in str(one)


def test_words_are_public_when_they_passed_and_not_before(drive: Drive) -> None:
    number = drive.resident().report("flyers", photo_ids=[], address="某号")["case_number"]

    def told() -> tuple[str | None, str | None]:
        (one,) = found(drive, service_request_id=number)
        return one["description"], one["address"]

    assert told() == (None, None)
    for state in (ContentState.HELD, ContentState.REFUSED, ContentState.WAITING):
        drive.db.execute(update(ContentCheck).values(state=state))
        assert told() == (None, None)
    for state in (ContentState.PASSED, ContentState.RELEASED):
        drive.db.execute(update(ContentCheck).values(state=state))
        assert told() == ("路边一堆垃圾没人清理", "某号")


def test_an_anonymous_reporters_words_are_the_desks(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[], anonymous=True, address="我家门口")
    cleared(drive)
    (before,) = found(drive, service_request_id=made["case_number"])
    assert (before["description"], before["address"]) == (None, None)
    drive.staff("desk").done(made["case_number"], "paraphrase", paraphrase="有人散发广告")
    (after,) = found(drive, service_request_id=made["case_number"])
    assert (after["description"], after["address"]) == ("有人散发广告", None)


def test_a_photo_is_public_when_a_person_released_it(drive: Drive) -> None:
    story = Story(drive)
    drive.work("photo.render")
    photo = drive.db.execute(
        select(ContentCheck.photo_id).where(ContentCheck.photo_id.is_not(None))
    ).scalars()
    shown = f"/public/photos/{list(photo)[-1]}.jpg"
    for state in (ContentState.WAITING, ContentState.PASSED, ContentState.REFUSED):
        drive.db.execute(update(ContentCheck).values(state=state))
        assert found(drive, f"requests/{story.number}.json")[0]["media_url"] is None
        assert drive.client.get(shown).status_code == 404
    cleared(drive)
    one = found(drive, f"requests/{story.number}.json", extensions="true")[0]
    assert one["media_url"] == f"http://photos.test{shown}"
    assert one["extended_attributes"]["media_urls"] == [one["media_url"]]
    answer = drive.client.get(shown)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    drive.db.execute(update(Case).where(Case.number == story.number).values(public=False))
    assert drive.client.get(shown).status_code == 404


def test_the_place_of_people_is_coarse(drive: Drive) -> None:
    where = {"longitude": 112.5712345, "latitude": 26.9012345, "coord_type": "wgs84"}
    words = {"photo_ids": [], "address": "解放路1号"}
    number = drive.resident().report("flyers", location=where, **words)["case_number"]
    cleared(drive)
    one = found(drive, service_request_id=number)[0]
    assert (one["long"], one["address"]) == (112.571235, "解放路1号")
    coarse = next(c.code for c in drive.kit.atlas().categories.values() if c.coarse)
    drive.db.execute(update(Case).where(Case.number == number).values(category=coarse))
    one = found(drive, service_request_id=number)[0]
    assert (one["long"], one["lat"], one["address"]) == (112.571, 26.901, None)


def test_what_is_not_public_does_not_exist(drive: Drive) -> None:
    lily = drive.resident()
    hidden = lily.report("food-safety", photo_ids=[])["case_number"]
    gone = lily.report("flyers", photo_ids=[])
    lily.post(f"/api/v1/reports/{gone['id']}/withdraw")
    drive.db.execute(
        update(Case).where(Case.number == gone["case_number"]).values(status="withdrawn")
    )
    for number in (hidden, gone["case_number"], "HY0"):
        assert found(drive, service_request_id=number) == []
        assert get(drive, f"requests/{number}.json").status_code == 404
    assert not {hidden, gone["case_number"]} & set(numbers(drive))
    codes = [one["service_code"] for one in found(drive, "services.json")]
    assert "food-safety" not in codes
    assert "flyers" in codes


def at(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


@pytest.fixture
def aged(drive: Drive) -> dict[str, str]:
    """Cases by age in days: open ones, and one that is closed."""
    made = {}
    for days in ("1", "10", "80", "100", "200"):
        number = drive.resident(f"d{days}").report("flyers", photo_ids=[])["case_number"]
        then = datetime.now(UTC) - timedelta(days=int(days))
        drive.db.execute(
            update(Case).where(Case.number == number).values(submitted_at=then, changed_at=then)
        )
        made[days] = number
    drive.db.execute(update(Case).where(Case.number == made["10"]).values(status="closed"))
    return made


RULES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["1", "10", "80"]),
    ({"status": "open"}, ["1", "80"]),
    ({"status": "closed"}, ["10"]),
    ({"status": "open,closed"}, ["1", "10", "80"]),
    ({"status": ""}, ["1", "10", "80"]),
    ({"service_code": "flyers,debris"}, ["1", "10", "80"]),
    ({"service_code": "debris"}, []),
    ({"service_code": ""}, ["1", "10", "80"]),
    ({"start_date": at(15)}, ["1", "10"]),
    ({"start_date": at(15), "end_date": at(5)}, ["10"]),
    ({"end_date": at(15)}, ["80", "100"]),
    ({"start_date": at(300), "end_date": at(90)}, ["100"]),
    ({"start_date": at(201)}, ["200"]),
    ({"start_date": "", "end_date": ""}, ["1", "10", "80"]),
    ({"updated_after": at(15)}, ["1", "10"]),
    ({"updated_before": at(15)}, ["80"]),
    ({"page_size": "1"}, ["1"]),
    ({"page_size": "1", "page": "2"}, ["10"]),
    ({"page_size": "2", "page": "9"}, []),
    ({"jurisdiction_id": "anything"}, ["1", "10", "80"]),
    ({"unknown": "x"}, ["1", "10", "80"]),
]


@pytest.mark.parametrize(("query", "days"), RULES, ids=[str(list(q)) for q, _ in RULES])
def test_each_rule_of_the_window_and_its_filters(
    drive: Drive, aged: dict[str, str], query: dict[str, str], days: list[str]
) -> None:
    names = {number: day for day, number in aged.items()}
    listed = [names[number] for number in numbers(drive, **query) if number in names]
    assert listed == days


def test_ids_override_everything_else(drive: Drive, aged: dict[str, str]) -> None:
    wanted = f"{aged['200']},{aged['10']}"
    query = {"service_request_id": wanted, "status": "open", "start_date": at(2)}
    assert set(numbers(drive, **query)) == {aged["200"], aged["10"]}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"status": "new"}, 400),
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "2026-11-25"}, 400),
        ({"end_date": "2026-11-25T08:00:00"}, 400),
        ({"start_date": at(1), "end_date": at(2)}, 400),
        ({"page": "0"}, 400),
        ({"page_size": "1001"}, 400),
        ({"page": "x"}, 400),
        ({"service_code": "nothing"}, 404),
        ({"service_request_id": ",".join(["HY1"] * 1001)}, 400),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_query_that_makes_no_sense_is_said_in_the_standards_form(
    drive: Drive, query: dict[str, str], status: int, form: str
) -> None:
    answer = get(drive, f"requests.{form}", **query)
    assert answer.status_code == status, answer.text
    if form == "json":
        (error,) = answer.json
    else:
        error = xmltodict.parse(answer.data)["errors"]["error"]
    assert error["code"] == str(status)
    assert error["description"]


def test_another_jurisdiction_is_not_found(drive: Drive) -> None:
    settings = drive.kit.settings
    ours = settings.__class__(
        **{name: getattr(settings, name) for name in settings.__slots__}
        | {"jurisdiction_id": "hy.gov.cn"}
    )
    drive.client.application.extensions["kit"] = drive.kit.__class__(
        **(vars(drive.kit) | {"settings": ours})
    )
    assert get(drive, "services.json", jurisdiction_id="hy.gov.cn").status_code == 200
    assert get(drive, "services.json").status_code == 200
    assert get(drive, "services.json", jurisdiction_id="other").status_code == 404


def test_pages_of_other_sites_may_read_it(drive: Drive) -> None:
    assert get(drive, "services.json").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["services/none.json", "requests/none.xml", "services/none.xml"])
def test_what_is_not_there_is_404(drive: Drive, path: str) -> None:
    assert get(drive, path).status_code == 404
