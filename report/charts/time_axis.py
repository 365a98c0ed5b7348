"""Time, from left to right: the phases as bands, and seconds or a clock below."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from ..format import SPACE, counts_seconds, plain
from ..record import Record
from .svg import linear

ROUND_SECONDS = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 10_800, 21_600, 43_200, 86_400),
)
# A narrow screen has room for so many.
MAX_TICKS = 6


@dataclass(frozen=True, slots=True)
class Band:
    """A phase: its name, and its position and width in percent."""

    name: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The time range of a record, in percent of the width of a plot."""

    since: float
    until: float
    bands: tuple[Band, ...]
    ticks: tuple[tuple[float, str], ...]

    def __call__(self, moment: float) -> float:
        """The position of a time. What is outside of the range is at its edge."""
        return linear(self.since, self.until)(moment)


def time_axis(record: Record) -> TimeAxis:
    """The time axis that all charts of a record share."""
    x = linear(record.since, record.until)
    bands = tuple(
        Band(plain(phase.name), x(phase.start), x(phase.end) - x(phase.start))
        for phase in record.phases
    )
    return TimeAxis(record.since, record.until, bands, _ticks(record))


def _ticks(record: Record) -> tuple[tuple[float, str], ...]:
    length = record.until - record.since
    step = next((s for s in ROUND_SECONDS if length / s <= MAX_TICKS), None)
    step = step or ceil(length / MAX_TICKS / ROUND_SECONDS[-1]) * ROUND_SECONDS[-1]
    in_seconds = counts_seconds(record)
    origin = record.origin if in_seconds else 0.0
    first = ceil((record.since - origin) / step)
    last = int((record.until - origin) // step)
    x = linear(record.since, record.until)
    return tuple(
        (
            x(origin + step * number),
            f"{step * number}{SPACE}s" if in_seconds else _clock(step * number, step),
        )
        for number in range(first, last + 1)
    )


def _clock(moment: float, step: int) -> str:
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 43_200 else "%d %b"
    return datetime.fromtimestamp(moment, UTC).strftime(form)
