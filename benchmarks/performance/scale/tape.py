"""A tape of what one analyzer exports, second by second.

Recorded from the real analyzer: its application, its registry, its model, deciding on
the simulator's applicants. Many models are one tape, each playing from another place.
"""

import random
from dataclasses import dataclass

import numpy as np
from credit_analyzer.app import create_app
from credit_analyzer.model import ARTIFACTS, load
from loan_application_simulator.applicants import ORDINARY_TIMES, Shift, draw
from loan_application_simulator.forms import fields_of
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, generate_latest

RATE = 10
SECONDS = 600
SEED = 5
PATH = "/api/v1/credit-analyzer/"
CUMULATIVE = ("_total", "_bucket", "_count", "_sum")


@dataclass(frozen=True, slots=True)
class Tape:
    """`text` is the exposition, with `%s` in the place of each value.

    `values` has shape (SECONDS + 1, series), `cumulative` (series,): whether one goes
    on rising when the tape begins again. `model` is the label as it was recorded.
    """

    text: str
    values: NDArray[np.float64]
    cumulative: NDArray[np.bool_]
    model: str

    def at(self, second: int) -> tuple[float, ...]:
        """The values `second` seconds after the beginning, round and round."""
        rounds, place = divmod(second, len(self.values) - 1)
        rise = (self.values[-1] - self.values[0]) * self.cumulative
        return tuple((self.values[place] + rounds * rise).tolist())


def record(shift: Shift = ORDINARY_TIMES) -> Tape:
    """A tape of RATE applications a second from the population under `shift`."""
    rng = random.Random(SEED)
    registry = CollectorRegistry()
    model = load(ARTIFACTS)
    client = create_app(model, registry).test_client()
    rows = []
    for _ in range(SECONDS + 1):
        for _ in range(RATE):
            client.post(PATH, json=fields_of(draw(rng, shift)))
        text = generate_latest(registry).decode()
        rows.append([float(line.rsplit(" ", 1)[1]) for line in _samples(text)])
    names = [line.partition("{")[0].partition(" ")[0] for line in _samples(text)]
    return Tape(
        text="".join(f"{_with_a_gap(line)}\n" for line in text.splitlines()),
        values=np.array(rows),
        cumulative=np.array([name.endswith(CUMULATIVE) for name in names]),
        model=model.card.name,
    )


def _samples(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def _with_a_gap(line: str) -> str:
    line = line.replace("%", "%%")
    return line if line.startswith("#") else line.rsplit(" ", 1)[0] + " %s"
