"""Reads what changes over time: the decision mix, and evidence of drift."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from ..record import Mix, Period, Points, Signal
from .cell_counts import ALL_DECISIONS, CellCounts, cell, decision
from .sources import CHART_POINTS, Prometheus, step

# The mix is that of so many applications: the same at any traffic. A share of fewer
# than the first is mostly chance.
WINDOWS = (20, 50, 100, 200, 500, 1_000)
WINDOWS_OF_A_RANGE = 12
MIX_POINTS = 360

SPENT = "signal:model_drift:spent_ratio"
SIGNIFICANT = "signal:model_drift:significant"
CRITICAL = "signal:model_critical_drift:significant"

Key = tuple[str, str, str]


def mix(counts: CellCounts, decisions: Signal, since: float, until: float) -> Mix:
    """The decision mix of `decisions` between two moments."""
    enough = counts.total(ALL_DECISIONS) / WINDOWS_OF_A_RANGE
    size = next((w for w in WINDOWS if w >= enough), WINDOWS[-1])
    moments = [since + (until - since) * n / MIX_POINTS for n in range(MIX_POINTS + 1)]
    totals = [counts.at(ALL_DECISIONS, moment) for moment in moments]
    windows = list(_windows(moments, totals, size))
    shares = {}
    for name in decisions.cells:
        counted = partial(counts.at, decision(name))
        shares[name] = tuple(
            (end, (counted(end) - counted(start)) / applications)
            for start, end, applications in windows
        )
    expected = dict(zip(decisions.cells, decisions.reference, strict=True))
    return Mix(size, shares, expected)


def _windows(
    moments: Sequence[float], totals: Sequence[float], size: int
) -> Iterator[tuple[float, float, float]]:
    """Start, end and applications of each window that ends with an application.

    At the beginning, a window is as small as `WINDOWS` allow.
    """
    start = 0
    for (_, before), (end, total) in pairwise(zip(moments, totals, strict=True)):
        while total - totals[start + 1] >= size:
            start += 1
        applications = total - totals[start]
        if total > before and applications >= WINDOWS[0]:
            yield moments[start], end, applications


def evidence(
    prometheus: Prometheus, of_model: str, since: float, until: float
) -> Mapping[Key, tuple[Points, tuple[Period, ...], tuple[Period, ...]]]:
    """Of each signal what it spent, and when its drift was significant and critical."""
    found: dict[Key, dict[str, Points]] = defaultdict(dict)
    names = "|".join((SPENT, SIGNIFICANT, CRITICAL))
    selector = f'{{__name__=~"{names}",{of_model}}}'
    for labels, points in prometheus.between(since, until, selector):
        found[cell(labels)[:3]][labels["__name__"]] = points
    seconds = step(until - since, CHART_POINTS)
    return {
        key: (
            of_signal.get(SPENT, ()),
            periods(of_signal.get(SIGNIFICANT, ()), seconds),
            periods(of_signal.get(CRITICAL, ()), seconds),
        )
        for key, of_signal in found.items()
    }


def periods(points: Points, seconds: float) -> tuple[Period, ...]:
    """When a value was 1, of points that are `seconds` apart, or more after a gap."""
    found: list[Period] = []
    for moment, value in points:
        if value != 1:
            continue
        if found and moment - found[-1][1] < 1.5 * seconds:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return tuple(found)
