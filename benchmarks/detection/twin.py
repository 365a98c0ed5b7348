"""The rules for one model, in many runs at once.

From the counters of its replicas to its evidence.

One `evaluate` is one evaluation of the groups model-reference and model-drift, in that
order, in a Prometheus that was never away.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence, Floats, Key, Signal

QUARANTINE = 900
IDLE = 600
NOTABLE = math.exp(9)
MOST_NOTABLE = 0.135
MEMORY = 100

Counts = Mapping[Key, NDArray[np.int64]]
Times = float | NDArray[np.float64]


@dataclass
class Replica:
    """What the rules remember of a replica. Each array has a row for each run."""

    counts: Counts
    start: Times | None
    resume: Times = -math.inf


class Twin:
    """The state of the rules for one model, in each run."""

    def __init__(
        self, signals: Sequence[Signal], days: float = 90.0, runs: int = 1
    ) -> None:
        self.evidence = Evidence(signals, runs, days)
        self._replicas: dict[str, Replica] = {}
        self._known = False
        self._before: float | None = None
        self._last: Times = np.full(runs, -math.inf)
        self.interval = np.full(runs, float(IDLE))

    @property
    def spent(self) -> Mapping[Key, Floats]:
        """The part of the budget that each signal has spent."""
        return {key: bank.spent.sum(1) for key, bank in self.evidence.banks.items()}

    @property
    def critical(self) -> Floats:
        """The same for the distance at which decisions are critical."""
        spent: Floats = self.evidence.critical.spent.sum(1)
        return spent

    @property
    def notable(self) -> Floats:
        """More than a healthy signal spends."""
        level = NOTABLE * self.evidence.budget * self.interval / self.evidence.sharing
        return np.minimum(level, MOST_NOTABLE)

    def evaluate(
        self, time: float, replicas: Mapping[str, tuple[Counts, Times | None]]
    ) -> None:
        """At `time`, of {name: (counts of each outcome by signal, start or None)}."""
        new = self._new(time, replicas)
        seconds = 0.0 if self._before is None else time - self._before
        self._before = time
        if new is None:
            return
        busy = time - self._last < IDLE
        self._measure_traffic(time, new[("decision", "")].sum(-1))
        self.evidence.advance(new, seconds * busy)

    def _measure_traffic(self, time: float, n: NDArray[np.int64]) -> None:
        since = np.where(np.isinf(self._last), 0, np.minimum(time - self._last, IDLE))
        of = np.maximum(n, MEMORY)
        measured = self.interval * (1 - n / of) + since / of
        self.interval = np.where(n > 0, measured, self.interval)
        self._last = np.where(n > 0, time, self._last)

    def _new(
        self, time: float, replicas: Mapping[str, tuple[Counts, Times | None]]
    ) -> Counts | None:
        """New observations of each outcome by signal; None before there were any."""
        signals = self.evidence.signals
        new = {key: np.zeros(len(s.reference), int) for key, s in signals.items()}
        for name, (counts, start) in replicas.items():
            before = self._replicas.get(name)
            now = self._replicas[name] = Replica(counts, start)
            if before is None:
                continue
            growth = {key: counts[key] - before.counts[key] for key in counts}
            now.resume = _resume(time, before, now, growth)
            counted = np.asarray(now.resume < time)
            self._known = self._known or bool(counted.any())
            for key, rows in growth.items():
                new[key] = new[key] + rows * counted[..., None]
        for gone in self._replicas.keys() - replicas.keys():
            del self._replicas[gone]
        return new if self._known else None


def _resume(time: float, before: Replica, now: Replica, growth: Counts) -> Times:
    fell = np.min([rows.sum(-1) for rows in growth.values()], axis=0) < 0
    waiting = np.where(np.asarray(before.resume) >= time, before.resume, -math.inf)
    resume = np.where(fell, time + QUARANTINE, waiting)
    if now.start is None or before.start is None:
        return resume
    return np.where(np.asarray(now.start) != before.start, time, resume)
