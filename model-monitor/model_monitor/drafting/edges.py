"""Edges of buckets that a person would choose."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

# Of what a round number is a multiple, beside powers of ten; and how many digits it may
# have.
STEPS = (10.0, 5.0, 2.5, 2.0)
DIGITS = 12
# Twenty buckets show where values moved to. A few distinct values are a bucket each.
BUCKETS = 20
FEW = 10


def edges(values: Sequence[float], always: Iterable[float] = ()) -> tuple[float, ...]:
    """Rising edges of about `BUCKETS` buckets of as many `values` each.

    They are quantiles, rounded to numbers that a person would write. Each of `always`
    is an edge. A number that takes few values has an edge at each but the largest.
    """
    ordered = sorted(values)
    distinct = sorted(set(ordered))
    if len(distinct) <= FEW:
        found = set(map(float, distinct[:-1] or distinct))
    else:
        found = _rounded_quantiles(ordered)
    return tuple(sorted(found | set(map(float, always))))


def _rounded_quantiles(ordered: Sequence[float]) -> set[float]:
    quantiles = [
        ordered[min(len(ordered) * part // BUCKETS, len(ordered) - 1)]
        for part in range(1, BUCKETS)
    ]
    apart = [high - low for low, high in pairwise(quantiles)]
    found = set()
    for place, quantile in enumerate(quantiles):
        near = [d for d in apart[max(place - 1, 0) : place + 1] if d > 0]
        found.add(rounded(quantile, min(near) if near else abs(quantile) or 1.0))
    return found


def rounded(value: float, distance: float) -> float:
    """The roundest number that is within half of `distance` of `value`."""
    if value == 0:
        return 0.0
    top = math.floor(math.log10(max(abs(value), distance)))
    for power in range(top, top - DIGITS, -1):
        for step in STEPS:
            if not step * 10.0**power:
                return value  # smaller than a float can be
            found = _nearest(value, step * 10.0**power)
            if abs(found - value) <= distance / 2:
                return found
    return value


def outward(low: float, high: float) -> tuple[float, float]:
    """A range of round numbers, of about two digits, that holds `low` and `high`."""
    return _stepped(low, math.floor), _stepped(high, math.ceil)


def _stepped(value: float, towards: Callable[[float], int]) -> float:
    if value == 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(abs(value))) / 2
    if not step:
        return value  # smaller than a float can be
    return float(f"{towards(value / step) * step:.12g}")


def _nearest(value: float, step: float) -> float:
    """The multiple of `step` nearest to `value`, free of binary noise."""
    return float(f"{round(value / step) * step:.12g}")
