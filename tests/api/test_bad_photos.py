"""Uploads that are no usable picture, and photo ids that may not be used."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from models.photo import Photo
from tests.drive import CENTRE, Drive, Person, place, pointers, problem
from tools.pictures import make_photo

SIZE = (480, 360)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int = 20_000) -> bytes:
    """A PNG of 400 megapixels in a few hundred kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (side + 1)
    data = b"".join([packer.compress(row * 100) for _ in range(side // 100)]) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
WHOLE = make_photo(1, size=SIZE)
BAD: dict[str, bytes] = {
    "nothing": b"",
    "words": b"not a picture at all",
    "svg": SVG,
    "html": HTML,
    "gif": gif(),
    "half": WHOLE[: len(WHOLE) // 2],
    "head": WHOLE[:200],
    "bomb": bomb(),
    "jpeg of zeros": b"\xff\xd8\xff\xe0" + bytes(5000),
    "png of zeros": b"\x89PNG\r\n\x1a\n" + bytes(5000),
}


def photos(drive: Drive) -> int:
    return drive.db.execute(select(func.count()).select_from(Photo)).scalar_one()


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_refused_whatever_its_name(drive: Drive, name: str) -> None:
    before = photos(drive)
    found = problem(drive.resident().upload(BAD[name], "photo.jpg"), 422, "image-not-accepted")
    assert found["code"]
    assert photos(drive) == before


def test_the_bomb_is_small_and_named_for_what_it_is(drive: Drive) -> None:
    assert len(BAD["bomb"]) < 500_000
    found = problem(drive.resident().upload(BAD["bomb"]), 422, "image-not-accepted")
    assert found["code"] == "too-many-pixels"


def with_exif(segment: bytes) -> bytes:
    return WHOLE[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + WHOLE[2:]


@pytest.mark.parametrize(
    "segment",
    [
        b"Exif\0\0" + b"\xff" * 200,
        b"Exif\0\0II*\0" + struct.pack("<I", 4_000_000_000),
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\0" * 30,
        b"Exif\0\0",
    ],
)
def test_a_picture_with_broken_exif_is_accepted(drive: Drive, segment: bytes) -> None:
    answer = drive.resident().upload(with_exif(segment))
    assert answer.status_code == 201, answer.text
    assert answer.json["exif"] == {"taken_at": None, "location": None}


@pytest.mark.parametrize("year", [1, 1601, 9999])
def test_a_picture_of_an_impossible_year_can_still_be_reported(drive: Drive, year: int) -> None:
    lily = drive.resident()
    photo = lily.photo(taken_at=datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=360))
    made = lily.report(photo_ids=[photo])
    assert lily.get(f"/api/v1/reports/{made['id']}").status_code == 200
    drive.staff("desk").case(made["case_number"])


def test_a_picture_dated_before_the_calendar_is_accepted(drive: Drive) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "0001:01:01 00:00:00"
    out = io.BytesIO()
    Image.open(io.BytesIO(WHOLE)).save(out, "JPEG", exif=exif.tobytes())
    lily = drive.resident()
    answer = lily.upload(out.getvalue())
    assert answer.status_code == 201, answer.text
    lily.report(photo_ids=[answer.json["id"]])


BAD_SHOTS: list[tuple[dict[str, Any], str]] = [
    ({"longitude": 112.57, "latitude": 26.9}, "/coord_type"),
    ({"longitude": 112.57, "coord_type": "wgs84"}, "/latitude"),
    ({"latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"longitude": "NaN", "latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"longitude": "Infinity", "latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"longitude": 181, "latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"longitude": "[1]", "latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"longitude": "1" * 5000, "latitude": 26.9, "coord_type": "wgs84"}, "/longitude"),
    ({"taken_at": "[" * 50_000}, "/taken_at"),
    ({"longitude": 112.57, "latitude": 26.9, "coord_type": "mars"}, "/coord_type"),
    (
        {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84", "accuracy_m": -1},
        "/accuracy_m",
    ),
    ({"taken_at": "yesterday"}, "/taken_at"),
    ({"taken_at": "2026-01-01T00:00:00"}, "/taken_at"),
    ({"phone_time": "2026-01-01T00:00:00"}, "/phone_time"),
    ({"phone_time": "9999-12-31T23:59:59Z"}, "/phone_time"),
    ({"taken_at": "9999-12-31T23:59:59Z"}, "/taken_at"),
    ({"taken_at": "0001-01-01T00:00:00+12:00"}, "/taken_at"),
]


@pytest.mark.parametrize(("fields", "pointer"), BAD_SHOTS, ids=lambda v: str(v)[:60])
def test_a_bad_fact_of_the_shot_is_named(
    drive: Drive, fields: dict[str, Any], pointer: str
) -> None:
    before = photos(drive)
    found = problem(drive.resident().upload(WHOLE, **fields), 422, "invalid-input")
    assert pointer in pointers(found)
    assert photos(drive) == before


def raw_upload(person: Person, data: bytes, **kwargs: Any) -> Any:
    """A multipart body that never ends, sent as it is."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    return person.request(
        "POST",
        "/api/v1/photos",
        data=head + data,
        content_type="multipart/form-data; boundary=x",
        **kwargs,
    )


def test_a_file_that_is_missing_or_no_file_is_422(drive: Drive) -> None:
    lily = drive.resident()
    found = problem(lily.request("POST", "/api/v1/photos", data={"x": "1"}), 422, "invalid-input")
    assert "/file" in pointers(found)
    words = lily.request("POST", "/api/v1/photos", data={"file": "words"})
    assert words.status_code == 422
    assert lily.post("/api/v1/photos", {"file": "x"}).status_code in {415, 422}


def test_a_photo_past_its_limit_is_413(drive: Drive) -> None:
    lily = drive.resident()
    problem(raw_upload(lily, bytes(15_100_000)), 413, "body-too-large")
    lie = raw_upload(lily, WHOLE, environ_overrides={"CONTENT_LENGTH": "99999999"})
    problem(lie, 413, "body-too-large")


def test_a_multipart_body_without_a_picture_is_refused(drive: Drive) -> None:
    answer = drive.resident().request(
        "POST",
        "/api/v1/photos",
        data=b"--x\r\nContent-Dispo",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def report(person: Person, *ids: str) -> Any:
    body = {
        "category": "exposed-garbage",
        "description": "垃圾",
        "location": place(CENTRE),
        "photo_ids": list(ids),
    }
    return person.post("/api/v1/reports", body)


def test_anothers_photo_and_a_used_one_and_the_same_twice_are_refused(drive: Drive) -> None:
    lily, tom = drive.resident("lily"), drive.resident("tom")
    mine, theirs = lily.photo(), tom.photo()
    found = problem(report(lily, mine, theirs), 422, "photo-unusable")
    assert pointers(found) == ["/photo_ids/1"]
    for twice in ((mine, mine), (mine, mine.replace("-", ""))):
        found = problem(report(lily, *twice), 422, "photo-unusable")
        assert pointers(found) == ["/photo_ids/1"]
    lily.report(photo_ids=[mine])
    found = problem(report(lily, mine), 422, "photo-unusable")
    assert pointers(found) == ["/photo_ids/0"]


def test_a_retry_with_the_same_bytes_before_use_is_fine(drive: Drive) -> None:
    lily = drive.resident()
    data = make_photo(77, taken_at=datetime.now(UTC), location=CENTRE, size=SIZE)
    first, second = lily.upload(data).json, lily.upload(data).json
    assert first["sha256"] == second["sha256"]
    assert lily.report(photo_ids=[second["id"]])["status"] == "assigned"


def test_the_same_key_with_another_picture_is_a_conflict(drive: Drive) -> None:
    lily, key = drive.resident(), {"Idempotency-Key": "photo"}

    def upload(seed: int) -> Any:
        data = io.BytesIO(make_photo(seed, size=SIZE))
        return lily.request("POST", "/api/v1/photos", data={"file": (data, "a.jpg")}, headers=key)

    first, again = upload(501), upload(501)
    assert first.json == again.json
    problem(upload(502), 422, "idempotency-conflict")
