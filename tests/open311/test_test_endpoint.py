"""The test endpoint answers like the other, and keeps nothing."""

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from models.case import Case
from models.exchange import MediaLink
from models.ledger import LedgerEntry
from models.outbox import Outbox
from models.photo import Photo
from models.report import Report
from tests.drive import Drive
from tests.open311.calls import BASE, key_of, number_of, post, refused, send
from tools.pictures import make_photo

TEST = "/open311/test/v2"
TABLES = (Case, Report, LedgerEntry, Outbox, Photo, MediaLink)


def counts(drive: Drive) -> list[int]:
    return [drive.db.execute(select(func.count()).select_from(t)).scalar_one() for t in TABLES]


def test_discovery_names_both_endpoints(drive: Drive) -> None:
    found = drive.client.get(f"{BASE}/discovery.json").json
    kinds = {one["type"]: one["url"] for one in found["endpoints"]}
    assert kinds == {"production": f"http://photos.test{BASE}", "test": f"http://photos.test{TEST}"}


def test_a_report_is_validated_answered_and_not_kept(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, before = key_of(drive), counts(drive)
    deleted: list[str] = []
    monkeypatch.setattr(drive.kit.store, "delete", deleted.append)
    picture = (io.BytesIO(make_photo(21, size=(480, 360))), "a.jpg")
    sent: dict[str, Any] = {"media": picture, "media_url": "https://a.example/b.jpg"}
    number = number_of(send(drive, key, base=TEST, **sent))
    assert number
    assert counts(drive) == before
    assert len(deleted) == 1
    assert deleted[0].startswith("original/")
    assert drive.client.get(f"{TEST}/requests/{number}.json").status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [({"service_code": "none"}, 404), ({"lat": "x"}, 400), ({"description": "字" * 4001}, 400)],
)
def test_what_is_wrong_is_refused_as_on_the_other(
    drive: Drive, change: dict[str, str], status: int
) -> None:
    key = key_of(drive)
    assert refused(send(drive, key, base=TEST, **change), status) == refused(
        send(drive, key, **change), status
    )


def test_a_key_is_needed_and_its_allowance_is_another(drive: Drive) -> None:
    refused(send(drive, None, base=TEST), 403)
    key = key_of(drive, "few", per_hour=1)
    number_of(send(drive, key, base=TEST))
    refused(send(drive, key, base=TEST), 429)
    number_of(send(drive, key))


def test_an_update_is_not_kept_either(drive: Drive) -> None:
    key = key_of(drive)
    number = number_of(send(drive, key))
    before = counts(drive)
    said = {"service_request_id": number, "update_id": "1", "description": "还在发"}
    answer = post(drive, "servicerequestupdates.json", key, TEST, **said)
    assert answer.status_code == 201, answer.text
    assert counts(drive) == before


def test_what_is_there_is_read_by_both(drive: Drive) -> None:
    number = number_of(send(drive, key_of(drive)))
    both = [drive.client.get(f"{base}/requests/{number}.json").json for base in (BASE, TEST)]
    assert both[0] == both[1] != []
