"""Lines and areas as SVG paths.

A plot is 100 units wide and high, at any size on the page: its shapes are
stretched, and its texts stand beside them as HTML. So one drawing serves each width.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from ..record import Points

Scale = Callable[[float], float]


def linear(low: float, high: float) -> Scale:
    """The percentage of the way from `low` to `high`; nothing is outside of it."""
    return lambda value: 100 * min(max((value - low) / (high - low), 0.0), 1.0)


def line(points: Iterable[tuple[float, float]], x: Scale, y: Scale) -> str:
    """A line through `points`."""
    return _path((x(time), 100 - y(value)) for time, value in points)


def area(points: Sequence[tuple[float, float]], x: Scale, y: Scale, base: float) -> str:
    """The area between a line and the value `base`."""
    if not points:
        return ""
    first, last = points[0][0], points[-1][0]
    return line([(first, base), *points, (last, base)], x, y) + "Z"


def _path(points: Iterable[tuple[float, float]]) -> str:
    pairs = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f"M{pairs}" if pairs else ""


def unbroken(points: Points, gap: float) -> list[Points]:
    """The parts of a line without a gap in time that is longer than `gap`."""
    starts = [
        place
        for place, ((before, _), (after, _)) in enumerate(pairwise(points), start=1)
        if after - before > gap
    ]
    return [points[a:b] for a, b in pairwise([0, *starts, len(points)])]


def thinned(points: Points, most: int) -> Points:
    """At most `most` points: the highest of each part, so that no peak is lost."""
    size = -(-len(points) // most)
    if size <= 1:
        return points
    parts = (points[n : n + size] for n in range(0, len(points), size))
    return tuple(max(part, key=lambda point: point[1]) for part in parts)
