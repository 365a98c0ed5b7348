"""What is no sudden shift: batches, ramps, daily swings, small shifts that last."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .delays import Traffic
from .evidence import Directions, Evidence, Floats, Signal

DAY = 86400
# Shares of the outcomes in each run, shape (runs, outcomes), at a time for each run.
Mix = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Batches(Traffic):
    """As many applications at once every so often; `every` is that period."""

    size: int = 100

    def arrivals(self) -> tuple[NDArray[np.int64], Floats, Floats]:
        """One batch."""
        gap = np.full(self.runs, float(self.every))
        return np.full(self.runs, self.size), gap, gap


@dataclass(frozen=True, slots=True)
class Watched:
    """Of each run the seconds to its first alert, and its alerts by direction.

    `firing` is the part of the time with an alert, of all runs.
    """

    first: Floats
    alerts: Floats
    firing: float

    @property
    def median_first(self) -> float:
        """Infinite, if fewer than half of the runs had an alert."""
        return float(np.quantile(self.first, 0.5, method="higher"))


def watch(
    signal: Signal, mix: Mix, traffic: Traffic, sharing: int, seconds: float
) -> Watched:
    """Alerts of a signal, each of one direction, from when it fires until it ends."""
    evidence = Evidence([signal], traffic.runs, sharing=sharing, critical=False)
    directions = Directions(evidence, signal.key)
    time = np.zeros(traffic.runs)
    first = np.full(traffic.runs, math.inf)
    alerts, firing = np.zeros((traffic.runs, len(signal.reference))), 0.0
    while time.min() < seconds:
        n, gap, budget = traffic.arrivals()
        time += gap
        counts = traffic.rng.multinomial(n, mix(time))
        evidence.advance({signal.key: counts}, budget)
        begun = directions.advance()
        first = np.where(begun.any(1) & np.isinf(first), time, first)
        alerts += begun
        firing += float((directions.active.any(1) * gap).sum())
    return Watched(first, alerts, firing / float(time.sum()))


def _moved(signal: Signal, points: Floats) -> Floats:
    """So much of all goes from the second outcome (ANALYST) to the first (DENIED)."""
    shares = np.tile(np.array(signal.reference), (len(points), 1))
    shares[:, 0] += points
    shares[:, 1] -= points
    return shares


def constant(signal: Signal, points: float) -> Mix:
    """A shift of the decisions that lasts."""
    return lambda time: _moved(signal, np.full(len(time), points))


def swing(signal: Signal, points: float) -> Mix:
    """A mix that is so much off by day, and as much to the other side by night."""
    return lambda time: _moved(signal, points * np.sin(2 * math.pi * time / DAY))


def ramp(signal: Signal, points: float, seconds: float) -> Mix:
    """A shift that grows evenly for so long."""
    return lambda time: _moved(signal, points * np.minimum(time / seconds, 1))
