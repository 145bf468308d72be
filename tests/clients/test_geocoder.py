"""Addresses to places: what each service is asked, and every answer it may give."""

import json
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from app.clients.geocoder import Geocoder
from models.errors import GeocoderUnavailable
from models.geo import CoordType, to_wgs84
from tests.little_server import serving

LAT, LON = 26.9, 112.57
FOUND: dict[str, Any] = {
    "tencent": {"status": 0, "result": {"location": {"lat": LAT, "lng": LON}}},
    "tianditu": {"status": "0", "location": {"lon": LON, "lat": LAT, "score": 100}},
    "nominatim": [{"lat": str(LAT), "lon": str(LON), "display_name": "解放路"}],
}
NOTHING: dict[str, Any] = {
    "tencent": {"status": 347, "message": "查询无结果"},
    "tianditu": {"status": "101", "msg": "结果为空"},
    "nominatim": [],
}
KINDS = sorted(FOUND)


def ask(kind: str, answer: Any, status: int = 200, region: str = "") -> tuple[Any, list[Request]]:
    asked: list[Request] = []

    def reply(request: Request) -> Response:
        asked.append(request)
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(body, status, mimetype="application/json")

    with serving(reply) as url:
        return Geocoder(kind, "the-secret-key", url, region).find("解放路1号"), asked


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_is_found_in_wgs84(kind: str) -> None:
    place, _ = ask(kind, FOUND[kind])
    system = CoordType.GCJ02 if kind == "tencent" else CoordType.WGS84
    assert place == to_wgs84(LON, LAT, system)


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_is_unknown_is_none(kind: str) -> None:
    assert ask(kind, NOTHING[kind])[0] is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("tencent", lambda asked: asked.args["address"]),
        ("tianditu", lambda asked: json.loads(asked.args["ds"])["keyWord"]),
        ("nominatim", lambda asked: asked.args["q"]),
    ],
)
def test_the_region_goes_in_front(kind: str, words: Any) -> None:
    _, (asked,) = ask(kind, FOUND[kind], region="湖南省衡阳市")
    assert words(asked) == "湖南省衡阳市解放路1号"
    _, (asked,) = ask(kind, FOUND[kind], region="解放路")
    assert words(asked) == "解放路1号"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("answer", "status"),
    [("busy", 503), ("<html>", 200), ({}, 403), ({"status": 0}, 200), ({"status": "1"}, 200)],
)
def test_a_service_that_fails_is_said_without_its_key(kind: str, answer: Any, status: int) -> None:
    with pytest.raises(GeocoderUnavailable) as failure:
        ask(kind, answer, status)
    assert "the-secret-key" not in f"{failure.value} {failure.value.__cause__}"


def test_nobody_there_is_said() -> None:
    with pytest.raises(GeocoderUnavailable):
        Geocoder("tianditu", "k", "http://127.0.0.1:9", "").find("解放路")
