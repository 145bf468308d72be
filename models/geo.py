"""Chinese map coordinates and distances: pure, in degrees and metres.

Web maps in China do not show WGS-84. GCJ-02 (WeChat, Amap, Tencent) shifts it by 100 to 700 m, and
BD-09 (Baidu) shifts GCJ-02 once more. Neither is published; the formulas below are the ones that
every open converter shares (`eviltransform`, `coordtransform`), and agree with the vendors' own
conversions to about a metre.
"""

import math
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from geopy.distance import geodesic

EARTH_RADIUS_M = 6_371_008.8
_SPHERE_ERROR = 0.006
"""Mean radius of the earth (IUGG), metres."""

_AXIS_M = 6_378_245.0  # GCJ-02 is built on the Krasovsky 1940 ellipsoid
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_BD09_PI = math.pi * 3000.0 / 180.0

# Each round leaves at most 0.6 % of the error for GCJ-02, 3 % for BD-09. Measured: under 0.2 mm.
_GCJ02_ROUNDS = 3
_BD09_ROUNDS = 4


class CoordType(StrEnum):
    """Which system a longitude and a latitude are given in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Point(NamedTuple):
    """A place in degrees, WGS-84 unless said otherwise."""

    longitude: float
    latitude: float


class Box(NamedTuple):
    """A rectangle in degrees, WGS-84, its borders included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Whether the point lies in the rectangle or on its border."""
        return (
            self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north
        )


_SURROUNDINGS = Box(72.0, 17.0, 138.0, 56.0)

# The outline that navigation apps share: six rectangles, less what is not shifted. First published
# at https://www.cnblogs.com/Aimeast/archive/2012/08/09/2629614.html.
_MAINLAND = (
    Box(79.4462, 42.8899, 96.3300, 49.2204),
    Box(109.6872, 39.3742, 135.0002, 54.1415),
    Box(73.1246, 29.5297, 124.143255, 42.8899),
    Box(82.9684, 26.7186, 97.0352, 29.5297),
    Box(97.0253, 20.414096, 124.367395, 29.5297),
    Box(107.975793, 17.871542, 111.744104, 20.414096),
)
_NOT_SHIFTED = (
    Box(119.921265, 21.785006, 122.497559, 25.398623),  # Taiwan
    Box(113.538441, 22.158318, 113.598688, 22.213538),  # Macau
    Box(113.553527, 22.109501, 113.598688, 22.158318),  # Macau, Taipa and Coloane
    Box(113.834609, 22.154752, 114.407653, 22.444842),  # Hong Kong
    Box(113.955365, 22.444842, 114.407653, 22.502398),  # Hong Kong, New Territories
    Box(101.8652, 20.0988, 106.6650, 22.2840),  # Laos, Vietnam
    Box(106.4525, 20.4878, 108.0510, 21.5422),  # Vietnam
    Box(109.0323, 50.3257, 119.1270, 55.8175),  # Mongolia, Russia
    Box(127.4568, 49.5574, 137.0227, 55.8175),  # Russia
    Box(131.2662, 42.5692, 137.0227, 44.8922),  # Russia
)


def in_mainland(point: Point) -> bool:
    """Whether maps shift this WGS-84 place: mainland China by a rough outline.

    The outline is kilometres off along the land borders, and leaves out Hong Kong, Macau, Taiwan
    and the islands south of 17.87° N. Near a border, expect either answer.
    """
    return any(box.holds(point) for box in _MAINLAND) and not any(
        box.holds(point) for box in _NOT_SHIFTED
    )


def to_wgs84(longitude: float, latitude: float, coord_type: CoordType) -> Point:
    """The WGS-84 place of a pair given in `coord_type`, degrees.

    Inside the mainland outline this undoes `wgs84_to_gcj02` and `wgs84_to_bd09` to less than
    1 mm; outside it all three systems are taken to be the same.
    """
    given = Point(longitude, latitude)
    if coord_type is CoordType.WGS84 or not _SURROUNDINGS.holds(given):
        return given
    gcj02 = _undo(_bd09_shift, given, _BD09_ROUNDS) if coord_type is CoordType.BD09 else given
    wgs84 = _undo(_gcj02_shift, gcj02, _GCJ02_ROUNDS)
    # The place itself decides, not its shifted image: so that every inside place comes back.
    return wgs84 if in_mainland(wgs84) else given


@lru_cache(maxsize=100_000)
def wgs84_to_gcj02(longitude: float, latitude: float) -> Point:
    """The GCJ-02 pair of a WGS-84 place, degrees; the same pair outside mainland China."""
    place = Point(longitude, latitude)
    return _add(place, _gcj02_shift(place)) if in_mainland(place) else place


def wgs84_to_bd09(longitude: float, latitude: float) -> Point:
    """The BD-09 pair of a WGS-84 place, degrees; the same pair outside mainland China."""
    place = Point(longitude, latitude)
    if not in_mainland(place):
        return place
    gcj02 = _add(place, _gcj02_shift(place))
    return _add(gcj02, _bd09_shift(gcj02))


def distance_m(a: Point, b: Point) -> float:
    """Metres between two WGS-84 places on a sphere (haversine): within 0.6 % of the truth
    (`_SPHERE_ERROR`).

    Fast enough for scans. For one exact check use `geodesic_m`.
    """
    half_north = math.radians(b.latitude - a.latitude) / 2
    half_east = math.radians(b.longitude - a.longitude) / 2
    across = math.cos(math.radians(a.latitude)) * math.cos(math.radians(b.latitude))
    square = math.sin(half_north) ** 2 + across * math.sin(half_east) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, square)))


def geodesic_m(a: Point, b: Point) -> float:
    """Metres between two WGS-84 places on the ellipsoid (Karney), exact to a micrometre; slow."""
    return float(geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters)


def farther(a: Point, b: Point, limit_m: float) -> float | None:
    """The exact metres between two WGS-84 places if they are more than the limit, else None."""
    if distance_m(a, b) < limit_m * (1 - _SPHERE_ERROR):
        return None
    exact = geodesic_m(a, b)
    return exact if exact > limit_m else None


def _add(point: Point, shift: Point) -> Point:
    return Point(point.longitude + shift.longitude, point.latitude + shift.latitude)


def _undo(shift: Callable[[Point], Point], image: Point, rounds: int) -> Point:
    """The point whose shifted image this is, by fixed-point iteration from the image itself."""
    point = image
    for _ in range(rounds):
        moved = shift(point)
        point = Point(image.longitude - moved.longitude, image.latitude - moved.latitude)
    return point


def _gcj02_shift(place: Point) -> Point:
    """GCJ-02 less WGS-84, degrees, by the formula known from `eviltransform`."""
    x, y = place.longitude - 105.0, place.latitude - 35.0
    root, ripple = math.sqrt(abs(x)), 20 * _sine(6 * x) + 20 * _sine(2 * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + 20 * _sine(y) + 40 * _sine(y / 3)) * 2 / 3
    north += (160 * _sine(y / 12) + 320 * _sine(y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + 20 * _sine(x) + 40 * _sine(x / 3)) * 2 / 3
    east += (150 * _sine(x / 12) + 300 * _sine(x / 30)) * 2 / 3
    latitude = math.radians(place.latitude)
    flattening = 1 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
    meridian_radius = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_radius = _AXIS_M / math.sqrt(flattening) * math.cos(latitude)
    return Point(math.degrees(east / parallel_radius), math.degrees(north / meridian_radius))


def _sine(half_turns: float) -> float:
    return math.sin(half_turns * math.pi)


def _bd09_shift(gcj02: Point) -> Point:
    """BD-09 less GCJ-02, degrees, by the formula known from `coordtransform`."""
    x, y = gcj02
    radius = math.hypot(x, y) + 0.000_02 * math.sin(y * _BD09_PI)
    angle = math.atan2(y, x) + 0.000_003 * math.cos(x * _BD09_PI)
    return Point(
        radius * math.cos(angle) + 0.0065 - x,
        radius * math.sin(angle) + 0.006 - y,
    )
