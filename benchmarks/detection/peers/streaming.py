"""Streaming detectors, on streams of alternatives.py, in their own environment.

    python -m benchmarks.detection.peers.streaming FILE DETECTOR SETTING

ADWIN (adwin) and Page-Hinkley (page-hinkley) are river's, CUSUM (cusum) is frouros'; a
setting is default or retuned.
"""

import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from .adwin import Adwin
from .channels import Channels, Values, channels_of
from .sums import (
    DEFAULT_ALLOWANCE,
    DEFAULT_THRESHOLD,
    MEMORY,
    Sums,
    compare_with_library,
)

PER_DAY = 864_000
# Where alarms are minutes apart, a thousand of them tell the rate.
ENOUGH = 1_000
# What the retuned may raise on the stream for it: one in 30 days of 90.
ALLOWED = 3
# What is tried of ADWIN, and how many days it can be counted in a few minutes.
DELTAS = tuple(0.002 * 10 ** (-k / 2) for k in range(-3, 12))
ADWIN_DAYS = 10


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
        make = partial(Sums, channels, allowance=allowance, alpha=MEMORY[name])
        threshold = DEFAULT_THRESHOLD
        if setting == "retuned":
            threshold = retuned(make, tuning)
        parameter = f"threshold {threshold:.3g}, delta {allowance:g}"
        row = measured(make(threshold), streams, days)
        yield {"setting": label, "parameter": parameter} | row


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
