"""CUSUM of frouros and Page-Hinkley of river, computed on arrays.

They are recurrences of a line, and thirty days are 26 million applications. That the
arrays raise the alarms of the libraries is what `compare_with_library` asserts.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from frouros.detectors.concept_drift import (  # type: ignore[import-not-found]
    CUSUM,
    CUSUMConfig,
)
from numpy.typing import NDArray
from river.drift import PageHinkley  # type: ignore[import-not-found]
from scipy.signal import lfilter  # type: ignore[import-untyped]

from .channels import BLOCK, Channels, Values, channels_of

COMPARED = 200_000
# The libraries' defaults.
DEFAULT_THRESHOLD = 50.0
DEFAULT_ALLOWANCE = 0.005
MINIMUM = 30
# What each sum remembers from one value to the next.
MEMORY = {"page-hinkley": 1 - 0.0001, "cusum": 1.0}


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


def compare_with_library(name: str, streams: dict[str, Values]) -> None:
    """Asserts that the arrays raise the library's alarms."""
    raw, _ = channels_of(streams["bounds"])
    values = streams["counting"][:COMPARED]

    def first(values: Values) -> NDArray[np.float64]:
        return raw(values)[:1]

    ours = list(
        Sums(first, DEFAULT_THRESHOLD, DEFAULT_ALLOWANCE, MEMORY[name]).feed(values)
    )
    theirs = library_alarms(name, first(values)[0].tolist())
    if not theirs or ours != theirs:
        raise AssertionError(f"{name}: {len(ours)} alarms, not {len(theirs)}")
