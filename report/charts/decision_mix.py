"""The decisions over time, each against what is expected of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..format import percent
from ..record import ModelRecord
from .alert_bars import severity
from .svg import area, line, linear
from .time_axis import TimeAxis

TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
BOTTOMS = (0.0, 0.8, 0.9, 0.95, 0.98)
# A decision that would fill less than this part of the common axis has its own.
LOWEST_PART = 0.2
MAX_DECISIONS = 12


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a decision in a phase, with its position and width in percent."""

    phase: str
    text: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class DecisionLane:
    """A decision: its share and the area to what is expected, with an axis.

    `level` is the height of what is expected. `marks` are positions of alerts, with
    their severities.
    """

    name: str
    expected: str
    line: str
    area: str
    level: float
    axis: tuple[tuple[float, str], ...]
    shares: tuple[Share, ...]
    marks: tuple[tuple[float, str], ...]


def lanes(of_model: ModelRecord, x: TimeAxis) -> list[DecisionLane]:
    """The decisions, the most frequent of the reference first."""
    return list(_lanes(of_model, x))


def _lanes(of_model: ModelRecord, x: TimeAxis) -> Iterator[DecisionLane]:
    mix = of_model.mix
    drawn = {
        name: [expected, *(share for _, share in mix.shares.get(name, ()))]
        for name, expected in [*mix.expected.items()][:MAX_DECISIONS]
    }
    highest = max(max(shares) for shares in drawn.values())
    for name, shares in drawn.items():
        expected = mix.expected[name]
        points = mix.shares.get(name, ())
        low, high = bounds(shares, highest)
        y = linear(low, high)
        yield DecisionLane(
            name=name,
            expected=percent(expected),
            line=line(points, x, y),
            area=area(points, x, y, expected),
            level=100 - y(expected),
            axis=((0.0, percent(high)), (100.0, percent(low))),
            shares=tuple(_shares(of_model, name, x)),
            marks=tuple(_marks(of_model, name, x)),
        )


def bounds(shares: Sequence[float], highest: float) -> tuple[float, float]:
    """The ends of an axis for `shares`: 0 and a round number above them.

    That is the one above `highest`, of all decisions, unless they are rare. For what is
    decided nearly always, the axis does not begin at 0.
    """
    least, most = min(shares), max(shares)
    common = next(top for top in TOPS if top >= highest)
    if most < LOWEST_PART * common:
        return 0.0, next(top for top in TOPS if top >= most)
    return max(low for low in BOTTOMS if low <= least), common


def _shares(of_model: ModelRecord, name: str, x: TimeAxis) -> Iterator[Share]:
    [decision] = (s for s in of_model.signals if s.role == "decision")
    place = decision.cells.index(name)
    for band, observed in zip(x.bands, decision.observed, strict=False):
        if observed:
            yield Share(band.name, percent(observed[place]), band.left, band.width)


def _marks(
    of_model: ModelRecord, name: str, x: TimeAxis
) -> Iterator[tuple[float, str]]:
    for alert in of_model.alerts:
        if alert.row.signal == "decision" and alert.row.direction == name:
            yield x(alert.fired), severity(alert)
