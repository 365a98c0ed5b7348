"""The rules of one model: from the counters of its replicas to its evidence.

One `evaluate` is one evaluation of the groups model-reference and model-drift, in that
order, in a Prometheus that was never away.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence, Key, Signal

QUARANTINE = 900
IDLE = 600
NOTABLE = math.exp(9)
MOST_NOTABLE = 0.135
MEMORY = 100

Counts = Mapping[Key, NDArray[np.int64]]


@dataclass
class Replica:
    """What the rules remember of a replica."""

    counts: Counts
    start: float | None
    resume: float = -math.inf


class Twin:
    """The state of the rules for one model."""

    def __init__(self, signals: Sequence[Signal], days: float = 90.0) -> None:
        self.evidence = Evidence(signals, days=days)
        self._replicas: dict[str, Replica] = {}
        self._known = False
        self._before: float | None = None
        self._last: float | None = None
        self.interval: float | None = None

    @property
    def spent(self) -> Mapping[Key, float]:
        """The part of the budget that each signal has spent."""
        banks = self.evidence.banks
        return {key: float(bank.spent.sum()) for key, bank in banks.items()}

    @property
    def critical(self) -> float:
        """The same for the distance at which decisions are critical."""
        assert self.evidence.critical  # noqa: S101 - each model decides # nosec B101
        return float(self.evidence.critical.spent.sum())

    @property
    def significant(self) -> Mapping[Key, bool]:
        """Which signals drift."""
        return {key: bool(on[0]) for key, on in self.evidence.significant.items()}

    @property
    def notable(self) -> float:
        """More than a healthy signal spends."""
        interval = IDLE if self.interval is None else self.interval
        level = NOTABLE * self.evidence.budget * interval / self.evidence.sharing
        return min(level, MOST_NOTABLE)

    def evaluate(
        self, time: float, replicas: Mapping[str, tuple[Counts, float | None]]
    ) -> None:
        """At `time`, of {name: (counts of each outcome by signal, start or None)}."""
        new = self._new(time, replicas)
        seconds = 0.0 if self._before is None else time - self._before
        self._before = time
        if new is None:
            return
        busy = self._last is not None and time - self._last < IDLE
        self._measure_traffic(time, int(new[("decision", "")].sum()))
        self.evidence.advance(new, seconds * busy)

    def _measure_traffic(self, time: float, n: int) -> None:
        if self.interval is None:
            self.interval = IDLE
        if n:
            since = 0 if self._last is None else min(time - self._last, IDLE)
            of = max(n, MEMORY)
            self.interval = self.interval * (1 - n / of) + since / of
            self._last = time

    def _new(
        self, time: float, replicas: Mapping[str, tuple[Counts, float | None]]
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
            if now.resume < time:
                self._known = True
                for key, rows in growth.items():
                    new[key] = new[key] + rows
        for gone in self._replicas.keys() - replicas.keys():
            del self._replicas[gone]
        return new if self._known else None


def _resume(time: float, before: Replica, now: Replica, growth: Counts) -> float:
    if None not in (now.start, before.start) and now.start != before.start:
        return time
    if min(rows.sum() for rows in growth.values()) < 0:
        return time + QUARANTINE
    return before.resume if before.resume >= time else -math.inf
