"""How often the rules are wrong, and how soon they are right, by simulation.

Applications arrive evenly, `rate` a second. The cells of each second's are drawn from
the population; the rules judge the counts as Prometheus would, scraping every second.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .populations import Shares, Signal, divergence
from .rules import (
    Counts,
    Thresholds,
    Verdicts,
    Window,
    latch,
    measure,
    raised,
    windows,
)

DAY = 86_400
HOUR = 3_600
# An alert keeps firing for this long after its cause (alerts-drift.yml).
KEEP_FIRING = 30
# A change waits half a second for the next scrape, on average, and as long again for
# the evaluation of the rules.
WAIT = 1.0
# One false alarm in 90 days is what the rules may cost.
AFFORDABLE_DAYS = 90
STUCK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """False alarms of a signal whose reference is `points` off, over `days`."""

    signal: str
    rate: int
    points: float
    days: float
    episodes: int
    firing: float

    @property
    def per_30_days(self) -> float:
        """Episodes in 30 days."""
        return self.episodes * 30 / self.days


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after a change an alert fires, in seconds; infinite if it does not.

    `limit` is ln(ARL) / KL, the least that any detector needs on average that is wrong
    once in `AFFORDABLE_DAYS` (Lorden 1971), ARL in applications.
    """

    signal: str
    change: str
    rate: int
    distance: float
    limit: float
    median: float
    p95: float

    @property
    def ratio(self) -> float:
        """The median as a multiple of the limit."""
        return self.median / self.limit


def _cumulative(counts: Counts) -> Counts:
    zero = np.zeros_like(counts[..., :1, :])
    return np.concatenate([zero, counts.cumsum(axis=-2)], axis=-2)


def _evaluations(window: Window, total: Counts) -> NDArray[np.int64]:
    """The seconds at which a full window is evaluated."""
    seconds = total.shape[-2] - 1
    first = -(-window.counted // window.interval) * window.interval
    return np.arange(first, seconds + 1, window.interval)


def _judge(
    of: Signal, total: Counts, window: Window, thresholds: Thresholds
) -> tuple[NDArray[np.int64], Verdicts, Verdicts]:
    """When a window was evaluated, whether it raised a drift, whether it held one."""
    at = _evaluations(window, total)
    counts = total[..., at, :] - total[..., at - window.counted, :]
    return at, *raised(*measure(of, counts), thresholds)


def firing(of: Signal, counts: Counts, thresholds: Thresholds) -> Verdicts:
    """Whether a drift alert fires, each second; `counts` of shape (seconds, cells)."""
    total = _cumulative(counts)
    fast = np.zeros(len(total), dtype=bool)
    slow = np.zeros(len(total), dtype=bool)
    for window in windows():
        at, starts, holds = _judge(of, total, window, thresholds)
        significant = np.repeat(latch(starts, holds), window.interval)
        verdicts = slow if window.seconds >= HOUR else fast
        end = min(len(total), at[0] + len(significant))
        verdicts[at[0] : end] |= significant[: end - at[0]]
    return _kept(fast | (slow & ~_kept(fast, HOUR)), KEEP_FIRING)


def _kept(verdicts: Verdicts, seconds: int) -> Verdicts:
    """On for `seconds` longer."""
    at = np.arange(len(verdicts))
    last = np.maximum.accumulate(np.where(verdicts, at, -seconds - 1))
    result: Verdicts = at - last <= seconds
    return result


def false_alarms(
    of: Signal,
    truth: Shares,
    *,
    rate: int,
    points: float,
    days: int,
    seed: int,
    thresholds: Thresholds,
) -> FalseAlarms:
    """Counts the alerts on a population `truth` that does not change."""
    rng = np.random.default_rng(seed)
    episodes, seconds = 0, 0
    before = np.zeros((0, len(truth)), dtype=np.int64)
    was_on = False
    for _ in range(days):
        day = rng.multinomial(rate, truth / truth.sum(), size=DAY)
        # Two hours, because the hour asks what the fast windows told within an hour.
        on = firing(of, np.concatenate([before, day]), thresholds)[-DAY:]
        episodes += int(np.count_nonzero(on[1:] & ~on[:-1])) + int(on[0] and not was_on)
        was_on = bool(on[-1])
        seconds += int(on.sum())
        before = day[-2 * HOUR :]
    return FalseAlarms(of.name, rate, points, days, episodes, seconds / (days * DAY))


def delay(
    of: Signal,
    shares: Shares,
    *,
    change: str,
    rate: int,
    replicates: int,
    seconds: int,
    seed: int,
    thresholds: Thresholds,
) -> Delay:
    """Measures delays after the population changes to `shares`, within `seconds`."""
    rng = np.random.default_rng(seed)
    limit = np.log(AFFORDABLE_DAYS * DAY * rate) / divergence(shares, of.reference)
    delays = [
        _delay(of, shares, rate, seconds, rng, thresholds) for _ in range(replicates)
    ]
    distance, _ = measure(of, np.round(1e9 * shares).astype(np.int64))
    return Delay(
        signal=of.name,
        change=change,
        rate=rate,
        distance=float(distance),
        limit=float(limit / rate),
        median=float(np.median(delays)),
        p95=float(np.quantile(delays, 0.95, method="higher")),
    )


def _delay(
    of: Signal,
    shares: Shares,
    rate: int,
    seconds: int,
    rng: np.random.Generator,
    thresholds: Thresholds,
) -> float:
    before = rng.multinomial(rate, of.reference / of.reference.sum(), size=HOUR)
    after = rng.multinomial(rate, shares / shares.sum(), size=seconds)
    total = _cumulative(np.concatenate([before, after]))
    first = np.inf
    for window in windows():
        at, starts, _ = _judge(of, total, window, thresholds)
        told = at[starts & (at > HOUR)]
        first = min(first, told[0] - HOUR if len(told) else np.inf)
    if of.name == "decision":
        first = min(first, _stuck(of, total, thresholds) - HOUR)
    return float(first) + WAIT


def _stuck(of: Signal, total: Counts, thresholds: Thresholds) -> float:
    """The second at which alerts-drift.yml notices that all decisions are the same."""
    counted = STUCK_SECONDS - 1
    n = total[HOUR + counted :] - total[HOUR:-counted]
    everything = n == n.sum(axis=-1, keepdims=True)
    nats = -n * np.log(of.reference) - np.log(2 * len(of.reference))
    stuck = (everything & (nats > thresholds.nats)).any(axis=-1)
    return float(np.argmax(stuck)) + HOUR + counted if stuck.any() else np.inf
