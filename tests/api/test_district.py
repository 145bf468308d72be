"""The catalogue, the map, and where a place lies."""

import pytest

from tests.drive import CENTRE, Drive, place, problem


def test_catalogue_lists_groups_with_categories_and_their_conditions(drive: Drive) -> None:
    groups = drive.client.get("/api/v1/catalogue").json["groups"]
    found = {c["code"]: c for group in groups for c in group["categories"]}
    garbage = found["exposed-garbage"]
    assert garbage["name"] == "暴露垃圾"
    assert garbage["accept_when"].endswith("。")
    assert garbage["close_when"].endswith("。")
    assert "乱倒垃圾" in garbage["aliases"]
    assert found["gas-leak"]["call_first"][0].startswith("119")


def test_areas_are_geojson_of_one_level(drive: Drive) -> None:
    answer = drive.client.get("/api/v1/areas?level=grid")
    assert answer.json["type"] == "FeatureCollection"
    assert len(answer.json["features"]) >= 60
    one = answer.json["features"][0]
    assert set(one["properties"]) == {"code", "name", "level", "parent"}
    assert one["properties"]["level"] == "grid"


def test_areas_are_not_sent_again_to_who_has_them(drive: Drive) -> None:
    tag = drive.client.get("/api/v1/areas?level=street").headers["ETag"]
    again = drive.client.get("/api/v1/areas?level=street", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09"])
def test_the_same_pair_lies_elsewhere_in_another_system(drive: Drive, system: str) -> None:
    body = {"location": place() | {"coord_type": system}}
    grid = drive.resident().post("/api/v1/locate", body).json.get("grid") or {"code": "outside"}
    assert (grid["code"] == "43990000100304") is (system == "wgs84")


def test_nearby_shows_public_open_cases_and_no_words(drive: Drive) -> None:
    made = drive.resident().report()
    other = drive.resident("may")
    nearby = other.post("/api/v1/locate", {"location": place()}).json["nearby"]
    assert [case["number"] for case in nearby] == [made["case_number"]]
    assert "description" not in nearby[0]
    far = place(CENTRE._replace(latitude=CENTRE.latitude + 0.002))
    assert other.post("/api/v1/locate", {"location": far}).json["nearby"] == []


def test_problem_types_resolve(drive: Drive) -> None:
    answer = drive.client.get("/problems/stale-case")
    assert answer.json == {"type": "/problems/stale-case", "title": "案卷已更新", "status": 409}
    problem(drive.client.get("/problems/nonsense"), 404, "not-found")
