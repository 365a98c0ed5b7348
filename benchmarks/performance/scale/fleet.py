"""Many models, each playing a tape from a place of its own."""

import re
from dataclasses import dataclass
from functools import cached_property

from loan_application_simulator.scenarios import HARD_TIMES

from .tape import SECONDS, Tape, record

# Neighbours play from places of the tape that have nothing to do with each other.
STEP = 251
# What the drift rules count.
COUNTED = re.compile(
    r"credit_(decisions_total|(invalid|unusual)_applications_total|model_info"
    r"|(score|monthly_income_brl|loan_amount_brl)_bucket){"
)


def name(model: int) -> str:
    """What a model is called, and its target."""
    return f"model-{model:03}"


@dataclass(frozen=True)
class Fleet:
    """`models` models, scraped every `every` seconds.

    Of the first `drifting`, everybody who applies does so in hard times.
    """

    models: int
    drifting: int = 0
    every: int = 1

    @cached_property
    def _tapes(self) -> list[Tape]:
        healthy = record()
        shifted = record(HARD_TIMES.shift) if self.drifting else healthy
        healthy_models = self.models - self.drifting
        return [shifted] * self.drifting + [healthy] * healthy_models

    @cached_property
    def _texts(self) -> list[str]:
        return [
            tape.text.replace(f'model="{tape.model}"', f'model="{name(model)}"')
            for model, tape in enumerate(self._tapes)
        ]

    def exposition(self, model: int, second: int) -> str:
        """What a model exports `second` seconds after the fleet began."""
        return self._texts[model] % self._values(model, second)

    def counted(self, model: int, second: int, time: int) -> str:
        """The samples of it that drift rules read, as scraped, in OpenMetrics."""
        target = f'{{instance="{name(model)}",job="credit-analyzer",'
        return "".join(
            f"{line.replace('{', target, 1)} {time}\n"
            for line in self.exposition(model, second).splitlines()
            if COUNTED.match(line)
        )

    def _values(self, model: int, second: int) -> tuple[float, ...]:
        return self._tapes[model].at(second + model * STEP % SECONDS)
