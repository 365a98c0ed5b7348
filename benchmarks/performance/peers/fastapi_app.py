"""The decision as a FastAPI service, run by uvicorn.

Validated by pydantic, measured by the instrumentator, scored by the analyzer's code.
"""

import os
from pathlib import Path
from typing import Literal

from credit_analyzer.application import LoanApplication
from credit_analyzer.decision import Decision, decide
from credit_analyzer.model import load
from fastapi import FastAPI
from prometheus_fastapi_instrumentator import Instrumentator
from pydantic import BaseModel, ConfigDict, Field

MODEL = load(Path(os.environ["MODEL"]))


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
    decision: Decision
    model_version: str


app = FastAPI()
Instrumentator().instrument(app).expose(app)


@app.post("/api/v1/credit-analyzer/")
async def analyze(application: Application) -> Answer:
    """One decision. Async, because a thread for it takes longer than it does."""
    score = MODEL.score(LoanApplication(**application.model_dump()))
    return Answer(
        score=round(score, 4),
        decision=decide(score),
        model_version=MODEL.card.version,
    )
