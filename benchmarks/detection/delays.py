"""From a sudden shift to its alert."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence, Floats, Signal
from .population import limit
from .twin import IDLE

# Before the shift, so that evidence is as spread as it is in service.
WARM_UP = 1_000
# In limits.
HORIZON = 12
# When so few runs are left, all quantiles are known.
UNSEEN = 0.05
# With fewer applications in an evaluation than this, each is simulated by itself.
RARE = 0.5


@dataclass(frozen=True, slots=True)
class Traffic:
    """Applications at `rate` a second, evaluated every `every` seconds, in `runs`."""

    rate: float
    every: float
    runs: int
    rng: np.random.Generator

    def arrivals(self) -> tuple[NDArray[np.int64], Floats, Floats]:
        """New applications, the seconds since the last step, and those with a budget.

        Between rare applications evidence only grows by its budget, so that one step
        leads to the next application: the same as all evaluations before it.
        """
        if self.rate * self.every < RARE:
            gap = self.rng.exponential(1 / self.rate, self.runs)
            n = np.ones(self.runs, dtype=int)
            budget = np.minimum(gap, IDLE)
        else:
            gap = budget = np.full(self.runs, float(self.every))
            n = self.rng.poisson(self.rate * self.every, self.runs)
        return n, gap, budget

    def step(self, shares: Floats | Sequence[float]) -> tuple[Floats, Floats, Floats]:
        """The same, with the new observations of each outcome in place of their sum."""
        n, gap, budget = self.arrivals()
        counts = self.rng.multinomial(n, np.asarray(shares))
        return counts.astype(float), gap, budget


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds until half, and until 90 %, of the runs have an alert.

    `limit` are those of the lower bound, and at least three evaluations.
    """

    limit: float
    median: float
    late: float

    @classmethod
    def of(cls, delays: Floats, lower: float) -> "Delay":
        """Of a delay for each run, infinite if there was no alert."""
        median, late = np.quantile(delays, [0.5, 0.9], method="higher")
        return cls(lower, float(median), float(late))

    @property
    def ratio(self) -> float:
        """The median, in limits."""
        return self.median / self.limit


def measure(
    signal: Signal, shares: Sequence[float], traffic: Traffic, sharing: int
) -> Delay:
    """The delay of a sudden and constant shift, if `sharing` signals share the budget.

    A run that drifts before the shift, by chance, is left out.
    """
    evidence = Evidence([signal], traffic.runs, sharing=sharing, critical=False)
    lower = limit(shares, signal.reference, traffic.rate)
    steps = WARM_UP if traffic.rate * traffic.every < 1 else WARM_UP // 5
    for _ in range(steps):
        counts, _, budget = traffic.step(signal.reference)
        evidence.advance({signal.key: counts}, budget)
    early = evidence.significant[signal.key].copy()
    delays = np.full(traffic.runs, math.inf)
    elapsed = np.zeros(traffic.runs)
    lower = max(lower, 3 * traffic.every)
    while elapsed.min() < HORIZON * lower and np.isinf(delays).mean() > UNSEEN:
        counts, gap, budget = traffic.step(shares)
        evidence.advance({signal.key: counts}, budget)
        elapsed += gap
        new = evidence.significant[signal.key] & np.isinf(delays)
        seen = np.ceil(elapsed[new] / traffic.every) * traffic.every
        delays[new] = seen
    return Delay.of(delays[~early], lower)
