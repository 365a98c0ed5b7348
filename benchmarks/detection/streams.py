"""The streams of applications that detectors are compared on."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from credit_analyzer.decision import EXPECTED_SHARES
from credit_analyzer.signals import NUMERIC_SIGNALS
from loan_application_simulator.applicants import INCOME_RANGE_BRL, draw
from numpy.typing import NDArray

from .characteristics import DAY, HOUR
from .populations import APPLICANTS, DECISION_SHIFTS, SEED, SHIFTS

Values = NDArray[np.int32]

RATE = 10
# How long a change is waited for.
LIMIT = 900
# Of the chunk tests, in applications: half a minute.
CHUNK = 300
# False alarms that a retuned detector may give in 90 days of a healthy stream.
ALLOWED = 3
INCOME_SHIFTS = (
    "incomes x 0.7",
    "incomes x 0.85",
    "incomes x 1.3",
    "30 % default incomes",
    "10 % default incomes",
)


@dataclass(frozen=True, slots=True)
class Streams:
    """What a signal's applications hold: categories 0, 1, 2, or amounts.

    `pool` is the healthy population, `tuning` and `counting` are healthy streams.
    Replicate r is the last `lengths[r]` of `before[r]`, an hour and up to half a minute
    so that a change is anywhere in a chunk, and then `after[shift, r]`.
    """

    name: str
    shifts: tuple[str, ...]
    bounds: tuple[int, ...]
    pool: Values
    tuning: Values
    counting: Values
    before: Values
    lengths: NDArray[np.int64]
    after: Values

    @property
    def days(self) -> float:
        """How long the healthy streams are."""
        return len(self.counting) / (DAY * RATE)

    def replicates(self) -> Iterator[tuple[int, int, Values]]:
        """Every shift and replicate: when it changes, in seconds, and its stream."""
        for s in range(len(self.shifts)):
            for r, length in enumerate(self.lengths):
                stream = np.concatenate([self.before[r, -length:], self.after[s, r]])
                yield s, int(length) // RATE, stream


def pools(name: str) -> Mapping[str, Values]:
    """The populations of a stream, the healthy one first."""
    if name == "decision":
        mixes = (tuple(EXPECTED_SHARES.values()), *DECISION_SHIFTS)
        return {
            " / ".join(f"{100 * share:.0f}" for share in mix): np.repeat(
                np.arange(3, dtype=np.int32), np.round(100 * np.array(mix)).astype(int)
            )
            for mix in mixes
        }
    found = {}
    for shift in ("ordinary times", *INCOME_SHIFTS):
        rng = random.Random(SEED)
        drawn = (draw(rng, SHIFTS[shift]) for _ in range(APPLICANTS))
        found[shift] = np.array([a.monthly_income for a in drawn], dtype=np.int32)
    return found


def make_streams(name: str, *, seed: int, days: float, replicates: int) -> Streams:
    """Draws the streams, with replacement, from the populations."""
    rng = np.random.default_rng(seed)
    (_, healthy), *moved = pools(name).items()
    length = int(days * DAY) * RATE
    offsets = rng.integers(0, CHUNK // RATE, size=replicates) * RATE
    return Streams(
        name=name,
        shifts=tuple(shift for shift, _ in moved),
        bounds=INCOME_RANGE_BRL if name in NUMERIC_SIGNALS else (),
        pool=healthy,
        tuning=rng.choice(healthy, ALLOWED * length),
        counting=rng.choice(healthy, length),
        before=rng.choice(healthy, (replicates, HOUR * RATE + CHUNK)),
        lengths=HOUR * RATE + offsets,
        after=np.stack([rng.choice(p, (replicates, LIMIT * RATE)) for _, p in moved]),
    )
