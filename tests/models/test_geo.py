import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from models.geo import (
    CoordType,
    Point,
    distance_m,
    geodesic_m,
    in_mainland,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

MILLIMETRE = 0.001

mainland_box = st.builds(Point, st.floats(73.2, 134.9), st.floats(18.0, 54.0))
anywhere = st.builds(Point, st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))


# WGS-84 and GCJ-02 as published with eviltransform (three cities) and coordtransform (Tiananmen).
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        (Point(121.5272106, 31.1774276), Point(121.531541859215, 31.17530398364597)),
        (Point(113.912316, 22.543847), Point(113.9171764808363, 22.540796131694766)),
        (Point(116.377817, 39.911954), Point(116.38404722455657, 39.91334545536069)),
        (Point(116.404, 39.915), Point(116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_agrees_with_published_pairs(wgs84: Point, gcj02: Point) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert distance_m(to_wgs84(*gcj02, CoordType.GCJ02), wgs84) < MILLIMETRE


def test_bd09_agrees_with_the_published_pair_of_tiananmen() -> None:
    wgs84, bd09 = Point(116.404, 39.915), Point(116.41662724378733, 39.922699552216216)
    assert wgs84_to_bd09(*wgs84) == pytest.approx(bd09, abs=1e-9)
    assert distance_m(to_wgs84(*bd09, CoordType.BD09), wgs84) < MILLIMETRE


def test_wgs84_passes_untouched() -> None:
    assert to_wgs84(112.57, 26.90, CoordType.WGS84) == Point(112.57, 26.90)


def test_mixing_systems_up_in_hengyang_would_be_wrong_by_more_than_a_grid() -> None:
    place = Point(112.57, 26.90)
    assert geodesic_m(place, wgs84_to_gcj02(*place)) == pytest.approx(654.4, abs=0.1)
    assert geodesic_m(place, wgs84_to_bd09(*place)) > 1_000


def inside(place: Point) -> bool:
    """In the mainland, and not by less than the millimetre that is being tested."""
    corners = [
        (place.longitude + x, place.latitude + y) for x in (-1e-7, 1e-7) for y in (-1e-7, 1e-7)
    ]
    return all(in_mainland(Point(*corner)) for corner in corners)


@settings(deadline=None)
@given(mainland_box)
def test_gcj02_comes_back_to_a_millimetre_in_the_mainland(place: Point) -> None:
    assume(inside(place))
    assert distance_m(to_wgs84(*wgs84_to_gcj02(*place), CoordType.GCJ02), place) < MILLIMETRE


@settings(deadline=None)
@given(mainland_box)
def test_bd09_comes_back_to_a_millimetre_in_the_mainland(place: Point) -> None:
    assume(inside(place))
    assert distance_m(to_wgs84(*wgs84_to_bd09(*place), CoordType.BD09), place) < MILLIMETRE


@pytest.mark.parametrize(
    "place",
    [
        Point(114.1694, 22.3193),  # Kowloon
        Point(121.5654, 25.0330),  # Taipei
        Point(139.6917, 35.6895),  # Tokyo
        Point(105.8342, 21.0278),  # Hanoi
        Point(106.9057, 55.9188),  # Siberia, east of Baikal
        Point(-0.1276, 51.5072),  # London
    ],
)
@pytest.mark.parametrize("coord_type", CoordType)
def test_nothing_is_shifted_outside_the_mainland(place: Point, coord_type: CoordType) -> None:
    assert wgs84_to_gcj02(*place) == place
    assert wgs84_to_bd09(*place) == place
    assert to_wgs84(*place, coord_type) == place


def test_macau_too_keeps_its_coordinates() -> None:
    # Only forwards: it is so narrow that a BD-09 pair of it might be one of Zhuhai as well.
    assert wgs84_to_gcj02(113.5491, 22.1987) == Point(113.5491, 22.1987)


@pytest.mark.parametrize(
    "place",
    [
        Point(112.57, 26.90),  # Hengyang
        Point(113.9400, 22.5230),  # Shenzhen Nanshan, across the bay from Hong Kong
        Point(113.5220, 22.2700),  # Zhuhai, next to Macau
        Point(118.0894, 24.4798),  # Xiamen
        Point(87.6168, 43.8256),  # Urumqi
        Point(75.9898, 39.4704),  # Kashgar
        Point(124.3543, 40.0005),  # Dandong, on the Korean border
        Point(126.6424, 45.7567),  # Harbin
        Point(110.3312, 20.0311),  # Haikou
        Point(91.1322, 29.6604),  # Lhasa
    ],
)
def test_every_corner_of_the_mainland_is_shifted(place: Point) -> None:
    assert 100 < distance_m(place, wgs84_to_gcj02(*place)) < 800


@settings(deadline=None)
@given(anywhere, st.sampled_from(CoordType))
@example(Point(0.0, 90.0), CoordType.BD09)
@example(Point(180.0, -90.0), CoordType.GCJ02)
@example(Point(0.0, 0.0), CoordType.BD09)
def test_any_place_on_earth_converts_to_a_place_on_earth(
    place: Point, coord_type: CoordType
) -> None:
    for converted in (
        to_wgs84(*place, coord_type),
        wgs84_to_gcj02(*place),
        wgs84_to_bd09(*place),
    ):
        assert abs(converted.longitude) <= 180
        assert abs(converted.latitude) <= 90
        assert distance_m(place, converted) < 2_500


@settings(deadline=None)
@given(anywhere, anywhere)
@example(Point(0.0, 0.0), Point(180.0, 0.0))
@example(Point(10.0, 45.0), Point(-170.0, -45.0))
def test_fast_distance_is_symmetric_and_within_0_6_percent(a: Point, b: Point) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a), rel=1e-9, abs=1e-6)
    assert distance_m(a, b) == pytest.approx(geodesic_m(a, b), rel=0.006, abs=0.001)


def test_distances_of_known_lengths() -> None:
    # One degree of latitude on the mean sphere; Flinders Peak to Buninyong on WGS-84 (Vincenty's
    # own example is given on another ellipsoid, hence the metre).
    assert distance_m(Point(112.0, 26.0), Point(112.0, 27.0)) == pytest.approx(111_195.08, abs=0.01)
    flinders_peak = Point(144.424867889, -37.951033417)
    buninyong = Point(143.926495528, -37.652821139)
    assert geodesic_m(flinders_peak, buninyong) == pytest.approx(54_972.271, abs=0.01)
    assert distance_m(flinders_peak, flinders_peak) == 0
    assert math.isclose(geodesic_m(buninyong, buninyong), 0)
