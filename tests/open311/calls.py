"""Calls of GeoReport v2 as another system makes them."""

from typing import Any

from app.services import api_key
from tests.drive import Answer, Drive

BASE = "/open311/v2"
PLACE = {"lat": "26.9", "long": "112.57"}


def key_of(drive: Drive, name: str = "fixmystreet", **scope: Any) -> str:
    wanted: dict[str, Any] = {"services": [], "areas": [], "per_hour": 1000} | scope
    return api_key.make(drive.db, drive.kit.atlas(), name, **wanted)


def post(drive: Drive, call: str, key: str | None, base: str = BASE, **fields: Any) -> Answer:
    """A form with the key; fields of None are left out."""
    sent = {name: value for name, value in fields.items() if value is not None}
    if key is not None:
        sent["api_key"] = key
    return drive.client.post(f"{base}/{call}", data=sent)


def send(
    drive: Drive, key: str | None, form: str = "json", base: str = BASE, **fields: Any
) -> Answer:
    """A report of somebody who hands out flyers, changed by the fields."""
    given = {"service_code": "flyers", "description": "路口有人散发广告"} | PLACE | fields
    return post(drive, f"requests.{form}", key, base, **given)


def number_of(answer: Answer) -> str:
    assert answer.status_code == 201, answer.text
    number: str = answer.json[0]["service_request_id"]
    return number


def refused(answer: Answer, status: int) -> str:
    assert answer.status_code == status, answer.text
    (error,) = answer.json
    assert error["code"] == str(status)
    said: str = error["description"]
    return said
