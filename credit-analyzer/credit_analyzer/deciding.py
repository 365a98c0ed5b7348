"""One decision: read, score, decide, count."""

import json
from collections.abc import Mapping

from flask import current_app
from model_monitor import Monitor
from model_monitor.reading import Reading

from .model import Model

EXTENSION = "credit_analyzer"


class Analyzer:
    """A model that decides on applications, and the monitor that counts it."""

    def __init__(self, model: Model, monitor: Monitor) -> None:
        self.model = model
        self.monitor = monitor
        version = model.card.version
        self._ends = {
            name: json.dumps({"decision": name, "model_version": version})[1:]
            for name in model.card.decisions.names
        }

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

    def as_json(self, score: float, decision: str) -> str:
        """A decision as callers get it. Only the score of a decision varies."""
        return f'{{"score": {round(score, 4)!r}, {self._ends[decision]}'


def analyzer() -> Analyzer:
    """The analyzer of the application that handles this request."""
    found: Analyzer = current_app.extensions[EXTENSION]
    return found
