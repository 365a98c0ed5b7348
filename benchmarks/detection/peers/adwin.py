"""ADWIN of river, on several channels."""

from collections.abc import Iterator

import numpy as np
from river.drift import ADWIN  # type: ignore[import-not-found]

from .channels import BLOCK, Channels, Values


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
