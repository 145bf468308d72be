"""GeoReport v2, written: a report of another system, by its key and within its scope."""

import io
from typing import Any

import pytest
import xmltodict
from sqlalchemy import func, select

from app.services import api_key
from models.account import Account
from models.api_key import ApiKey
from models.content import ContentCheck
from models.errors import InvalidInput
from models.photo import Photo
from models.report import Report
from tests.drive import Drive, problem
from tests.open311.calls import BASE, key_of, number_of, refused, send
from tools.pictures import make_photo

PATH = f"{BASE}/requests"


def test_a_report_becomes_a_case_and_is_read_back(drive: Drive) -> None:
    number = number_of(send(drive, key_of(drive), first_name="小明", last_name="王"))
    case = drive.staff("desk").case(number)
    assert (case["source"], case["source_label"]) == ("open311", "外部系统")
    assert case["timeline"][0]["who"] == "外部系统 fixmystreet"
    assert case["status"] == "assigned"
    reporters = drive.staff("desk").get(f"/api/v1/cases/{number}/reporters").json["items"]
    assert reporters[0]["name"] == "王小明"
    (read,) = drive.client.get(f"{PATH}/{number}.json").json
    assert read["service_request_id"] == number
    assert "小明" not in str(read)
    (token,) = drive.client.get(f"/open311/v2/tokens/{number}.json").json
    assert token == {"service_request_id": number, "token": number}


def test_xml_answers_the_same(drive: Drive) -> None:
    answer = send(drive, key_of(drive), form="xml")
    assert answer.status_code == 201
    made = xmltodict.parse(answer.data)["service_requests"]["request"]
    assert set(made) == {"service_request_id", "service_notice", "account_id"}


def test_its_words_wait_for_a_person(drive: Drive) -> None:
    number = number_of(send(drive, key_of(drive)))
    assert drive.client.get(f"{PATH}/{number}.json").json[0]["description"] is None
    drive.work("content.check")
    (held,) = drive.staff("desk").get("/api/v1/moderation").json["items"]
    assert (held["case_number"], held["because"]) == (number, "no_identity")
    drive.staff("desk").post("/api/v1/moderation/release", {"ids": [held["id"]]})
    assert drive.client.get(f"{PATH}/{number}.json").json[0]["description"] == "路口有人散发广告"


def test_files_come_along(drive: Drive) -> None:
    files = [(io.BytesIO(make_photo(seed, size=(480, 360))), f"{seed}.jpg") for seed in (1, 2)]
    number = number_of(send(drive, key_of(drive), media=files))
    photos = drive.staff("desk").case(number)["reports_received"][0]["photos"]
    assert len(photos) == 2
    waiting = select(func.count()).where(ContentCheck.photo_id.in_([p["id"] for p in photos]))
    assert drive.db.execute(waiting).scalar_one() == 2


def test_a_file_that_is_no_picture_leaves_nothing(drive: Drive) -> None:
    before = drive.db.execute(select(func.count()).select_from(Photo)).scalar_one()
    bad = [
        (io.BytesIO(make_photo(3, size=(480, 360))), "a.jpg"),
        (io.BytesIO(b"MZ nonsense"), "b.jpg"),
    ]
    refused(send(drive, key_of(drive), media=bad), 400)
    assert drive.db.execute(select(func.count()).select_from(Photo)).scalar_one() == before


def test_a_description_may_be_as_long_as_the_standard_says(drive: Drive) -> None:
    number = number_of(send(drive, key_of(drive), description="字" * 4000))
    assert len(drive.staff("desk").case(number)["reports_received"][0]["description"]) == 4000


def test_files_are_taken_by_whatever_name(drive: Drive) -> None:
    """FixMyStreet calls them photo1, photo2 …"""
    files: dict[str, Any] = {
        f"photo{i}": (io.BytesIO(make_photo(i + 5, size=(480, 360))), "a.jpg") for i in (1, 2)
    }
    number = number_of(send(drive, key_of(drive), **files))
    assert len(drive.staff("desk").case(number)["reports_received"][0]["photos"]) == 2


def test_a_replays_files_are_not_kept(drive: Drive) -> None:
    key, sent = key_of(drive), {"attribute[external_id]": "9"}

    def with_file() -> Any:
        return sent | {"media": (io.BytesIO(make_photo(11, size=(480, 360))), "a.jpg")}

    number = number_of(send(drive, key, **with_file()))
    count = select(func.count()).select_from(Photo)
    before = drive.db.execute(count).scalar_one()
    assert number_of(send(drive, key, **with_file())) == number
    assert drive.db.execute(count).scalar_one() == before


def test_a_key_that_may_only_read_writes_nothing(drive: Drive) -> None:
    refused(send(drive, key_of(drive, rights=[api_key.Right.READ])), 403)


def test_the_senders_own_number_makes_a_replay_harmless(drive: Drive) -> None:
    first, other = key_of(drive), key_of(drive, "other")
    sent = {"attribute[external_id]": "77"}
    numbers = [number_of(send(drive, first, **sent)) for _ in range(3)]
    assert len(set(numbers)) == 1
    assert number_of(send(drive, other, **sent)) not in numbers
    count = select(func.count()).where(Report.source == "open311")
    assert drive.db.execute(count).scalar_one() == 2


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_a_good_key_nothing_is_taken(drive: Drive, key: str | None) -> None:
    assert "api_key" in refused(send(drive, key), 403)


def test_a_revoked_key_is_dead_at_once(drive: Drive) -> None:
    key = key_of(drive)
    number_of(send(drive, key))
    api_key.revoke(drive.db, "fixmystreet")
    refused(send(drive, key), 403)


def test_only_the_hash_of_a_key_is_stored(drive: Drive) -> None:
    key = key_of(drive)
    row = drive.db.execute(select(ApiKey.__table__)).one()
    assert key not in str(row)
    own = select(Account.username, Account.openid).where(Account.id == row.account_id)
    assert tuple(drive.db.execute(own).one()) == (None, None), "nobody signs in to it"


def test_a_key_is_for_its_services_and_areas(drive: Drive) -> None:
    services = key_of(drive, "services", services=["flyers"])
    number_of(send(drive, services))
    refused(send(drive, services, service_code="debris"), 403)
    here = drive.resident().post(
        "/api/v1/locate",
        {"location": {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"}},
    )
    grid = here.json["grid"]["code"]
    number_of(send(drive, key_of(drive, "here", areas=[here.json["street"]["code"]])))
    atlas = drive.kit.atlas()
    elsewhere = next(
        code for code, area in atlas.areas.items() if area.level == "grid" and code != grid
    )
    refused(send(drive, key_of(drive, "elsewhere", areas=[elsewhere])), 403)


def test_a_key_has_its_allowance(drive: Drive) -> None:
    key = key_of(drive, "few", per_hour=2)
    for _ in range(2):
        number_of(send(drive, key))
    late = send(drive, key)
    refused(late, 429)
    assert int(late.headers["Retry-After"]) > 0


def test_an_area_stands_for_a_place(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    grid = next(code for code, area in atlas.areas.items() if area.level == "grid")
    number = number_of(send(drive, key_of(drive), lat=None, long=None, address_id=grid))
    assert drive.staff("desk").case(number)["grid"] == grid


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "nothing"}, 404, "service_code"),
        ({"service_code": "food-safety"}, 404, "service_code"),
        ({"lat": None, "long": None}, 400, "lat"),
        ({"lat": None, "long": None, "address_string": "解放路"}, 400, "地址解析"),
        ({"lat": None, "long": None, "address_id": "none"}, 400, "address_id"),
        ({"lat": "north"}, 400, "数字"),
        ({"lat": "91"}, 400, "90"),
        ({"lat": "39.9", "long": "116.4"}, 400, "服务范围"),
        ({"phone": "call me"}, 400, "contact_phone"),
        ({"description": "字" * 4001}, 400, "4000"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": [f"https://a.example/{i}.jpg" for i in range(10)]}, 400, "media_url"),
        ({"attribute[external_id]": "a b"}, 400, "external_number"),
    ],
)
def test_what_is_wrong_is_named(
    drive: Drive, change: dict[str, Any], status: int, words: str
) -> None:
    assert words in refused(send(drive, key_of(drive), **change), status)


def test_nobody_else_reports_as_another_system(drive: Drive) -> None:
    body = {
        "category": "flyers",
        "description": "x",
        "location": {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"},
        "source": "open311",
    }
    problem(drive.staff("desk").post("/api/v1/reports", body), 422, "invalid-input")


@pytest.mark.parametrize(
    "wrong", [{"services": ["none"]}, {"areas": ["none"]}, {"per_hour": 0}, {"name": " "}]
)
def test_a_key_that_makes_no_sense_is_not_made(drive: Drive, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        key_of(drive, **wrong)
