"""What many analyzers export, second by second, played from one tape.

Recorded from the real analyzer: its application, its registry, its model, deciding on
the simulator's applicants. Each model plays the tape from another place.
"""

import json
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from credit_analyzer.app import create_app
from credit_analyzer.model import ARTIFACTS, load
from loan_application_simulator.applicants import ORDINARY_TIMES, Shift, draw
from loan_application_simulator.forms import fields_of
from loan_application_simulator.scenarios import HARD_TIMES
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.performance.decision import call

RATE = 10
SECONDS = 600
SEED = 5
CUMULATIVE = ("_total", "_bucket", "_count", "_sum")
# Neighbours play from places of the tape that have nothing to do with each other.
STEP = 251


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


def record(shift: Shift = ORDINARY_TIMES, folder: Path = ARTIFACTS) -> Tape:
    """A tape of RATE applications a second from the population under `shift`.

    For another model than the credit model, of its recorded applications in `folder`.
    """
    rng = random.Random(SEED)
    registry = CollectorRegistry()
    model = load(folder)
    app = create_app(model, registry)
    recorded = folder / "baseline.jsonl"
    bodies = recorded.read_bytes().splitlines() if recorded.exists() else None
    rows = []
    for _ in range(SECONDS + 1):
        for _ in range(RATE):
            fields = json.dumps(fields_of(draw(rng, shift))).encode()
            call(app, rng.choice(bodies) if bodies else fields)
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


def name(model: int) -> str:
    """What a model is called, and its target."""
    return f"model-{model:03}"


@dataclass(frozen=True)
class Fleet:
    """`models` models, scraped and evaluated every `every` seconds.

    Of the first `drifting`, all applicants apply in hard times. `folder` has the model.
    """

    models: int
    drifting: int = 0
    every: int = 1
    folder: Path = ARTIFACTS

    @cached_property
    def _tapes(self) -> list[Tape]:
        healthy = record(folder=self.folder)
        shifted = record(HARD_TIMES.shift) if self.drifting else healthy
        return [shifted] * self.drifting + [healthy] * (self.models - self.drifting)

    @cached_property
    def _texts(self) -> list[str]:
        return [
            tape.text.replace(f'model="{tape.model}"', f'model="{name(model)}"')
            for model, tape in enumerate(self._tapes)
        ]

    def exposition(self, model: int, second: int) -> str:
        """What a model exports `second` seconds after the fleet began."""
        values = self._tapes[model].at(second + model * STEP % SECONDS)
        return self._texts[model] % values
