"""What is known of an uploaded picture. No Pillow here, so that a web worker may import it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from models.errors import ImageNotAccepted

MAX_PIXELS = 50_000_000
SKETCH_SIDE = 48
RefusalCode = Literal[
    "not-an-image", "unsupported-type", "truncated", "too-many-pixels", "too-large-to-decode"
]
REFUSALS: dict[RefusalCode, str] = {
    "not-an-image": "这个文件不是照片，请重新选择。",
    "unsupported-type": "只支持 JPEG、PNG、WebP 和 HEIC 格式的照片。",
    "truncated": "照片不完整或已损坏，请重新上传。",
    "too-many-pixels": "照片超过 5000 万像素，请缩小后再上传。",
    "too-large-to-decode": "照片太大，无法处理，请缩小后再上传。",
}


class ImageRefused(ImageNotAccepted):
    """The bytes are no picture that can be used; `code` says why, `detail` says it in Chinese."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(REFUSALS[code], code=code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One picture, as decoded.

    `media_type` is image/jpeg, image/png, image/webp or image/heic; `width` and `height` are
    pixels of the upright picture; `taken_at` always has a time zone; `location` is (longitude,
    latitude) in WGS-84 degrees and `accuracy_m` its error as the phone saw it; `sketch` is the
    upright grey picture averaged into SKETCH_SIDE × SKETCH_SIDE bytes, for models.likeness.
    """

    media_type: str
    width: int
    height: int
    sketch: bytes
    taken_at: datetime | None = None
    location: tuple[float, float] | None = None
    accuracy_m: float | None = None


class Renditions(NamedTuple):
    """JPEG bytes, upright, sRGB, no metadata; longest sides at most 1600 and 320 pixels."""

    large: bytes
    thumb: bytes
