"""False alarms of a model while every share is within its tolerance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .delays import Traffic
from .evidence import Evidence, Flags, Floats, Key, Signal
from .population import credit
from .twin import Twin

DAY = 86400
RESET_SECONDS = 600


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What was counted in `days` of all runs together."""

    days: float
    alarms: int

    @property
    def at_most(self) -> float:
        """The upper end of its confidence interval of 95 %, if alarms are Poisson."""
        k = self.alarms
        # Wilson and Hilferty's approximation of the quantile of chi-squared.
        high = (k + 1) * (1 - 1 / (9 * (k + 1)) + 1.96 / (3 * math.sqrt(k + 1))) ** 3
        return 90 * high / self.days


class Worlds:
    """Shares of a signal in each run: all within the tolerance.

    Of every three runs, one is at an edge of the tolerance all the time, one anywhere
    within, and one swings over the day, from one edge to the opposite one if there is
    room. An edge is that one outcome has gained, and another one lost, as much as is
    tolerated.
    """

    def __init__(self, signal: Signal, runs: int, rng: np.random.Generator) -> None:
        self._reference = np.array(signal.reference)
        self._moved = np.stack([_edge(signal, rng) for _ in range(runs)])
        place = np.arange(runs)
        inside = rng.uniform(0, 1, runs)
        self._part = np.where(place % 3 == 0, 1.0, inside)
        self._swings = place % 3 == 2
        lowest = (self._reference - self._moved).min(1)
        highest = (self._reference - self._moved).max(1)
        self._both = self._swings & (lowest >= 0) & (highest <= 1)

    def at(self, time: Floats | float) -> Floats:
        """Shape (runs, outcomes)."""
        wave = np.sin(2 * math.pi * np.asarray(time) / DAY)
        swing = np.where(self._both, wave, np.abs(wave))
        part = np.where(self._swings, swing, self._part)
        return self._reference + part[:, None] * self._moved


def _edge(signal: Signal, rng: np.random.Generator) -> Floats:
    """What is added to the reference at a random edge of the tolerance."""
    shares = np.array(signal.reference)
    points = signal.tolerance or 0.0
    source = rng.choice(np.flatnonzero(shares >= points))
    target = rng.choice(np.delete(np.arange(len(shares)), source))
    moved = np.zeros(len(shares))
    moved[source], moved[target] = -points, points
    return moved


class Model:
    """The credit model's observations, of all signals, in each run."""

    def __init__(self, traffic: Traffic, signals: Sequence[Signal]) -> None:
        self._traffic = traffic
        self.signals = signals
        self._worlds = {
            s.key: Worlds(s, traffic.runs, traffic.rng) for s in self.signals
        }
        self.time = np.zeros(traffic.runs)

    def step(self) -> tuple[dict[Key, NDArray[np.int64]], Floats]:
        """New observations of each outcome, and the seconds with a budget."""
        n, gap, budget = self._traffic.arrivals()
        self.time += gap
        counts: dict[Key, NDArray[np.int64]] = {}
        for signal in self.signals:
            observed = n
            if signal.role == "segment":
                # A segment's applications are those of its category.
                field = (signal.key[0].removeprefix("decision_by_"), "")
                place = [s.key for s in self.signals if s.key[0] == signal.key[0]]
                observed = counts[field][:, place.index(signal.key)]
            shares = self._worlds[signal.key].at(self.time)
            counts[signal.key] = self._traffic.rng.multinomial(observed, shares)
        return counts, budget


def _begun(evidence: Evidence, before: Mapping[Key, Flags]) -> int:
    """Alarms that an evaluation began."""
    now = evidence.significant
    return sum(int((now[key] & ~before[key]).sum()) for key in now)


def count(traffic: Traffic, days: float) -> FalseAlarms:
    """Alarms of all signals of the shipped card, in `days` of all runs together."""
    evidence = Evidence(credit(), traffic.runs)
    model = Model(traffic, credit())
    alarms = 0
    while model.time.sum() < days * DAY:
        before = dict(evidence.significant)
        evidence.advance(*model.step())
        alarms += _begun(evidence, before)
    return FalseAlarms(float(model.time.sum()) / DAY, alarms)


def count_with_resets(traffic: Traffic, days: float) -> FalseAlarms:
    """The same of two replicas, of which each restarts every ten minutes.

    One exports when it began to count, the other does not. Counted from their counters.
    """
    half = replace(traffic, rate=traffic.rate / 2)
    twin = Twin(credit(), runs=traffic.runs)
    models = {name: Model(half, credit()) for name in ("with start", "without")}
    totals: dict[str, dict[Key, NDArray[np.int64]]] = {name: {} for name in models}
    alarms, time = 0, 0.0
    while time * traffic.runs < days * DAY:
        time += traffic.every
        replicas = {}
        for place, (name, model) in enumerate(models.items()):
            new, _ = model.step()
            age = (time + place * RESET_SECONDS / 2) % RESET_SECONDS
            old = {} if age < traffic.every else totals[name]
            totals[name] = {key: old.get(key, 0) + rows for key, rows in new.items()}
            replicas[name] = (totals[name], time - age if place == 0 else None)
        before = dict(twin.evidence.significant)
        twin.evaluate(time, replicas)
        alarms += _begun(twin.evidence, before)
    return FalseAlarms(time * traffic.runs / DAY, alarms)
