"""One decision: score, decide, count."""

from dataclasses import dataclass

from .application import Fault, LoanApplication
from .decision import Decision, decide
from .metrics import CreditMetrics
from .model import Model


@dataclass(frozen=True, slots=True)
class Analyzer:
    """A model that decides on applications, and the metrics that count it."""

    model: Model
    metrics: CreditMetrics

    def decide(self, application: LoanApplication) -> tuple[float, Decision]:
        """The unrounded score and the decision that it leads to."""
        score = self.model.score(application)
        decision = decide(score)
        self.metrics.decided(application, score, decision)
        return score, decision

    def refuse(self, fault: Fault) -> None:
        """Counts an application that cannot be decided on."""
        self.metrics.refused(fault)
