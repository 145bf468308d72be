"""Places with a code: imported, scanned, printed."""

from typing import Any

import pytest

from app.services import place_code
from models.errors import ImportRefused
from tests.drive import Drive, problem

HEAD = "name,code,longitude,latitude,coord_type,area,address,category\n"


def imported(drive: Drive, rows: str) -> Any:
    data = (HEAD + rows).encode()
    return place_code.import_places(drive.db, drive.kit.atlas(), data, "places.csv")


def codes(drive: Drive) -> dict[str, str]:
    return {row.name: row.code for row in place_code.listed(drive.db, ())}


def test_a_scan_fills_in_the_place(drive: Drive) -> None:
    imported(drive, "解放路垃圾桶,bin-1,112.57,26.90,wgs84,,解放路 1 号门前,exposed-garbage\n")
    found = drive.resident().get("/api/v1/places/bin-1").json
    assert found["name"] == "解放路垃圾桶"
    assert found["address"] == "解放路 1 号门前"
    assert found["location"]["wgs84"] == {"longitude": 112.57, "latitude": 26.90}
    assert set(found["location"]) == {"wgs84", "gcj02"}
    assert (found["category"], found["category_name"]) == ("exposed-garbage", "暴露垃圾")
    where = found["location"]["gcj02"] | {"coord_type": "gcj02"}
    made = drive.resident().report("flyers", photo_ids=[], location=where)
    grid = drive.staff("desk").case(made["case_number"])["grid"]
    place = drive.resident().post("/api/v1/locate", {"location": where}).json
    assert grid == place["grid"]["code"]


def test_a_place_may_be_an_area_and_its_code_made_for_it(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    grid = next(code for code, area in atlas.areas.items() if area.level == "grid")
    imported(drive, f"某网格,,,,,{grid},,\n")
    code = codes(drive)["某网格"]
    assert 1 <= len(code) <= 32
    found = drive.resident().get(f"/api/v1/places/{code}").json
    where = found["location"]["wgs84"] | {"coord_type": "wgs84"}
    located = drive.resident().post("/api/v1/locate", {"location": where}).json
    assert located["grid"]["code"] == grid


def test_a_code_that_hangs_somewhere_keeps_its_place(drive: Drive) -> None:
    imported(drive, "甲,,112.57,26.90,wgs84,,,\n")
    before = codes(drive)["甲"]
    summary = imported(drive, "甲,,112.5701,26.9001,wgs84,,新地址,\n乙,,112.57,26.90,wgs84,,,\n")
    assert summary.added == 1
    assert codes(drive)["甲"] == before
    assert drive.resident().get(f"/api/v1/places/{before}").json["address"] == "新地址"
    imported(drive, "丙,,112.57,26.90,wgs84,,,\n")
    assert set(codes(drive)) == {"甲", "乙", "丙"}


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        (",c,112.57,26.9,wgs84,,,", "/rows/2/name"),
        ("甲,空 格,112.57,26.9,wgs84,,,", "/rows/2/code"),
        (f"甲,{'x' * 33},112.57,26.9,wgs84,,,", "/rows/2/code"),
        ("甲,,east,26.9,wgs84,,,", "/rows/2/longitude"),
        ("甲,,100,26.9,wgs84,,,", "/rows/2/longitude"),
        ("甲,,112.57,26.9,,,,", "/rows/2/coord_type"),
        ("甲,,,,,nowhere,,", "/rows/2/area"),
        ("甲,,,,,,,", "/rows/2/area"),
        ("甲,,112.57,26.9,wgs84,,,nothing", "/rows/2/category"),
        ("甲,,112.57,26.9,wgs84,,,\n甲,,112.57,26.9,wgs84,,,", "/rows/3/name"),
    ],
)
def test_each_fault_is_named_and_nothing_imported(drive: Drive, row: str, pointer: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        imported(drive, row + "\n")
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert codes(drive) == {}


def test_an_unknown_code_says_what_to_do(drive: Drive) -> None:
    found = problem(drive.resident().get("/api/v1/places/none"), 404, "not-found")
    assert "手动选择" in found["detail"]
    assert drive.client.get("/api/v1/places/none").status_code == 401
