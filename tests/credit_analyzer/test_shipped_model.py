"""What the bank can expect of the model that is shipped."""

import pytest
from model_monitor.reading import Reader


@pytest.fixture
def scores(model):
    """The scores of applications."""

    def scores(applications):
        read = Reader(model.card).read
        return [model.scorer.outcome(read(fields)[0])[0] for fields in applications]

    return scores


@pytest.mark.parametrize(
    "education", ["Bachelor", "High School", "Illiterate", "Master or Doctoral"]
)
@pytest.mark.parametrize("profession", ["aposentado", "clt", "freelancer"])
@pytest.mark.parametrize("loan", [10_000, 15_000, 20_000, 30_000, 45_000])
def test_a_higher_income_never_makes_a_loan_much_less_likely(
    scores, education, profession, loan
):
    found = scores(
        {
            "education_level": education,
            "profession_type": profession,
            "loan_amount": loan,
            "monthly_income": income,
        }
        for income in range(1_500, 40_000, 250)
    )
    highest = 0.0
    for score in found:
        highest = max(highest, score)
        assert highest - score < 0.05


@pytest.mark.parametrize("income", [2_000, 4_000, 8_000, 16_000])
def test_a_larger_loan_never_makes_it_much_more_likely(scores, fields, income):
    found = scores(
        fields | {"monthly_income": income, "loan_amount": loan}
        for loan in range(10_000, 50_001, 2_500)
    )
    lowest = 1.0
    for score in found:
        lowest = min(lowest, score)
        assert score - lowest < 0.05
