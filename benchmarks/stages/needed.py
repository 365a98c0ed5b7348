"""How many applications a change of the decisions takes to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Self

from stack.system import Stack

# Approved, denied, analyst: what becomes of 30 / 50 / 20.
MIXES: Sequence[Mapping[str, float]] = (
    {"APPROVED": 0.00, "DENIED": 1.00, "ANALYST": 0.00},
    {"APPROVED": 0.05, "DENIED": 0.87, "ANALYST": 0.08},
    {"APPROVED": 0.15, "DENIED": 0.70, "ANALYST": 0.15},
    {"APPROVED": 0.20, "DENIED": 0.60, "ANALYST": 0.20},
    {"APPROVED": 0.25, "DENIED": 0.55, "ANALYST": 0.20},
)


@dataclass(frozen=True, slots=True)
class Needed:
    """What decisions are compared with: their reference, and the nats of an alert."""

    reference: Mapping[str, float]
    nats: float

    @classmethod
    def by(cls, stack: Stack) -> Self:
        """As the rules of `stack` have it."""
        shares = stack.query(
            'signal_category:credit_reference:ratio{signal="decision"}'
        )
        [threshold] = stack.query("credit_drift:nats:threshold")
        return cls(
            {s["metric"]["category"]: float(s["value"][1]) for s in shares},
            float(threshold["value"][1]),
        )

    def applications(self, mix: Mapping[str, float]) -> int:
        """In a window that holds nothing else: (nats + ln 2k) / KL of one share."""
        most = max(_divergence(mix[d], q) for d, q in self.reference.items())
        return ceil((self.nats + log(2 * len(self.reference))) / most)


def _divergence(p: float, q: float) -> float:
    """Of one share to its reference, in nats for each application."""
    halves = ((p, q), (1 - p, 1 - q))
    return sum(share * log(share / of) for share, of in halves if share)
