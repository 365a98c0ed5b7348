"""The part of the false-alarm budget that each signal has spent over time."""

from dataclasses import dataclass
from math import log10

from ..format import after_change, listed, spent, title
from ..record import ALARM, ModelRecord, Period, Points, Record, Signal
from .svg import area, line, linear, thinned, unbroken
from .time_axis import TimeAxis

# A healthy signal is at the bottom or below it, and a drift is beyond the top within
# seconds of its alert.
BOTTOM, TOP = 1e-8, 100.0
POINTS, SMALL_POINTS = 360, 100


@dataclass(frozen=True, slots=True)
class Curve:
    """A signal: what it spent, and the areas below while it drifts, by severity."""

    title: str
    words: str
    lines: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]


def height(part: float) -> float:
    """The height of a part of the budget, in percent of the plot."""
    scale = linear(log10(BOTTOM), log10(TOP))
    return scale(log10(max(part, BOTTOM)))


# Levels count from the top of the plot.
ALARM_LEVEL = 100 - height(ALARM)
AXIS = ((ALARM_LEVEL, "alarm"), (100 - height(1e-6), "10⁻⁶"))


def large(record: Record, of_model: ModelRecord, x: TimeAxis) -> list[Curve]:
    """The signals that moved, the first first."""
    return [
        _curve(signal, x, _words(record, of_model, signal), POINTS)
        for signal in of_model.moved
    ]


def small(of_model: ModelRecord, x: TimeAxis) -> list[Curve]:
    """The quiet signals, the closest to an alarm first."""
    return [_curve(s, x, _peak(s), SMALL_POINTS) for s in of_model.quiet]


def _peak(signal: Signal) -> str:
    if signal.drifting:
        return "follows the decisions"
    return f"peak {spent(signal.peak)}" if signal.spent else "not evaluated"


def _words(record: Record, of_model: ModelRecord, signal: Signal) -> str:
    first: dict[str, float] = {}
    for alert in of_model.alerts_of(signal):
        first.setdefault(alert.row.direction, alert.fired)
    if first:
        return listed([f"{d} {after_change(record, t)}" for d, t in first.items()])
    return f"drifts {after_change(record, signal.drifting[0][0])}, without an alert"


def _curve(signal: Signal, x: TimeAxis, words: str, most: int) -> Curve:
    points = thinned(signal.spent, most)
    gap = 2.5 * (x.until - x.since) / max(len(points), most / 2)
    filled = [("warning", p) for p in signal.drifting]
    filled += [("critical", p) for p in signal.critical]
    return Curve(
        title=title(signal),
        words=words,
        lines=tuple(line(part, x, height) for part in unbroken(points, gap)),
        areas=tuple(
            (severity, area(_within(points, period), x, height, BOTTOM))
            for severity, period in filled
        ),
    )


def _within(points: Points, period: Period) -> Points:
    start, end = period
    return tuple(point for point in points if start <= point[0] <= end)
