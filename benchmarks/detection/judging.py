"""From a detector's figures to its false alarms and delays, and to a fair threshold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .characteristics import KEEP_FIRING
from .rules import Figures
from .streams import ALLOWED, LIMIT, Streams


@dataclass(frozen=True, slots=True)
class Detection:
    """How soon a shift was noticed, in seconds; None is later than `LIMIT`, or never.

    `detected` is the share of replicates that noticed in time.
    """

    median: float | None
    p95: float | None
    detected: float

    @classmethod
    def of(cls, delays: Sequence[float | None]) -> "Detection":
        """Summarises replicates, of which None did not notice."""
        if not delays:
            return cls(median=None, p95=None, detected=0.0)
        late = [np.inf if d is None or d > LIMIT else d for d in delays]
        median, p95 = np.quantile(late, (0.5, 0.95), method="higher").tolist()
        return cls(
            median=median if np.isfinite(median) else None,
            p95=p95 if np.isfinite(p95) else None,
            detected=float(np.isfinite(late).mean()),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A detector on a stream: its false alarms in `days`, its delay for each shift."""

    detector: str
    stream: str
    setting: str
    parameter: str
    false_alarms: int
    days: float
    delays: Mapping[str, Detection]

    @property
    def per_30_days(self) -> float:
        """False alarms in 30 days."""
        return self.false_alarms * 30 / self.days


@dataclass(frozen=True, slots=True)
class Scores:
    """A figure every `step` seconds: it alarms where it is above a threshold.

    Of each of `cases`: the shift, the second at which it changes, and the figures.
    An alarm is told `wait` seconds later.
    """

    step: int
    tuning: Figures
    counting: Figures
    cases: Sequence[tuple[int, int, Figures]]
    wait: float = 0.0


def onsets(figures: Figures, threshold: float, step: int) -> NDArray[np.int64]:
    """The seconds at which alarms begin; what alarms again within 30 s is one."""
    at = (np.flatnonzero(figures > threshold) + 1) * step
    apart = np.diff(at, prepend=-KEEP_FIRING - 1) > KEEP_FIRING
    return at[apart]


def retuned(figures: Figures, step: int, wanted: int = ALLOWED) -> float:
    """The least threshold with at most `wanted` alarms, of those that make one."""
    candidates = np.unique(figures[np.isfinite(figures)])
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        if len(onsets(figures, candidates[middle], step)) <= wanted:
            high = middle
        else:
            low = middle + 1
    return float(candidates[high])


def delay(scores: Scores, threshold: float, change: int, figures: Figures) -> float:
    """From a change to the first alarm that begins after it; NaN if one was on."""
    began = onsets(figures, threshold, scores.step)
    alarming = (np.flatnonzero(figures > threshold) + 1) * scores.step
    if ((alarming > change - KEEP_FIRING) & (alarming <= change)).any():
        return np.nan
    after = began[began > change]
    return float(after[0]) - change + scores.wait if len(after) else np.inf


def judge(
    detector: str, streams: Streams, scores: Scores, default: float, said: str
) -> Iterator[Row]:
    """A row for the default threshold, and one for the retuned."""
    quiet = retuned(scores.tuning, scores.step)
    for setting, threshold in {"default": default, "retuned": quiet}.items():
        delays: list[list[float]] = [[] for _ in streams.shifts]
        for shift, change, figures in scores.cases:
            found = delay(scores, threshold, change, figures)
            if not np.isnan(found):
                delays[shift].append(found)
        yield Row(
            detector=detector,
            stream=streams.name,
            setting=setting,
            parameter=said.format(threshold),
            false_alarms=len(onsets(scores.counting, threshold, scores.step)),
            days=streams.days,
            delays=dict(zip(streams.shifts, map(Detection.of, delays), strict=True)),
        )
