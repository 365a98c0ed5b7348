"""Streaming detectors, on streams of alternatives.py, in their own environment.

    python streaming.py FILE (adwin | page-hinkley | cusum) (default | retuned)

ADWIN and Page-Hinkley are river's, CUSUM is frouros'. The latter two are recurrences of
a line, computed here on arrays because thirty days are 26 million applications; that
they raise the alarms of the libraries is asserted first.
"""

import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from frouros.detectors.concept_drift import (  # type: ignore[import-not-found]
    CUSUM,
    CUSUMConfig,
)
from numpy.typing import NDArray
from river.drift import ADWIN, PageHinkley  # type: ignore[import-not-found]
from scipy.signal import lfilter  # type: ignore[import-untyped]

Values = NDArray[Any]
# From applications to what is watched of them, shape (channels, applications).
Channels = Callable[[Values], NDArray[np.float64]]

PER_DAY = 864_000
BLOCK = 4_096
# Where alarms are minutes apart, a thousand of them tell the rate.
ENOUGH = 1_000
# What the retuned may raise on the stream for it: one in 30 days of 90.
ALLOWED = 3
COMPARED = 200_000
# What is tried of ADWIN, and how many days it can be counted in a few minutes.
DELTAS = tuple(0.002 * 10 ** (-k / 2) for k in range(-3, 12))
ADWIN_DAYS = 10
DEFAULT_THRESHOLD = 50.0
DEFAULT_ALLOWANCE = 0.005
MINIMUM = 30
# What Page-Hinkley remembers from one value to the next.
ALPHA = 1 - 0.0001


class Adwin:
    """One ADWIN for each channel; all start afresh when one raises an alarm."""

    def __init__(self, channels: Channels, delta: float) -> None:
        self.channels, self.delta = channels, delta
        self.reset(len(channels(np.zeros(1))))

    def reset(self, channels: int) -> None:
        """Forgets everything."""
        self.detectors = [ADWIN(self.delta) for _ in range(channels)]

    def feed(self, values: Values) -> Iterator[int]:
        """The positions of the values that raise an alarm."""
        for start in range(0, len(values), BLOCK):
            block = self.channels(values[start : start + BLOCK])
            for at, value in enumerate(zip(*block.tolist(), strict=True)):
                for detector, x in zip(self.detectors, value, strict=True):
                    detector.update(x)
                if any(detector.drift_detected for detector in self.detectors):
                    self.reset(len(value))
                    yield start + at


class Sums:
    """Two-sided sums of deviations from the mean so far, less an allowance.

    Frouros' CUSUM stops each sum at zero. River's Page-Hinkley forgets (alpha), and
    takes the distance of each sum from its extreme.
    """

    def __init__(
        self, channels: Channels, threshold: float, allowance: float, alpha: float
    ) -> None:
        self.channels, self.threshold = channels, threshold
        self.allowance, self.alpha = allowance, alpha
        self.reset(len(channels(np.zeros(1))))

    def reset(self, channels: int) -> None:
        """Forgets everything."""
        self.n = 0
        self.total = np.zeros((channels, 1))
        self.sums = np.zeros((2, channels, 1))
        # River starts the one extreme at infinity, the other at -1.
        extremes = np.array([np.inf, 1.0]) if self.alpha < 1 else np.zeros(2)
        self.lowest = np.tile(extremes[:, None, None], (1, channels, 1))

    def feed(self, values: Values) -> Iterator[int]:
        """The positions of the values that raise an alarm."""
        at, size = 0, BLOCK
        while at < len(values):
            block = self.channels(values[at : at + size])
            state, raised = self._block(block)
            if raised is None:
                self.n, self.total, self.sums, self.lowest = state
                at, size = at + block.shape[1], min(2 * size, 64 * BLOCK)
            else:
                self.reset(len(block))
                yield at + raised
                at, size = at + raised + 1, BLOCK

    def _block(self, x: NDArray[np.float64]) -> tuple[Any, int | None]:
        n = self.n + np.arange(1, x.shape[1] + 1)
        total = self.total + np.cumsum(x, axis=1)
        deviation = x - total / n
        steps = np.stack([deviation, -deviation]) - self.allowance
        if self.alpha < 1:
            carry = self.alpha * self.sums
            sums, _ = lfilter([1], [1, -self.alpha], steps, axis=-1, zi=carry)
        else:
            sums = self.sums + np.cumsum(steps, axis=-1)
        low = np.minimum(np.minimum.accumulate(sums, axis=-1), self.lowest)
        highest = np.where(n >= MINIMUM, (sums - low).max(axis=(0, 1)), 0)
        raised = np.flatnonzero(highest > self.threshold)
        state = n[-1], total[:, -1:], sums[..., -1:], low[..., -1:]
        return state, int(raised[0]) if len(raised) else None


def library_alarms(name: str, values: list[float]) -> list[int]:
    """The alarms of the library itself, two-sided, on one channel."""
    alarms = []
    page_hinkley, cusums = PageHinkley(), [CUSUM(CUSUMConfig()) for _ in range(2)]
    for at, value in enumerate(values):
        if name == "page-hinkley":
            page_hinkley.update(value)
            raised = page_hinkley.drift_detected
        else:
            for cusum, x in zip(cusums, (value, -value), strict=True):
                cusum.update(value=x)
            raised = any(cusum.drift for cusum in cusums)
            if raised:
                cusums = [CUSUM(CUSUMConfig()) for _ in range(2)]
        if raised:
            alarms.append(at)
    return alarms


def retuned(make: Callable[[float], Sums], values: Values) -> float:
    """By bisection, to a percent: the least threshold with `ALLOWED` alarms at most."""
    low, high = 1.0, 10_000.0
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        alarms = islice(make(middle).feed(values), ALLOWED + 1)
        if len(list(alarms)) <= ALLOWED:
            high = middle
        else:
            low = middle
    return high


def retuned_adwin(channels: Channels, values: Values) -> float:
    """The greatest of DELTAS with one alarm at most, on a third of the values."""
    some = values[: len(values) // ALLOWED]
    for delta in DELTAS:
        if len(list(islice(Adwin(channels, delta).feed(some), 2))) < 2:
            return delta
    raise ValueError("not even the least delta is quiet enough")


def channels_of(bounds: NDArray[np.float64]) -> tuple[Channels, Channels]:
    """What a detector sees by default, and what it sees when it is prepared.

    Of categories, a stream of zeros and ones for each. Of amounts, the amounts; when
    prepared, their logarithms between zero and one, as these detectors expect them.
    """

    def indicators(values: Values) -> NDArray[np.float64]:
        return np.asarray(values == np.arange(3)[:, None], dtype=float)

    def raw(values: Values) -> NDArray[np.float64]:
        return values[None, :].astype(float)

    def scaled(values: Values) -> NDArray[np.float64]:
        within = np.log(np.clip(raw(values), *bounds) / bounds[0])
        return np.asarray(within / np.log(bounds[1] / bounds[0]), dtype=float)

    return (raw, scaled) if len(bounds) else (indicators, indicators)


def measured(
    detector: Adwin | Sums, streams: dict[str, Values], days: float
) -> dict[str, Any]:
    """False alarms, and the delay in seconds of each shift and replicate.

    A change comes after a day of ordinary times, which all replicates share, and an
    hour of their own.
    """
    fresh = deepcopy(detector)
    counting = streams["counting"][: int(days * PER_DAY)]
    alarms = list(islice(fresh.feed(counting), ENOUGH))
    counted = alarms[-1] + 1 if len(alarms) == ENOUGH else len(counting)
    warm = deepcopy(detector)
    list(warm.feed(streams["tuning"][:PER_DAY]))
    delays: list[list[float | None]] = [[] for _ in streams["after"]]
    for r, length in enumerate(streams["lengths"]):
        before = deepcopy(warm)
        list(before.feed(streams["before"][r, -length:]))
        for shift, after in zip(delays, streams["after"], strict=True):
            first = next(deepcopy(before).feed(after[r]), None)
            shift.append(None if first is None else (first + 1) / 10)
    return {"false_alarms": len(alarms), "days": counted / PER_DAY, "delays": delays}


def adwin(streams: dict[str, Values], setting: str) -> Iterator[dict[str, Any]]:
    """ADWIN by default, also on prepared values, or with the delta that is quiet."""
    raw, prepared = channels_of(streams["bounds"])
    deltas = {"default": 0.002, "default, log scale": 0.002}
    if setting == "retuned":
        deltas = {"retuned": retuned_adwin(prepared, streams["tuning"])}
    elif raw is prepared:
        del deltas["default, log scale"]
    for label, delta in deltas.items():
        detector = Adwin(raw if label == "default" else prepared, delta)
        yield {"setting": label, "parameter": f"delta {delta:.2g}"} | measured(
            detector, streams, ADWIN_DAYS
        )


def sums(
    name: str, streams: dict[str, Values], setting: str
) -> Iterator[dict[str, Any]]:
    """Page-Hinkley or CUSUM by default, or with the threshold that is quiet.

    Retuned with the default allowance; CUSUM also with half of a shift of 10 points.
    """
    raw, prepared = channels_of(streams["bounds"])
    alpha = ALPHA if name == "page-hinkley" else 1.0
    tuning, days = streams["tuning"], len(streams["counting"]) / PER_DAY
    plan = [("default", raw, DEFAULT_ALLOWANCE)]
    if setting == "retuned":
        larger = 0.02 if len(streams["bounds"]) else 0.05
        plan = [("retuned", prepared, DEFAULT_ALLOWANCE)]
        # What Page-Hinkley forgets makes it indifferent to the allowance.
        plan += [("retuned", prepared, larger)] if name == "cusum" else []
    elif raw is not prepared:
        plan.append(("default, log scale", prepared, DEFAULT_ALLOWANCE))
    for label, channels, allowance in plan:
        make = partial(Sums, channels, allowance=allowance, alpha=alpha)
        threshold = DEFAULT_THRESHOLD
        if setting == "retuned":
            threshold = retuned(make, tuning)
        parameter = f"threshold {threshold:.3g}, delta {allowance:g}"
        row = measured(make(threshold), streams, days)
        yield {"setting": label, "parameter": parameter} | row


def compare_with_library(name: str, streams: dict[str, Values]) -> None:
    """Asserts that the arrays raise the library's alarms."""
    raw, _ = channels_of(streams["bounds"])
    values = streams["counting"][:COMPARED]

    def first(values: Values) -> NDArray[np.float64]:
        return raw(values)[:1]

    alpha = ALPHA if name == "page-hinkley" else 1.0
    ours = list(Sums(first, DEFAULT_THRESHOLD, DEFAULT_ALLOWANCE, alpha).feed(values))
    theirs = library_alarms(name, first(values)[0].tolist())
    if not theirs or ours != theirs:
        raise AssertionError(f"{name}: {len(ours)} alarms, not {len(theirs)}")


def main() -> None:
    """Prints a list of what was measured."""
    file, name, setting = sys.argv[1:]
    streams = dict(np.load(file))
    if name == "adwin":
        rows = list(adwin(streams, setting))
    else:
        compare_with_library(name, streams)
        rows = list(sums(name, streams, setting))
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
