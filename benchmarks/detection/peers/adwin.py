"""ADWIN of river on streams of decisions, in an environment of its own.

python adwin.py STREAMS.npz

Prints JSON: for each delta, the false alarms on `healthy`, and where each row of
`shifted` has its first alarm after `change`.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river.drift import ADWIN

DELTAS = (0.002, 1e-6)


def alarms(stream: NDArray[np.int64], delta: float) -> Iterator[int]:
    """Where one of three ADWINs, one for each decision, raises an alarm.

    All three start again then.
    """
    detectors = [ADWIN(delta) for _ in range(3)]
    for place, decision in enumerate(stream.tolist()):
        for category, detector in enumerate(detectors):
            detector.update(float(decision == category))
        if any(detector.drift_detected for detector in detectors):
            yield place
            detectors = [ADWIN(delta) for _ in range(3)]


def measured(streams: Any, delta: float) -> dict[str, Any]:
    """False alarms, and delays in applications, None if there was no alarm."""
    change = int(streams["change"])
    delays = [
        [
            next((a - change + 1 for a in alarms(row, delta) if a >= change), None)
            for row in shift
        ]
        for shift in streams["shifted"]
    ]
    return {
        "detector": f"river ADWIN, delta {delta:g}",
        "alarms": len(list(alarms(streams["healthy"], delta))),
        "delays": delays,
    }


if __name__ == "__main__":
    with np.load(sys.argv[1]) as found:
        print(json.dumps([measured(found, delta) for delta in DELTAS]))
