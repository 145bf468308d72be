"""The phone cameras of the demo: photos of one place, with what a phone knows of each shot."""

import io
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from PIL import Image

from models.calendar import LOCAL
from models.geo import Point
from tools.pictures import Stage, make_photo

METRES_PER_DEGREE = 111_195


def beside(point: Point, metres: float, source: Random) -> Point:
    """A place at most that far away, all places within equally likely."""
    angle, away = source.uniform(0, math.tau), metres * math.sqrt(source.random())
    north = away * math.sin(angle) / METRES_PER_DEGREE
    east = away * math.cos(angle) / METRES_PER_DEGREE / math.cos(math.radians(point.latitude))
    return Point(point.longitude + east, point.latitude + north)


@dataclass
class Cameras:
    """Shots of what happens at `place`; every view (a number) is a street of its own.

    Who takes a second photo of the same thing steps aside: give it another view.
    """

    place: Point
    source: Random
    seeds: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._street = self.source.getrandbits(48)

    def shot(
        self,
        view: int,
        stage: Stage,
        *,
        taken_at: datetime | None = None,
        at: Point | None = None,
    ) -> bytes:
        """A JPEG taken now within five metres of the place, unless told otherwise."""
        spot = beside(at or self.place, 5, self.source)
        return make_photo(
            next(self.seeds),
            scene=f"{self._street} {view}",
            stage=stage,
            taken_at=taken_at or datetime.now(LOCAL),
            location=(spot.longitude, spot.latitude),
            accuracy=8.0,
        )


def forged(photo: bytes, like: bytes) -> bytes:
    """The picture of `photo`, smaller and compressed again, with time and place of `like`."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(photo)) as picture, Image.open(io.BytesIO(like)) as other:
        small = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
        small.save(out, "JPEG", quality=70, exif=other.getexif().tobytes())
    return out.getvalue()
