"""The credit policy: which score leads to which decision, and how often."""

from collections.abc import Mapping
from enum import StrEnum


class Decision(StrEnum):
    """What the bank answers; `ANALYST` means that a person decides."""

    APPROVED = "APPROVED"
    DENIED = "DENIED"
    ANALYST = "ANALYST"


APPROVED_FROM = 0.65
DENIED_BELOW = 0.4

# The mix that the bank plans its money and its analysts for.
EXPECTED_SHARES: Mapping[str, float] = {
    Decision.APPROVED: 0.3,
    Decision.DENIED: 0.5,
    Decision.ANALYST: 0.2,
}


def decide(score: float) -> Decision:
    """The decision for an unrounded score, a probability of repayment in [0, 1]."""
    if score >= APPROVED_FROM:
        return Decision.APPROVED
    if score < DENIED_BELOW:
        return Decision.DENIED
    return Decision.ANALYST
