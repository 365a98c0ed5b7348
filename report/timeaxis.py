"""Time, from left to right: the phases as bands, and seconds or a clock below."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, nan

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from stack.timeline import Phase

from .canvas import BAND, MUTED, OTHER_BAND, RED
from .record import Alert, Points, Record

ROUND_SECONDS = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600)
PIXELS_OF_A_TICK = 62
PIXELS_OF_A_LETTER = 6.6
# Beyond, a clock says more than seconds.
MOST_SECONDS = 1_200


def counts_seconds(record: Record) -> bool:
    """Whether time is given in seconds after the first phase, not by the clock."""
    return bool(record.phases) and record.until - record.since <= MOST_SECONDS


def draw(axes: Axes, record: Record, *, names: bool = True, ticks: bool = True) -> None:
    """Spans `axes` over the record's time; `names` are those of the phases."""
    axes.set_xlim(record.since, record.until)
    axes.grid(visible=False, axis="x")
    for number, phase in enumerate(record.phases):
        start, end = _within(record, phase)
        colour = OTHER_BAND if number % 2 else BAND
        axes.axvspan(start, end, color=colour, linewidth=0, zorder=0)
    if names:
        _name(axes, record)
    _tick(axes, record, axes.get_window_extent().width)
    axes.tick_params(labelbottom=ticks, bottom=ticks)


def _within(record: Record, phase: Phase) -> tuple[float, float]:
    return max(phase.start, record.since), min(phase.end, record.until)


def _name(axes: Axes, record: Record) -> None:
    """Names the phases above, on two levels where one has no room."""
    pixel = (record.until - record.since) / axes.get_window_extent().width
    free = [record.since - 20 * pixel] * 2
    for phase in record.phases:
        name = phase.name.replace("-", " ")
        middle = sum(_within(record, phase)) / 2
        half = len(name) * PIXELS_OF_A_LETTER / 2 * pixel
        for level, taken in enumerate(free):
            if middle - half >= taken:
                axes.annotate(
                    name,
                    (middle, 1),
                    xytext=(0, 4 + 15 * level),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    ha="center",
                    color=MUTED,
                )
                free[level] = middle + half
                break


def _tick(axes: Axes, record: Record, width: float) -> None:
    most = max(2, width / PIXELS_OF_A_TICK)
    span = record.until - record.since
    step = next((s for s in ROUND_SECONDS if span / s <= most), ROUND_SECONDS[-1])
    in_seconds = counts_seconds(record)
    origin = record.origin if in_seconds else 0.0
    first = ceil((record.since - origin) / step) * step
    count = int((record.until - origin - first) // step) + 1
    axes.xaxis.set_major_locator(
        FixedLocator([origin + first + step * n for n in range(count)])
    )
    clock = "%H:%M:%S" if step < ROUND_SECONDS[5] else "%H:%M"
    axes.xaxis.set_major_formatter(
        FuncFormatter(
            lambda moment, _: (
                f"{moment - origin:.0f} s"
                if in_seconds
                else datetime.fromtimestamp(moment, UTC).strftime(clock)
            )
        )
    )


def mark(axes: Axes, alerts: Iterable[Alert]) -> None:
    """A line, and a triangle at its foot, where each of `alerts` fired."""
    for alert in alerts:
        axes.axvline(alert.fired, color=RED, linewidth=1)
        axes.plot(
            [alert.fired],
            [0],
            marker="^",
            markersize=8,
            color=RED,
            clip_on=False,
            transform=axes.get_xaxis_transform(),
            zorder=5,
        )


def broken(points: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Times and values, with a gap in the line where there were none for a while."""
    known: Points = tuple(points)
    times: list[float] = []
    values: list[float] = []
    steps = [b - a for (a, _), (b, _) in pairwise(known)]
    for (moment, value), step in zip(known, [0.0, *steps], strict=bool(known)):
        if steps and step > 3 * min(steps):
            times.append(moment)
            values.append(nan)
        times.append(moment)
        values.append(value)
    return times, values
