"""What a streaming detector watches of a stream."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
# From applications to what is watched of them, shape (channels, applications).
Channels = Callable[[Values], NDArray[np.float64]]
# So many applications are turned into channels at a time, at first.
BLOCK = 4_096


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
