"""A FastAPI service that scores with a model and counts with its card.

pip install 'prometheus-model-monitor[card,fastapi]' uvicorn
MODEL=folder uvicorn fastapi_app:app
"""

import os
import pickle
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from model_monitor import Monitor, Refused
from model_monitor.scoring.scorer import Scorer
from prometheus_client import make_asgi_app

folder = Path(os.environ["MODEL"])
monitor = Monitor.from_card(folder / "model.json")
with (folder / monitor.card.file).open("rb") as file:
    scorer = Scorer(pickle.load(file), monitor.card)  # noqa: S301 - our own file

app = FastAPI()
app.mount("/metrics", make_asgi_app())


@app.post("/predict")
async def predict(application: dict[str, Any]) -> dict[str, Any]:
    """One decision. Async, because a thread for it would take longer than it does."""
    with monitor.observe(application) as seen:
        seen.score, _ = scorer.outcome(seen.row)
    return {"score": seen.score, "decision": seen.decision}


@app.exception_handler(Refused)
async def refuse(_: Request, error: Refused) -> JSONResponse:
    """Names every fault."""
    body = {"title": "Unprocessable Content", "errors": error.errors}
    return JSONResponse(body, 422)
