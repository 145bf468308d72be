"""A map as a drawing: polygons on paper, longitude and latitude to its sides, no script."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

WIDTH, MOST_HEIGHT, MARGIN = 1000.0, 900.0, 12.0
_FINEST = 0.5
"""Details smaller than this, in units of the drawing, are left out."""


_Degrees = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]


class Shape(NamedTuple):
    """What to draw: its words, its CSS class, and its boundary in degrees; `label` stands on it."""

    title: str
    style: str
    boundary: BaseGeometry
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """`paths` are SVG path data with class and title, `labels` x, y and text; `frame` is what is
    needed to draw more on it: west, north, units to a degree of longitude and of latitude."""

    width: float
    height: float
    paths: list[tuple[str, str, str]]
    labels: list[tuple[float, float, str]]
    frame: tuple[float, float, float, float]


def draw(shapes: Iterable[Shape]) -> Drawing | None:
    """The drawing of the shapes, north up, in their order; None without any."""
    given = list(shapes)
    if not given:
        return None
    west, south, east, north = shapely.total_bounds([one.boundary for one in given]).tolist()
    across = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * across, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / high)
    size = round(wide * scale + 2 * MARGIN), round(high * scale + 2 * MARGIN)
    return drawn_on(Drawing(*size, [], [], (west, north, across * scale, scale)), given)


def drawn_on(drawing: Drawing, given: Sequence[Shape]) -> Drawing:
    """The drawing with more shapes on top."""
    west, north, x_scale, y_scale = drawing.frame

    def on_paper(degrees: _Degrees) -> _Degrees:
        x, y = (degrees[:, 0] - west) * x_scale, (north - degrees[:, 1]) * y_scale
        return np.column_stack([x + MARGIN, y + MARGIN])

    boundaries = np.array([one.boundary for one in given], dtype=object)
    flat = list(shapely.simplify(shapely.transform(boundaries, on_paper), _FINEST))
    paths = [
        ("".join(_rings(shape)), one.style, one.title)
        for one, shape in zip(given, flat, strict=True)
    ]
    labels = [*drawing.labels, *_labels(given, flat)]
    return replace(drawing, paths=[*drawing.paths, *paths], labels=labels)


def _rings(shape: BaseGeometry) -> Iterator[str]:
    for polygon in shapely.get_parts(shape):
        for ring in shapely.get_rings(polygon):
            points = shapely.get_coordinates(ring).round(1)[:-1]
            yield "M" + "L".join(f"{x:g} {y:g}" for x, y in points.tolist()) + "Z"


def _labels(
    given: Sequence[Shape], flat: Iterable[BaseGeometry]
) -> Iterator[tuple[float, float, str]]:
    for one, shape in zip(given, flat, strict=True):
        if one.label and not shape.is_empty:
            point = shape.representative_point()
            yield round(point.x, 1), round(point.y, 1), one.label
