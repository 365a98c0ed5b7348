"""The decision as a BentoML service."""

import os
from pathlib import Path

import bentoml
from credit_analyzer.application import LoanApplication
from credit_analyzer.decision import decide
from credit_analyzer.model import load


@bentoml.service(workers=1, metrics={"enabled": True})
class CreditAnalyzer:
    """Scores with the analyzer's own code."""

    def __init__(self) -> None:
        self.model = load(Path(os.environ["MODEL"]))

    @bentoml.api(route="/api/v1/credit-analyzer/")
    def analyze(
        self,
        education_level: str,
        profession_type: str,
        loan_amount: int,
        monthly_income: int,
    ) -> dict[str, object]:
        """One decision."""
        score = self.model.score(
            LoanApplication(
                education_level, profession_type, loan_amount, monthly_income
            )
        )
        return {
            "score": round(score, 4),
            "decision": decide(score),
            "model_version": self.model.card.version,
        }
