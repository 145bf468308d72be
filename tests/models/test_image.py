"""What the decoder makes of pictures, good and bad, in this process."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from models.image import inspect, render
from models.photo_facts import ImageRefused
from tools.pictures import make_photo

SMALL = (320, 240)
CHINA = timezone(timedelta(hours=8))


def corners() -> Image.Image:
    """Red, green, blue, white: clockwise from the top left."""
    image = Image.new("RGB", (400, 200), "white")
    for colour, box in (
        ("red", (0, 0, 200, 100)),
        ("lime", (200, 0, 400, 100)),
        ("blue", (200, 100, 400, 200)),
    ):
        image.paste(colour, box)
    return image


def encoded(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRefused) as caught:
        inspect(data)
    with pytest.raises(ImageRefused) as again:
        render(data)
    assert caught.value.code == again.value.code
    assert caught.value.detail
    return caught.value.code


def colours(image: Image.Image) -> list[str]:
    width, height = image.size
    names = []
    for x, y in ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)):
        pixel = image.convert("RGB").getpixel((int(x * width), int(y * height)))
        assert isinstance(pixel, tuple)
        bright = "".join("1" if part > 128 else "0" for part in pixel)
        names.append({"100": "red", "010": "lime", "001": "blue", "111": "white"}[bright])
    return names


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
        ("MPO", "image/jpeg"),
    ],
)
def test_a_picture_is_known_by_its_bytes_and_rendered(format_: str, media_type: str) -> None:
    extra = {"save_all": True, "append_images": [corners()]} if format_ == "MPO" else {}
    data = encoded(corners(), format_, **extra)
    facts = inspect(data)
    assert (facts.media_type, facts.width, facts.height) == (media_type, 400, 200)
    assert (facts.taken_at, facts.location, facts.accuracy_m) == (None, None, None)
    renditions = render(data)
    assert opened(renditions.large).size == (400, 200)
    assert opened(renditions.thumb).size == (320, 160)
    assert opened(renditions.thumb).format == "JPEG"
    assert colours(opened(renditions.thumb)) == ["red", "lime", "blue", "white"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_renditions_and_facts_are_upright(orientation: int) -> None:
    unturn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that undoes the value
    image = corners()
    if orientation in unturn:
        image = image.transpose(Image.Transpose(unturn[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, exif=exif.tobytes())
    facts, renditions = inspect(data), render(data)
    assert (facts.width, facts.height) == (400, 200)
    assert opened(renditions.large).size == (400, 200)
    assert colours(opened(renditions.large)) == ["red", "lime", "blue", "white"]
    assert colours(opened(renditions.thumb)) == ["red", "lime", "blue", "white"]
    assert inspect(encoded(corners())).sketch[:20] == pytest.approx(facts.sketch[:20], abs=3)


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_heic_is_upright(orientation: int) -> None:
    data = make_photo(1, size=SMALL, orientation=orientation, format="HEIF")
    assert (inspect(data).width, inspect(data).height) == SMALL
    assert opened(render(data).large).size == SMALL


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_time_and_place_are_read(format_: str) -> None:
    taken_at = datetime(1999, 12, 31, 23, 59, 58, tzinfo=CHINA)
    data = make_photo(
        1, taken_at=taken_at, location=(112.57, -26.9), accuracy=7.5, size=SMALL, format=format_
    )
    facts = inspect(data)
    assert facts.taken_at == taken_at
    assert facts.location == pytest.approx((112.57, -26.9), abs=1e-5)
    assert facts.accuracy_m == pytest.approx(7.5)


def test_a_time_without_a_zone_is_chinas() -> None:
    facts = inspect(make_photo(1, taken_at=datetime(2026, 5, 1, 8, 0), size=SMALL))  # noqa: DTZ001
    assert facts.taken_at == datetime(2026, 5, 1, 0, 0, tzinfo=UTC)
    assert facts.taken_at.tzinfo == ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "place",
    [
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (112.0, 0.0, 0.0)},
        {1: "N", 2: (26.0, 54.0), 3: "E", 4: (112.0, 34.0, 0.0)},
        {1: "N", 2: (26.0, 54.0, 0.0)},
        {2: (26.0, 54.0, 0.0), 4: (112.0, 34.0, 0.0)},
    ],
)
def test_a_place_that_makes_no_sense_is_not_known(place: dict[int, object]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(place)
    assert inspect(encoded(corners(), exif=exif.tobytes())).location is None


@pytest.mark.parametrize(
    "rationals", [(1, 0, 1, 0, 1, 0), (0, 0, 0, 0, 0, 0), (200, 1, 54, 1, 0, 1)]
)
def test_impossible_numbers_are_harmless(rationals: tuple[int, ...]) -> None:
    good = make_photo(1, location=(112.57, 26.9), taken_at=datetime.now(UTC), size=SMALL)
    at = good.index(struct.pack("<II", 26, 1))
    data = good[:at] + struct.pack("<6I", *rationals) + good[at + 24 :]
    assert inspect(good).location is not None
    facts = inspect(data)
    assert facts.location is None
    assert facts.taken_at is not None


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2026:13:45 99:00:00", "gestern", ""])
def test_a_time_that_makes_no_sense_is_not_known(text: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    assert inspect(encoded(corners(), exif=exif.tobytes())).taken_at is None


@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"x"],
)
def test_broken_exif_never_refuses_a_picture(exif: bytes) -> None:
    data = encoded(corners(), exif=exif)
    assert inspect(data).taken_at is None
    assert opened(render(data).large).size == (400, 200)


def test_a_large_photo_is_made_small() -> None:
    renditions = render(encoded(corners().resize((3000, 4000))))
    assert opened(renditions.large).size == (1200, 1600)
    assert opened(renditions.thumb).size == (240, 320)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_renditions_hold_no_metadata(format_: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "secret"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    extra: dict[str, Any] = {"xmp": b"<x:xmpmeta>secret</x:xmpmeta>"}
    if format_ == "JPEG":
        extra["comment"] = "secret"
    if format_ == "PNG":
        extra = {"pnginfo": PngImagePlugin.PngInfo()}
        extra["pnginfo"].add_itxt("Comment", "secret")
    data = encoded(corners(), format_, exif=exif.tobytes(), icc_profile=profile, **extra)
    assert b"secret" in data
    for rendition in render(data):
        assert b"secret" not in rendition
        assert set(opened(rendition).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
        }


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16", "1", "CMYK"])
def test_every_mode_is_rendered(mode: str) -> None:
    image = corners().convert("L").convert("I;16") if mode == "I;16" else corners().convert(mode)
    format_ = "JPEG" if mode == "CMYK" else "PNG"
    data = encoded(image, format_)
    assert opened(render(data).thumb).mode in {"L", "RGB"}
    assert inspect(data).sketch


def test_what_shines_through_is_white() -> None:
    clear = opened(render(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")).large)
    assert clear.getpixel((25, 25)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_not_cut_off_at_white() -> None:
    grey = opened(render(encoded(Image.new("I;16", (50, 50), 128 * 256), "PNG")).large)
    assert grey.getpixel((25, 25)) == pytest.approx(128, abs=2)


def test_a_damaged_colour_profile_is_left_out() -> None:
    data = encoded(corners(), icc_profile=b"no profile at all" * 20)
    assert colours(opened(render(data).large)) == ["red", "lime", "blue", "white"]


def test_the_first_frame_of_a_moving_picture_counts() -> None:
    for format_ in ("PNG", "WEBP"):
        data = encoded(
            corners(), format_, save_all=True, append_images=[Image.new("RGB", (400, 200))]
        )
        assert colours(opened(render(data).large)) == ["red", "lime", "blue", "white"]


@pytest.mark.parametrize("cut", [0.02, 0.3, 0.7, 0.95, 0.999])
@pytest.mark.parametrize("kind", ["baseline", "progressive", "png", "webp", "heic"])
def test_a_truncated_picture_is_refused(kind: str, cut: float) -> None:
    image = opened(make_photo(1, size=(640, 480)))
    data = {
        "baseline": lambda: encoded(image),
        "progressive": lambda: encoded(image, progressive=True),
        "png": lambda: encoded(image, "PNG"),
        "webp": lambda: encoded(image, "WEBP"),
        "heic": lambda: encoded(image, "HEIF"),
    }[kind]()
    assert inspect(data)
    assert refusal(data[: int(len(data) * cut)]) in {"truncated", "not-an-image"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-an-image"),
        (b"hello", "not-an-image"),
        (b"\xff\xd8\xff" + b"x" * 500, "not-an-image"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 500, "truncated"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-type"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><svg/>", "unsupported-type"),
        (b"<!DOCTYPE html><html></html>", "unsupported-type"),
        (encoded(Image.new("RGB", (9, 9)), "GIF"), "unsupported-type"),
        (encoded(Image.new("RGB", (9, 9)), "BMP"), "unsupported-type"),
        (encoded(Image.new("RGB", (9, 9)), "TIFF"), "unsupported-type"),
        (b"\0\0\0\x1cftypavif" + b"\0" * 60, "unsupported-type"),
        (b"\0\0\0\x1cftypisom" + b"\0" * 60, "unsupported-type"),
    ],
)
def test_what_is_no_photo_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compress(b"", 9)  # were it decoded, it would be refused as truncated
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (50_001, 1_000), (1_000_000, 1_000_000)]
)
def test_more_than_fifty_megapixels_are_refused_before_decoding(width: int, height: int) -> None:
    data = png_header(width, height)
    assert refusal(data) == "too-many-pixels"
