"""One decision: read, score, decide, count."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from model_monitor import Monitor
from model_monitor.reading import Reading

from .model import Model

EXTENSION = "credit_analyzer"


@dataclass(frozen=True, slots=True)
class Analyzer:
    """A model that decides on applications, and the monitor that counts it."""

    model: Model
    monitor: Monitor

    def decide(self, fields: Mapping[str, object]) -> tuple[float, str]:
        """The unrounded score of an application, and the decision.

        Raises `Refused`, which was counted.
        """
        return self.decide_on(self.monitor.read(fields))

    def decide_on(self, reading: Reading) -> tuple[float, str]:
        """The unrounded score of an application that was read, and the decision."""
        score, decision = self.model.scorer.outcome(reading[0])
        self.monitor.add(reading, score, decision)
        return score, self.model.card.decisions.names[decision]


def analyzer() -> Analyzer:
    """The analyzer of the application that handles this request."""
    found: Analyzer = current_app.extensions[EXTENSION]
    return found
