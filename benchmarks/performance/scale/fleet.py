"""Many analyzers, played by one: its metrics, under the name of each model."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from credit_analyzer.app import create_app
from credit_analyzer.model import ARTIFACTS, load
from loan_application_simulator.applicants import Shift, draw
from loan_application_simulator.forms import fields_of
from loan_application_simulator.scenarios import HARD_TIMES
from model_monitor.card.example import example
from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.performance.decision import respond

RATE = 10
SEED = 5


def name(model: int) -> str:
    """What a model is called, and its target."""
    return f"model-{model:03}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """`models` models, scraped and evaluated every `every` seconds.

    They decide on RATE applications a second, each on the same. With `drifts`, all
    apply in hard times. `folder` has the model.
    """

    models: int
    every: int = 1
    drifts: bool = False
    folder: Path = ARTIFACTS

    def expositions(self) -> Iterator[str]:
        """What each model exports, with %s for its name: second after second."""
        rng = random.Random(SEED)
        registry = CollectorRegistry()
        model = load(self.folder)
        app = create_app(model, registry)
        shift = HARD_TIMES.shift if self.drifts else Shift()
        while True:
            text = generate_latest(registry).decode().replace("%", "%%")
            yield text.replace(f'model="{model.card.name}"', 'model="%(name)s"')
            for _ in range(RATE):
                fields = fields_of(draw(rng, shift))
                shipped = self.folder == ARTIFACTS
                respond(app, fields if shipped else example(model.card))
