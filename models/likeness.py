"""Finds the stored photos that an upload may be a copy of. (docs/adr/0003-copy-detection.md)

All is computed from a photo's sketch: its upright grey picture, averaged into 48 × 48 bytes.
The 64-bit hash of a stored photo leaves a margin out, so that an upload which was cropped by less
than that margin still shows all that was hashed; which part of it, is tried in PROBE_CROPS.

A hash is looked up through BANDS integers of 16 bits. Two hashes at most COPY_DISTANCE bits apart
differ in one band by at most one bit: were it two in each, they would be eight apart (Norouzi,
Punjani, Fleet: Fast Search in Hamming Space with Multi-Index Hashing, 2012).
"""

from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.photo_facts import SKETCH_SIDE

SKETCH_BYTES = 48 * 48

Pixels = NDArray[np.float64]
Crop = tuple[float, float, float, float]  # left, top, right, bottom: parts of the width or height

COPY_DISTANCE = 7
BANDS = 4
MARGIN = 0.06
# Each is a crop that an upload may have had. Chosen one after the other, as the one that found most
# of the copies not found yet; six more found only 0.2 % of them in addition.
PROBE_CROPS: tuple[Crop, ...] = (
    (0.02, 0.02, 0.02, 0.02),
    (0.05, 0.05, 0.05, 0.05),
    (0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.03, 0.0),
    (0.06, 0.0, 0.03, 0.03),
    (0.03, 0.06, 0.06, 0.06),
    (0.03, 0.06, 0.0, 0.03),
    (0.0, 0.03, 0.0, 0.06),
    (0.06, 0.0, 0.0, 0.0),
    (0.03, 0.0, 0.06, 0.06),
)
_BAND_BITS = 64 // BANDS
# What counts as a step, in standard deviations of the picture: on a plain wall only noise differs.
_STEP = 0.06
_ROUNDING = 1e-6
_BITS = 1 << np.arange(63, -1, -1, dtype=np.uint64)


def likeness(sketch: bytes) -> int:
    """The hash to store with a photo, a signed 64-bit integer."""
    return _hash(sketch, (0, 0, 0, 0))


def probes(sketch: bytes) -> list[int]:
    """The hashes to look for when `sketch` may be a copy, cropped by up to MARGIN on each side."""
    return list(dict.fromkeys(_hash(sketch, crop) for crop in PROBE_CROPS))


def hamming(one: int, other: int) -> int:
    """How many of 64 bits differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def bands(value: int) -> tuple[int, ...]:
    """The BANDS columns by which a hash is found, each 0 to 65535, the highest bits first."""
    return tuple(
        value >> shift & (1 << _BAND_BITS) - 1 for shift in range(64 - _BAND_BITS, -1, -_BAND_BITS)
    )


def band_probes(values: Iterable[int]) -> list[list[int]]:
    """For each band the values that any hash within COPY_DISTANCE of one of `values` must have."""
    columns = zip(*(bands(value) for value in values), strict=True)
    return [sorted(set(chain.from_iterable(map(_neighbours, column)))) for column in columns]


def pixels(sketch: bytes) -> Pixels:
    """SKETCH_SIDE × SKETCH_SIDE grey values, 0 to 255."""
    return np.frombuffer(sketch, np.uint8).astype(np.float64).reshape(SKETCH_SIDE, SKETCH_SIDE)


def _hash(sketch: bytes, crop: Crop) -> int:
    """Difference hash: is each of 8 × 8 fields darker than its right neighbour?"""
    left, top, right, bottom = crop
    across = _fields(9, (MARGIN - left) / (1 - left - right), (MARGIN - right) / (1 - left - right))
    down = _fields(8, (MARGIN - top) / (1 - top - bottom), (MARGIN - bottom) / (1 - top - bottom))
    grey = pixels(sketch)
    means = down @ grey @ across.T
    bits = (means[:, 1:] - means[:, :-1] > _STEP * grey.std() + _ROUNDING).ravel()
    return int(_BITS[bits].sum(dtype=np.uint64).astype(np.int64))


def _fields(count: int, before: float, after: float) -> Pixels:
    """Weights that average SKETCH_SIDE cells into `count` fields between two margins."""
    edges = np.linspace(before * SKETCH_SIDE, (1 - after) * SKETCH_SIDE, count + 1)[:, None]
    cells = np.arange(SKETCH_SIDE)
    overlap = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    weights = overlap.clip(0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _neighbours(band: int) -> list[int]:
    return [band, *(band ^ 1 << bit for bit in range(_BAND_BITS))]
