import math

import pytest
from credit_analyzer.decision import EXPECTED_SHARES, Decision, decide


@pytest.mark.parametrize(
    ("score", "decision"),
    [
        (0.0, Decision.DENIED),
        (0.3999999999, Decision.DENIED),
        (0.4, Decision.ANALYST),
        (0.6499999999, Decision.ANALYST),
        (0.65, Decision.APPROVED),
        (1.0, Decision.APPROVED),
    ],
)
def test_the_unrounded_score_decides(score, decision):
    assert decide(score) == decision


def test_the_expected_shares_cover_every_decision():
    assert set(EXPECTED_SHARES) == set(Decision)
    assert math.isclose(sum(EXPECTED_SHARES.values()), 1)
