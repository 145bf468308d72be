"""The hash finds copies, and its bands find every hash within the distance."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.likeness import (
    BANDS,
    COPY_DISTANCE,
    MARGIN,
    band_probes,
    bands,
    hamming,
    likeness,
    probes,
)
from models.photo_facts import SKETCH_SIDE
from tools.pictures import draw

HASHES = st.integers(-(2**63), 2**63 - 1)


def sketch(image: Image.Image) -> bytes:
    return image.convert("L").resize((SKETCH_SIDE,) * 2, Image.Resampling.BOX).tobytes()


def street(scene: int) -> Image.Image:
    return draw(1, scene=scene, stage="before", size=(480, 360))


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [(0, 0, 0), (0, -1, 64), (-1, -1, 0), (1, 2, 2), (-(2**63), 0, 1), (2**63 - 1, -1, 1)],
)
def test_distance_counts_the_bits_that_differ(one: int, other: int, distance: int) -> None:
    assert hamming(one, other) == hamming(other, one) == distance


def test_bands_are_the_hash_in_parts_of_sixteen_bits() -> None:
    assert bands(0x0123_4567_89AB_CDEF) == (0x0123, 0x4567, 0x89AB, 0xCDEF)
    assert bands(-1) == (0xFFFF,) * BANDS


@given(HASHES, st.sets(st.integers(0, 63), max_size=COPY_DISTANCE))
def test_every_hash_within_the_distance_is_found_by_a_band(value: int, flipped: set[int]) -> None:
    other = value
    for bit in flipped:
        other ^= 1 << bit
    assert hamming(value, other) <= COPY_DISTANCE
    found = zip(band_probes([value]), bands(other), strict=True)
    assert any(band in wanted for wanted, band in found)


def test_the_distance_is_the_greatest_that_the_bands_guarantee() -> None:
    other = 0
    for band in range(BANDS):
        other |= 0b11 << 16 * band
    assert hamming(0, other) == COPY_DISTANCE + 1
    found = zip(band_probes([0]), bands(other), strict=True)
    assert not any(band in wanted for wanted, band in found)


@given(st.lists(HASHES, min_size=1, max_size=10))
def test_probes_of_several_hashes_are_all_of_theirs_once(values: list[int]) -> None:
    together = band_probes(values)
    assert len(together) == BANDS
    for column, wanted in enumerate(together):
        assert wanted == sorted({band for value in values for band in band_probes([value])[column]})


@given(st.binary(min_size=SKETCH_SIDE**2, max_size=SKETCH_SIDE**2))
def test_a_hash_fits_a_signed_bigint(noise: bytes) -> None:
    assert -(2**63) <= likeness(noise) < 2**63
    assert all(-(2**63) <= value < 2**63 for value in probes(noise))


def test_a_picture_without_contrast_has_a_hash_too() -> None:
    assert likeness(bytes(SKETCH_SIDE**2)) == likeness(b"\x80" * SKETCH_SIDE**2)


@pytest.mark.parametrize("cut", [0.0, 0.02, 0.04, MARGIN])
@pytest.mark.parametrize("scene", range(5))
def test_a_cropped_copy_is_found_and_another_place_is_not(scene: int, cut: float) -> None:
    image = street(scene)
    width, height = image.size
    box = tuple(round(side) for side in (width * cut, height * cut))
    copy = image.crop((box[0], box[1], width - box[0], height - box[1]))
    stored = likeness(sketch(image))
    assert min(hamming(probe, stored) for probe in probes(sketch(copy))) <= COPY_DISTANCE
    elsewhere = probes(sketch(street(scene + 100)))
    assert min(hamming(probe, stored) for probe in elsewhere) > COPY_DISTANCE


def test_random_hashes_are_far_apart() -> None:
    random = Random(7)  # noqa: S311 repeatable, nothing secret
    pairs = [(random.getrandbits(63), random.getrandbits(63)) for _ in range(500)]
    assert min(hamming(one, other) for one, other in pairs) > COPY_DISTANCE
