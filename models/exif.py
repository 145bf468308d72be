"""Time and place out of a picture's EXIF. Whatever is broken in it is simply not known."""

import math
import struct
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from PIL import Image

SHANGHAI = ZoneInfo("Asia/Shanghai")
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_ORIENTATION, _TAKEN, _TAKEN_OFFSET = 0x0112, 0x9003, 0x9011
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ACCURACY = 1, 2, 3, 4, 31
_FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


class Exif(NamedTuple):
    """`orientation` 1 to 8; `location` (longitude, latitude) in WGS-84 degrees; accuracy in metres.

    `taken_at` has the zone that the phone wrote, else Asia/Shanghai.
    """

    orientation: int = 1
    taken_at: datetime | None = None
    location: tuple[float, float] | None = None
    accuracy_m: float | None = None


def read(image: Image.Image) -> Exif:
    """The facts that are there and make sense. Tags: CIPA DC-008 (Exif 2.32), 4.6.4 to 4.6.6."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of damaged tags; they are just not known
        try:
            exif = image.getexif()
            orientation = exif.get(_ORIENTATION, 1)
        except _FAULTS:
            return Exif()
        details, place = _directory(exif, _EXIF_IFD), _directory(exif, _GPS_IFD)
        location = _location(place)
        return Exif(
            orientation=orientation if orientation in range(1, 9) else 1,
            taken_at=_taken_at(details),
            location=location,
            accuracy_m=_positive(place.get(_ACCURACY)) if location else None,
        )


def _directory(exif: Image.Exif, tag: int) -> Mapping[int, Any]:
    try:
        return dict(exif.get_ifd(tag))
    except _FAULTS:
        return {}


def _taken_at(details: Mapping[int, Any]) -> datetime | None:
    try:
        naive = datetime.strptime(_text(details[_TAKEN]), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except _FAULTS:
        return None
    if not 1900 <= naive.year < 2200:  # a damaged tag; the ends of time overflow elsewhere
        return None
    try:
        zone = datetime.strptime(_text(details[_TAKEN_OFFSET]), "%z").tzinfo
    except _FAULTS:
        zone = SHANGHAI
    return naive.replace(tzinfo=zone)


def _location(place: Mapping[int, Any]) -> tuple[float, float] | None:
    try:
        latitude = _degrees(place[_LATITUDE])
        longitude = _degrees(place[_LONGITUDE])
        if _text(place[_LATITUDE_REF]).upper() == "S":
            latitude = -latitude
        if _text(place[_LONGITUDE_REF]).upper() == "W":
            longitude = -longitude
    except _FAULTS:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # false for NaN too
        return None
    # Phones without a fix write 0, 0.
    return None if latitude == longitude == 0 else (longitude, latitude)


def _degrees(value: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in value)
    return degrees + minutes / 60 + seconds / 3600


def _positive(value: Any) -> float | None:
    try:
        metres = float(value)
    except _FAULTS:
        return None
    return metres if math.isfinite(metres) and metres > 0 else None


def _text(value: Any) -> str:
    text = value.decode("ascii") if isinstance(value, bytes) else str(value)
    return text.strip(" \0")
