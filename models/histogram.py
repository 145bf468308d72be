"""Histograms of whole minutes that are added up, and percentiles by nearest rank.

A value is one number for stage and length: `stage * BUCKETS + bucket`. Lengths up to 255 minutes
have a bucket each; above, each doubling has 128, so that a bucket's middle is within 0.4 % of all
of its values.
"""

from collections.abc import Sequence

import numpy as np

EXACT = 256
_PER_DOUBLING = 128
_DOUBLINGS = 13
EDGES: tuple[int, ...] = (
    *range(EXACT),
    *(
        (_PER_DOUBLING + step) << doubling
        for doubling in range(1, _DOUBLINGS + 1)
        for step in range(_PER_DOUBLING)
    ),
)
"""Lower edges of the buckets in minutes; the last bucket has no end (four years)."""
BUCKETS = len(EDGES)
RANKS = (50, 90, 95)
_EDGES = np.array(EDGES)
_MIDDLES = _EDGES + np.append(np.diff(_EDGES) - 1, 0) // 2
_CODE, _COUNT = np.dtype(">i2"), np.dtype(">i4")


def compact(codes: bytes, counts: bytes) -> tuple[bytes, bytes]:
    """The same histogram with each code once, in order, without zeros.

    Both are big-endian arrays of equal length: 16 bits a code, 32 bits a count.
    """
    found, where = np.unique(np.frombuffer(codes, _CODE), return_inverse=True)
    sums = np.bincount(where, np.frombuffer(counts, _COUNT), len(found)).astype(np.int64)
    kept = sums != 0
    return found[kept].astype(_CODE).tobytes(), sums[kept].astype(_COUNT).tobytes()


def totals(codes: bytes, counts: bytes, stages: int) -> np.ndarray:
    """How many values each bucket of each stage holds: an array [stages, BUCKETS]."""
    at = np.frombuffer(codes, _CODE).astype(np.int64)
    sums = np.bincount(at, np.frombuffer(counts, _COUNT), stages * BUCKETS)
    return sums.astype(np.int64).reshape(stages, BUCKETS)


def percentiles(buckets: np.ndarray) -> tuple[int, list[int | None]]:
    """How many values the buckets hold, and the middles of those that the nearest ranks RANKS
    fall into; None without values."""
    reached = np.cumsum(buckets)
    count = int(reached[-1])
    if count == 0:
        return 0, [None] * len(RANKS)
    ranks = [rank(percent, count) for percent in RANKS]
    return count, [int(_MIDDLES[i]) for i in np.searchsorted(reached, ranks)]


def rank(percent: int, count: int) -> int:
    """The nearest rank of a percentile among so many values, from 1."""
    return max(1, -(-percent * count // 100))


def nearest(values: Sequence[int], percent: int) -> int:
    """The percentile of sorted values by nearest rank."""
    return values[rank(percent, len(values)) - 1]
