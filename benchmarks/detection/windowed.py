"""Detectors that compare the shares of a window: these rules, PSI, a share off."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from credit_analyzer.signals import NUMERIC_SIGNALS
from numpy.typing import NDArray

from .characteristics import DAY, HOUR, STUCK_SECONDS, WAIT
from .judging import Row, Scores, judge
from .populations import Signal
from .rules import FLOOR, Counts, Figures, Thresholds, Window, measure, windows
from .streams import RATE, Streams, Values

WINDOW = 30
# Which only decisions have: a window of its own for a model that is stuck.
STUCK = {"decision": (Window("5s", STUCK_SECONDS, 1),)}


class Cells:
    """Counts a stream's applications by cell: a category, or what is between edges."""

    def __init__(self, streams: Streams, edges: Sequence[float]) -> None:
        self.edges = np.array(edges if streams.bounds else (0, 1))
        counts = np.bincount(self._of(streams.pool), minlength=len(self.edges) + 1)
        self.reference: Figures = counts / len(streams.pool)

    def _of(self, values: Values) -> NDArray[np.int64]:
        return np.searchsorted(self.edges, values, side="left")

    def each_second(self, values: Values) -> Counts:
        """Counts since the stream began, shape (seconds + 1, cells)."""
        k, seconds = len(self.reference), len(values) // RATE
        at = np.arange(len(values)) // RATE * k + self._of(values)
        counts = np.bincount(at, minlength=seconds * k).reshape(seconds, k)
        return np.concatenate([np.zeros((1, k), dtype=np.int64), counts.cumsum(axis=0)])


def evidence(cells: Cells, name: str, values: Values) -> Figures:
    """What the rules compare with their threshold: the most nats of any window."""
    of, total = Signal(name, cells.reference), cells.each_second(values)
    highest = np.full(len(total), -np.inf)
    for window in (*windows(), *STUCK.get(name, ())):
        at = np.arange(0, len(total), window.interval)
        at = at[at >= window.counted]
        counts = total[at] - total[at - window.counted]
        distance, nats = measure(of, counts)
        raised = distance >= Thresholds.shipped().distance
        if window in STUCK.get(name, ()):
            raised &= counts.max(axis=1) == counts.sum(axis=1)
        highest[at] = np.maximum(highest[at], np.where(raised, nats, -np.inf))
    return highest[1:]


def psi(shares: Figures, reference: Figures) -> Figures:
    """Population stability index, the sum of (p - q) ln(p / q)."""
    p, q = np.maximum(shares, FLOOR), np.maximum(reference, FLOOR)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def furthest(shares: Figures, reference: Figures) -> Figures:
    """How far off the share is that is furthest off."""
    return np.asarray(np.abs(shares - reference).max(axis=-1).round(9))


def sliding(
    cells: Cells, figure: Callable[[Figures, Figures], Figures], values: Values
) -> Figures:
    """A figure of the shares in the last `WINDOW` seconds, every second."""
    total = cells.each_second(values)
    shares = (total[WINDOW:] - total[:-WINDOW]) / (WINDOW * RATE)
    full = figure(shares, cells.reference)
    return np.concatenate([np.full(WINDOW - 1, -np.inf), full])


def every_second(score: Callable[[Values], Figures], streams: Streams) -> Scores:
    """Scores the streams, the healthy ones a day at a time."""

    def days(values: Values) -> Figures:
        parts = []
        for start in range(0, len(values), DAY * RATE):
            before = min(start, HOUR * RATE)
            part = score(values[start - before : start + DAY * RATE])
            parts.append(part[before // RATE :])
        return np.concatenate(parts)

    return Scores(
        step=1,
        tuning=days(streams.tuning),
        counting=days(streams.counting),
        cases=[(s, at, score(stream)) for s, at, stream in streams.replicates()],
        wait=WAIT,
    )


def by_the_rules(streams: Streams) -> Iterator[Row]:
    """The rules, with their threshold of nats."""
    cells = Cells(streams, NUMERIC_SIGNALS.get(streams.name, ()))
    scores = every_second(partial(evidence, cells, streams.name), streams)
    default = Thresholds.shipped().nats
    yield from judge("these rules", streams, scores, default, "{:.3g} nats")


def by_shares(streams: Streams) -> Iterator[Row]:
    """PSI, of deciles, and a share that is off, of quartiles."""
    for detector, figure, parts, default in (
        ("PSI", psi, 10, 0.2),
        ("a share is off", furthest, 4, 0.1),
    ):
        edges = np.quantile(streams.pool, np.arange(1, parts) / parts)
        score = partial(sliding, Cells(streams, edges.tolist()), figure)
        scores = every_second(score, streams)
        yield from judge(detector, streams, scores, default, "by {:.3g}")
