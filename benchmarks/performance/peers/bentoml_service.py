"""The decision as a BentoML service, scored by the analyzer's own code."""

import bentoml
from credit_analyzer.model import load
from model_monitor.reading import Reader


@bentoml.service(workers=1, metrics={"enabled": True})
class CreditAnalyzer:
    """Reads, scores and decides; counts what BentoML counts."""

    def __init__(self) -> None:
        self.model = load()
        self.reader = Reader(self.model.card)

    @bentoml.api(route="/api/v1/credit-analyzer/")
    def analyze(
        self,
        education_level: str,
        profession_type: str,
        loan_amount: int,
        monthly_income: int,
    ) -> dict[str, object]:
        """One decision."""
        reading = self.reader.read(
            {
                "education_level": education_level,
                "profession_type": profession_type,
                "loan_amount": loan_amount,
                "monthly_income": monthly_income,
            }
        )
        if reading is None:
            raise bentoml.exceptions.InvalidArgument("not a loan application")
        score, decision = self.model.scorer.outcome(reading[0])
        return {
            "score": round(score, 4),
            "decision": self.model.card.decisions.names[decision],
            "model_version": self.model.card.version,
        }
