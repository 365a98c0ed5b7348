"""A BentoML service that scores with a model and counts with its card.

pip install 'prometheus-model-monitor[card]' bentoml
MODEL=folder bentoml serve bentoml_service:Decisions

BentoML runs prometheus-client in its multiprocess mode: the metrics of the model are at
/metrics, beside its own.
"""

import os
import pickle
from pathlib import Path
from typing import Any

import bentoml


@bentoml.service(workers=2, metrics={"enabled": True})
class Decisions:
    """The model, and the monitor that counts it."""

    def __init__(self) -> None:
        # BentoML has set up the shared files only once a worker has started.
        from model_monitor import Monitor
        from model_monitor.scoring.scorer import Scorer

        folder = Path(os.environ["MODEL"])
        self.monitor = Monitor.from_card(folder / "model.json")
        with (folder / self.monitor.card.file).open("rb") as file:
            self.scorer = Scorer(pickle.load(file), self.monitor.card)  # noqa: S301

    @bentoml.api(route="/predict")
    def predict(self, application: dict[str, Any]) -> dict[str, Any]:
        """One decision."""
        from model_monitor import Refused

        try:
            with self.monitor.observe(application) as seen:
                seen.score, _ = self.scorer.outcome(seen.row)
        except Refused as error:
            raise bentoml.exceptions.InvalidArgument(str(error)) from error
        return {"score": seen.score, "decision": seen.decision}
