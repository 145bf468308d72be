"""What holds between the polygons of a map, on arrays, so that 5,000 grids take seconds. Pure."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from models.geo import EARTH_RADIUS_M, CoordType, to_wgs84

DECIMALS = 8
"""Of stored degrees: about a millimetre."""
SLIVER_M2 = 1.0
SLIVER_WIDTH_M = 0.5
"""Neighbours drawn apart from each other overlap by slivers; only more than both is a fault."""


def to_stored(shapes: Sequence[BaseGeometry], coord_type: CoordType) -> list[BaseGeometry]:
    """The polygons in WGS-84, rounded to `DECIMALS`; equal vertices stay equal."""
    vertices = shapely.get_coordinates(shapes)
    if coord_type is not CoordType.WGS84 and len(vertices):
        # Neighbours and parents share most vertices: each is converted once.
        places, back = np.unique(vertices, axis=0, return_inverse=True)
        converted = np.array([to_wgs84(x, y, coord_type) for x, y in places.tolist()])
        vertices = converted[back]
    copies = np.array(shapes, dtype=object)
    return list(shapely.set_coordinates(copies, vertices.round(DECIMALS)))


def check_overlaps(shapes: Sequence[BaseGeometry]) -> Iterator[tuple[int, int, float]]:
    """Pairs of valid polygons, later before earlier, that overlap by more than a sliver, and the
    square metres that they share."""
    if len(shapes) < 2:
        return
    flat = on_plane(shapes)
    late, early = shapely.STRtree(flat).query(flat, predicate="intersects")
    pairs = late > early
    late, early = late[pairs], early[pairs]
    common = shapely.intersection(flat[late], flat[early])
    areas = shapely.area(common)
    for i in np.flatnonzero(areas > SLIVER_M2):
        # What is left after taking half the width from all sides was wider than that.
        if not shapely.buffer(common[i], -SLIVER_WIDTH_M / 2).is_empty:
            yield int(late[i]), int(early[i]), float(areas[i])


def misplaced(children: Sequence[BaseGeometry], parents: Sequence[BaseGeometry]) -> list[int]:
    """Positions of children of which a point well inside lies outside the parent."""
    inside = shapely.covers(parents, shapely.point_on_surface(children))
    return [int(i) for i in np.flatnonzero(~np.atleast_1d(inside))]


def on_plane(shapes: Sequence[BaseGeometry]) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """In metres, on a plane that touches the middle of them all (see `models.routing`)."""
    _, south, _, north = shapely.total_bounds(shapes)
    degree = math.radians(1) * EARTH_RADIUS_M
    scale = (degree * math.cos(math.radians((south + north) / 2)), degree)
    copies = np.array(shapes, dtype=object)
    return shapely.transform(copies, lambda degrees: degrees * scale)
