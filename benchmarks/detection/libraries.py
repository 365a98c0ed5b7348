"""Other detectors on the same streams of decisions.

They see one application after another, not seconds: a delay in applications is the same
at any traffic, and false alarms grow with it.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stack.environments import BUILD, python_of

from .delays import Delay
from .population import SHIFTS, signal

PEERS = Path(__file__).parent / "peers"
SHIFTED = ("15/70/15", "20/60/20", "25/55/20")
HEALTHY = 4_000_000
# Windows of other applications do not depend on each other: more are affordable.
HEALTHY_WINDOWS = 100_000
RUNS = 60
# The customary level at which a shift is worth a look.
PSI = 0.1
POINTS = 0.1
CHANGE = 2_000
AFTER = 20_000
Stream = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Peer:
    """False alarms by application, and the median delay of each shift in them.

    `counted` is on how many applications false alarms were counted.
    """

    name: str
    alarms: int
    counted: int
    delays: Sequence[Delay]

    def in_90_days(self, rate: float) -> float:
        """False alarms at `rate` applications a second."""
        return self.alarms / self.counted * rate * 90 * 86400


def adwin(rng: np.random.Generator) -> Iterator[Peer]:
    """River's ADWIN, as it comes and with a delta that is hardly ever wrong."""
    reference = signal("decision").reference
    after = [rng.choice(3, (RUNS, AFTER), p=SHIFTS[shift]) for shift in SHIFTED]
    before = rng.choice(3, (len(SHIFTED), RUNS, CHANGE), p=reference)
    BUILD.mkdir(parents=True, exist_ok=True)
    file = BUILD / "decisions.npz"
    np.savez(
        file,
        healthy=rng.choice(3, HEALTHY, p=reference),
        shifted=np.concatenate([before, np.stack(after)], axis=2),
        change=CHANGE,
    )
    command = [python_of(PEERS / "river.txt"), PEERS / "adwin.py", file]
    done = subprocess.run(  # noqa: S603 - of our own
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True
    )
    for found in json.loads(done.stdout):
        delays = [_delay(shift) for shift in found["delays"]]
        yield Peer(found["detector"], found["alarms"], HEALTHY, delays)


def _delay(found: Sequence[float | None]) -> Delay:
    delays = [np.inf if delay is None else delay for delay in found]
    return Delay.of(np.array(delays, dtype=float), 1)


def windows(
    name: str,
    size: int,
    raises: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    rng: np.random.Generator,
) -> Peer:
    """Tests `size` applications, then the next `size`; `raises` takes their shares.

    A change comes anywhere in a window.
    """
    reference = np.array(signal("decision").reference)
    healthy = rng.multinomial(size, reference, HEALTHY_WINDOWS) / size
    delays = []
    for shift in SHIFTED:
        late = rng.integers(0, size, RUNS)
        counts = rng.multinomial(size, SHIFTS[shift], (RUNS, AFTER // size))
        counts[:, 0] = rng.multinomial(late, reference)
        counts[:, 0] += rng.multinomial(size - late, SHIFTS[shift])
        raised = raises(counts / size)
        ends = np.arange(1, AFTER // size + 1) * size - late[:, None]
        delays.append(np.where(raised, ends, np.inf).min(1))
    return Peer(
        name,
        int(raises(healthy).sum()),
        HEALTHY_WINDOWS * size,
        [Delay.of(found, 1) for found in delays],
    )


def all_peers(rng: np.random.Generator) -> Iterator[Peer]:
    """ADWIN, and what is customary in monitoring: PSI, or a share that is off."""
    reference = np.array(signal("decision").reference)

    def psi(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
        seen = np.maximum(shares, 1e-4)
        index = ((seen - reference) * np.log(seen / reference)).sum(-1)
        return np.asarray(index > PSI)

    def off(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(np.abs(shares - reference).max(-1) > POINTS)

    for size in (200, 1_000):
        yield windows(f"PSI over {PSI:g} in {size:,}", size, psi, rng)
        name = f"a share {100 * POINTS:.0f} points off in {size:,}"
        yield windows(name, size, off, rng)
    yield from adwin(rng)
