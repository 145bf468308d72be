"""Charts as shapes of SVG, drawn by the server. The tables beside them say the same.

Widths are percentages, so that a chart fits any page and its words keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

HEIGHT = 200
"""Of the line chart's field, in pixels."""
_TOP, _LEFT, _RIGHT = 12, 6.0, 98.0
Value = float | None


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """Two lines over the same months; `ticks` are the values of the grid with their heights."""

    ticks: list[tuple[int, float]]
    labels: list[tuple[float, str]]
    present: list[Dot]
    present_lines: list[tuple[Dot, Dot]]
    earlier_lines: list[tuple[Dot, Dot]]
    earlier: list[Dot]
    height: int = HEIGHT


def line(labels: Sequence[str], present: Sequence[Value], earlier: Sequence[Value]) -> Line:
    """Percentages over months; a month without a value leaves a gap."""
    known = [value for value in (*present, *earlier) if value is not None]
    lowest = min(90, int(min(known, default=0)) // 10 * 10)
    highest = 100 if max(known, default=100) > lowest + 30 else lowest + 40
    highest = min(100, highest)
    step = (_RIGHT - _LEFT) / max(1, len(labels))
    across = [round(_LEFT + step * (place + 0.5), 2) for place in range(len(labels))]

    def height(value: float) -> float:
        return round(_TOP + HEIGHT * (highest - value) / (highest - lowest), 1)

    def dots(values: Sequence[Value]) -> list[Dot | None]:
        return [
            None if value is None else Dot(x, height(value), value, label)
            for x, value, label in zip(across, values, labels, strict=True)
        ]

    now, then = dots(present), dots(earlier)
    grid = range(lowest, highest + 1, 10 if highest - lowest <= 50 else 20)
    return Line(
        [(value, height(value)) for value in grid],
        list(zip(across, labels, strict=True)),
        [dot for dot in now if dot],
        _joined(now),
        _joined(then),
        [dot for dot in then if dot],
    )


def _joined(dots: Sequence[Dot | None]) -> list[tuple[Dot, Dot]]:
    return [(one, other) for one, other in pairwise(dots) if one and other]


def spread(values: Sequence[int | None], most: int) -> list[float]:
    """Lengths in percent of the longest."""
    return [round(100 * (value or 0) / most, 2) if most else 0.0 for value in values]
