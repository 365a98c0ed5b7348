"""A Flask service that scores with a model and counts with its card.

pip install 'prometheus-model-monitor[card,flask]'
MODEL=folder flask --app flask_app run
"""

import os
import pickle
from pathlib import Path
from typing import Any

from flask import Flask, request
from model_monitor import Monitor, Refused
from model_monitor.scoring.scorer import Scorer
from prometheus_client import make_wsgi_app
from werkzeug.middleware.dispatcher import DispatcherMiddleware

folder = Path(os.environ["MODEL"])
monitor = Monitor.from_card(folder / "model.json")
with (folder / monitor.card.file).open("rb") as file:
    scorer = Scorer(pickle.load(file), monitor.card)  # noqa: S301 - our own file

app = Flask(__name__)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/metrics": make_wsgi_app()})


@app.post("/predict")
def predict() -> dict[str, Any]:
    """One decision."""
    with monitor.observe(request.get_json()) as seen:
        seen.score, _ = scorer.outcome(seen.row)
    return {"score": seen.score, "decision": seen.decision}


@app.errorhandler(Refused)
def refuse(error: Refused) -> tuple[dict[str, Any], int]:
    """Names every fault."""
    return {"title": "Unprocessable Content", "errors": error.errors}, 422
