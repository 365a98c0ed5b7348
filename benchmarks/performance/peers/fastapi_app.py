"""The decision as a FastAPI service, run by uvicorn.

Validated by pydantic, measured by the instrumentator, scored by the analyzer's code.
"""

from typing import Literal

from credit_analyzer.model import load
from fastapi import FastAPI
from model_monitor.reading import Reader
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel, ConfigDict, Field

MODEL = load()
ENCODE = Reader(MODEL.card).read


class Application(BaseModel):
    """What the analyzer accepts."""

    model_config = ConfigDict(extra="forbid")
    education_level: Literal[
        "Illiterate", "High School", "Bachelor", "Master or Doctoral"
    ]
    profession_type: Literal["clt", "aposentado", "freelancer"]
    loan_amount: int = Field(ge=1, le=1_000_000_000)
    monthly_income: int = Field(ge=1, le=1_000_000_000)


class Answer(BaseModel):
    """What the analyzer answers."""

    score: float
    decision: str
    model_version: str


app = FastAPI()
Instrumentator().instrument(app).expose(app)


@app.post("/api/v1/credit-analyzer/")
async def analyze(application: Application) -> Answer:
    """One decision. Async, because a thread for it takes longer than it does."""
    reading = ENCODE(application.model_dump())
    if reading is None:
        raise ValueError("pydantic accepted what the card does not")
    score, decision = MODEL.scorer.outcome(reading[0])
    return Answer(
        score=round(score, 4),
        decision=MODEL.card.decisions.names[decision],
        model_version=MODEL.card.version,
    )
