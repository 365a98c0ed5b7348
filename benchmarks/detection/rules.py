"""The decision logic of prometheus/rules, on arrays of counts instead of series.

Thresholds, windows and how often each is evaluated are read from the rules. That both
come to the same figures is tested by evaluating the same counts in promtool.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from .populations import Signal

RULES = Path(__file__).parents[2] / "prometheus" / "rules"
SECONDS = {"s": 1, "m": 60, "h": 3600}
# What the reference never saw is one in ten thousand (drift-10s.yml).
FLOOR = 1e-4

Counts = NDArray[np.int64]
Figures = NDArray[np.float64]
Verdicts = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Window:
    """A window's length, and the time between its evaluations, in seconds."""

    name: str
    seconds: int
    interval: int

    @property
    def counted(self) -> int:
        """The seconds between its first and its last scrape, a second apart."""
        return self.seconds - 1


def _seconds(duration: str) -> int:
    return int(duration[:-1]) * SECONDS[duration[-1]]


@cache
def windows() -> tuple[Window, ...]:
    """The windows of the rules, shortest first."""
    found = []
    for file in RULES.glob("drift-*.yml"):
        [group] = yaml.safe_load(file.read_text())["groups"]
        name = file.stem.removeprefix("drift-")
        found.append(Window(name, _seconds(name), _seconds(group["interval"])))
    return tuple(sorted(found, key=lambda window: window.seconds))


@cache
def threshold(record: str) -> float:
    """A threshold of thresholds.yml, by the name of its recording."""
    [group] = yaml.safe_load((RULES / "thresholds.yml").read_text())["groups"]
    [rule] = [rule for rule in group["rules"] if rule["record"] == record]
    return float(re.fullmatch(r"vector\((.*)\)", rule["expr"])[1])  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a drift is raised, and below what it is over."""

    nats: float
    distance: float
    nats_release: float
    distance_release: float

    @classmethod
    @cache
    def shipped(cls) -> "Thresholds":
        """Those of thresholds.yml."""
        return cls(
            nats=threshold("credit_drift:nats:threshold"),
            distance=threshold("credit_drift:distance:threshold"),
            nats_release=threshold("credit_drift:nats:release"),
            distance_release=threshold("credit_drift:distance:release"),
        )


def measure(signal: Signal, counts: Counts) -> tuple[Figures, Figures]:
    """Distance and evidence of windows that hold `counts`, shape (..., cells).

    Both of shape (...). Without applications they are NaN.
    """
    n = counts.sum(axis=-1, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / n[..., None]
        if signal.numeric:
            shift = np.cumsum(shares - signal.reference, axis=-1)
            # The last edge is +Inf, where both curves are one.
            distance = shift.max(axis=-1).clip(min=0) - shift.min(axis=-1).clip(max=0)
            tail = 2 * n * distance**2
            return distance, tail - np.log(np.maximum(4 * tail - 2, 1))
        divergence = _half(shares, signal.reference)
        divergence += _half(1 - shares, 1 - signal.reference)
        distance = np.abs(shares - signal.reference).max(axis=-1)
        bound = np.log(2 * len(signal.reference))
        return distance, n * divergence.max(axis=-1) - bound


def _half(shares: Figures, reference: Figures) -> Figures:
    ratio = np.maximum(shares, 1e-9) / np.maximum(reference, FLOOR)
    result: Figures = shares * np.log(ratio)
    return result


def raised(
    distance: Figures, nats: Figures, thresholds: Thresholds
) -> tuple[Verdicts, Verdicts]:
    """Whether a window raises a drift, and whether it would hold one."""
    starts = (distance >= thresholds.distance) & (nats > thresholds.nats)
    holds = (distance >= thresholds.distance_release) & (nats > thresholds.nats_release)
    return starts, holds


def latch(starts: Verdicts, holds: Verdicts) -> Verdicts:
    """A Schmitt trigger along the last axis: on from a start while it holds."""
    at = np.arange(1, starts.shape[-1] + 1)
    last_start = np.maximum.accumulate(np.where(starts, at, 0), axis=-1)
    last_end = np.maximum.accumulate(np.where(starts | holds, 0, at), axis=-1)
    result: Verdicts = last_start > last_end
    return result
