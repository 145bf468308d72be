"""Is this photo a copy of that one? The judge of what models.likeness found.

The upload is laid over the stored photo by least squares: an affine map for the frame, and a
factor and an offset for the light (Lucas, Kanade: An Iterative Image Registration Technique, 1981;
with weights against what moved). Four things tell a copy from a second shot of the same spot:

- its frame lies within the stored one, for nobody can crop beyond the edge; a camera held again
  by hand has moved over some edge;
- it is not turned, as a camera held again is by a fraction of a degree;
- most of it is alike;
- no thing in the middle came or went; near the edges it may, where stamps are put.

The limits were measured with `python -m benchmarks.copies` (docs/adr/0003-copy-detection.md).
"""

from typing import NamedTuple

import numpy as np

from models.likeness import MARGIN, Pixels, pixels
from models.photo_facts import SKETCH_SIDE as SIDE

MAX_OUTSIDE = 0.004
MAX_TURN = 0.006
MAX_UNLIKE = 0.15
MAX_CHANGE = 0.5

_STEPS = 8
_DARK, _BRIGHT = 3, 225  # beyond these a brightened or darkened copy was cut off
_RIM = round(0.14 * SIDE)  # cells at each edge where a stamp may be
_COLUMN, _ROW = np.meshgrid(*[(np.arange(SIDE) + 0.5) / SIDE] * 2)


class Fit(NamedTuple):
    """How an upload lies over a stored photo.

    `outside`: by what part of the side its frame passes the stored one's edges, negative inside.
    `turn`: sine of the angle. `unlike`: mean difference of the most alike 85 %, and `change`: the
    difference at the most changed hundredth of the middle, both in standard deviations of the
    upload.
    """

    outside: float
    turn: float
    unlike: float
    change: float


def is_copy(upload: bytes, stored: bytes) -> bool:
    """Whether the photo with the sketch `upload` is a copy of that with the sketch `stored`."""
    fit = compare(upload, stored)
    return (
        fit.outside <= MAX_OUTSIDE
        and fit.turn <= MAX_TURN
        and fit.unlike <= MAX_UNLIKE
        and fit.change <= MAX_CHANGE
    )


def compare(upload: bytes, stored: bytes) -> Fit:
    """The best of the fits that begin at the whole of the stored photo and at its middle."""
    above, below = _smooth(pixels(upload)), _smooth(pixels(stored))
    fits = (_fit(above, below, crop) for crop in (0, MARGIN * 2 / 3))
    return min(fits, key=lambda fit: fit.unlike)


def _fit(upload: Pixels, stored: Pixels, crop: float) -> Fit:
    across, down = (np.asarray(np.gradient(stored, 1 / SIDE, axis=axis)) for axis in (1, 0))
    usable = ((upload > _DARK) & (upload < _BRIGHT)).astype(np.float64)
    weights = usable
    x, y = np.array([crop, 1 - 2 * crop, 0]), np.array([crop, 0, 1 - 2 * crop])
    for step in range(_STEPS + 1):
        columns, rows = _mapped(x), _mapped(y)
        seen = _sampled(stored, columns, rows)
        factor, offset = _light(upload, seen, weights)
        error = upload - (factor * seen + offset)
        if step == _STEPS:
            break
        spread = 1.5 * float(np.median(np.abs(error))) + 0.3
        weights = usable / (1 + (error / (2 * spread)) ** 2) ** 2
        slopes = [factor * _sampled(slope, columns, rows) for slope in (across, down)]
        moves = [slope * part for slope in slopes for part in (1, _COLUMN, _ROW)]
        change = _solved(np.stack([*moves, seen, np.ones_like(seen)]), error, weights)
        x, y = (x + change[:3]).clip(-0.3, 1.3), (y + change[3:6]).clip(-0.3, 1.3)
    certain = usable * (upload - error < _BRIGHT)
    return _judged(x, y, error * certain / (upload.std() + 1))


def _judged(x: Pixels, y: Pixels, error: Pixels) -> Fit:
    corners = [(column, row) for column in (0, 1) for row in (0, 1)]
    ends = [at[0] + at[1] * column + at[2] * row for at in (x, y) for column, row in corners]
    alike = np.sort(np.abs(error), axis=None)[: int(0.85 * error.size)]
    middle = np.abs(_smooth(error))[_RIM:-_RIM, _RIM:-_RIM]
    return Fit(
        outside=float(max(-min(ends), max(ends) - 1)),
        turn=float(max(abs(x[2]), abs(y[1]))),
        unlike=float(alike.mean()),
        change=float(np.quantile(middle, 0.99)),
    )


def _light(upload: Pixels, seen: Pixels, weights: Pixels) -> tuple[float, float]:
    factor, offset = _solved(np.stack([seen, np.ones_like(seen)]), upload, weights)
    return float(factor), float(offset)


def _solved(terms: Pixels, target: Pixels, weights: Pixels) -> Pixels:
    """Weighted least squares: how much of each term makes up the target."""
    rows = terms.reshape(len(terms), -1)
    weighted = rows * weights.ravel()
    normal = weighted @ rows.T + 1e-6 * np.eye(len(rows))  # a blank picture has no slopes
    return np.asarray(np.linalg.solve(normal, weighted @ target.ravel()))


def _mapped(line: Pixels) -> Pixels:
    return np.asarray(line[0] + line[1] * _COLUMN + line[2] * _ROW)


def _sampled(picture: Pixels, columns: Pixels, rows: Pixels) -> Pixels:
    """Bilinear, at places given as parts of the side."""
    x, y = ((part * SIDE - 0.5).clip(0, SIDE - 1.001) for part in (columns, rows))
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, low = x - left, y - top
    above = picture[top, left] * (1 - right) + picture[top, left + 1] * right
    below = picture[top + 1, left] * (1 - right) + picture[top + 1, left + 1] * right
    return np.asarray(above * (1 - low) + below * low)


def _smooth(picture: Pixels) -> Pixels:
    wide = np.pad(picture, 1, mode="edge")
    tall = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    return np.asarray((tall[:, :-2] + 2 * tall[:, 1:-1] + tall[:, 2:]) / 16)
