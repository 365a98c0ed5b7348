"""The synthetic population: who applies for a loan, and who would repay it.

Every figure below describes the population in ordinary times. A `Shift` says how
the times have changed; a scenario is a sequence of shifts (see `scenarios`).
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate, repeat

EDUCATION_SHARES = {
    "Illiterate": 0.06,
    "High School": 0.44,
    "Bachelor": 0.36,
    "Master or Doctoral": 0.14,
}
PROFESSION_SHARES = {"clt": 0.62, "aposentado": 0.14, "freelancer": 0.24}

# Median monthly income in BRL by education, and the factor by profession. The
# legal minimum wage is the floor: applicants who earn less on paper declare it.
MEDIAN_INCOME_BRL = {
    "Illiterate": 2_100,
    "High School": 3_300,
    "Bachelor": 6_000,
    "Master or Doctoral": 10_500,
}
INCOME_FACTOR = {"clt": 1.0, "aposentado": 0.85, "freelancer": 0.95}
INCOME_SIGMA = {"clt": 0.50, "aposentado": 0.40, "freelancer": 0.75}
INCOME_RANGE_BRL = (1_500, 100_000)
DEFAULT_INCOME_BRL = 5_000

# The product is offered from 10,000 to 50,000 BRL; richer applicants ask for
# more, but far less than in proportion.
MEDIAN_LOAN_BRL = 19_000
LOAN_INCOME_ELASTICITY = 0.25
LOAN_SIGMA = 0.42
LOAN_RANGE_BRL = (10_000, 50_000)

# Log-odds of repayment. Years of income per loan carry most of it. Intercept and
# slope put the 50th and the 70th percentile of the repayment probability at 0.40
# and 0.65, the two cut-offs of the credit policy: 50 % denied, 30 % approved.
REPAYMENT_INTERCEPT = -3.05
REPAYMENT_SLOPE = 2.62
REPAYMENT_EDUCATION = {
    "Illiterate": -0.35,
    "High School": 0.0,
    "Bachelor": 0.25,
    "Master or Doctoral": 0.45,
}
REPAYMENT_PROFESSION = {"clt": 0.2, "aposentado": 0.35, "freelancer": -0.45}


@dataclass(frozen=True, slots=True)
class Applicant:
    """One loan application, in the words of the analyzer's JSON form."""

    education_level: str
    profession_type: str
    loan_amount: int
    monthly_income: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How a population differs from ordinary times. The default: not at all.

    Factors multiply incomes and loans. `education` and `profession` replace the
    shares of their categories. `default_income` is the share of applications whose
    income an upstream form overwrote with its default value, `income_unit` how many
    BRL the unit is that it sends incomes in, and `malformed` the share that is no valid
    application at all.
    """

    income_factor: float = 1.0
    loan_factor: float = 1.0
    education: Mapping[str, float] = field(default_factory=EDUCATION_SHARES.copy)
    profession: Mapping[str, float] = field(default_factory=PROFESSION_SHARES.copy)
    default_income: float = 0.0
    income_unit: int = 1
    malformed: float = 0.0

    def scaled(self, part: float) -> "Shift":
        """The shift `part` of the way (0 to 1) from ordinary times to this one."""

        def between(start: float, end: float) -> float:
            return start + part * (end - start)

        return Shift(
            income_factor=self.income_factor**part,
            loan_factor=self.loan_factor**part,
            education={
                k: between(EDUCATION_SHARES[k], v) for k, v in self.education.items()
            },
            profession={
                k: between(PROFESSION_SHARES[k], v) for k, v in self.profession.items()
            },
            default_income=between(0.0, self.default_income),
            income_unit=self.income_unit,  # a form changes it from one day to the next
            malformed=between(0.0, self.malformed),
        )


ORDINARY_TIMES = Shift()


def _choose(rng: random.Random, shares: Mapping[str, float]) -> str:
    return rng.choices(list(shares), cum_weights=list(accumulate(shares.values())))[0]


def _clip(value: float, bounds: tuple[int, int], step: int) -> int:
    low, high = bounds
    return min(max(round(value / step) * step, low), high)


def draw(rng: random.Random, shift: Shift = ORDINARY_TIMES) -> Applicant:
    """One applicant from the population under `shift`."""
    education = _choose(rng, shift.education)
    profession = _choose(rng, shift.profession)
    median_income = MEDIAN_INCOME_BRL[education] * INCOME_FACTOR[profession]
    income = rng.lognormvariate(math.log(median_income), INCOME_SIGMA[profession])
    income = _clip(income * shift.income_factor, INCOME_RANGE_BRL, step=10)
    wealth = (income / MEDIAN_INCOME_BRL["High School"]) ** LOAN_INCOME_ELASTICITY
    loan = MEDIAN_LOAN_BRL * wealth * rng.lognormvariate(0.0, LOAN_SIGMA)
    applicant = Applicant(
        education_level=education,
        profession_type=profession,
        loan_amount=_clip(loan * shift.loan_factor, LOAN_RANGE_BRL, step=500),
        monthly_income=income,
    )
    if rng.random() < shift.default_income:
        applicant = replace(applicant, monthly_income=DEFAULT_INCOME_BRL)
    sent = max(applicant.monthly_income // shift.income_unit, 1)
    return replace(applicant, monthly_income=sent)


def repays(rng: random.Random, applicant: Applicant) -> bool:
    """Whether this applicant would repay: a draw from a logistic model."""
    years = 12 * applicant.monthly_income / applicant.loan_amount
    log_odds = (
        REPAYMENT_INTERCEPT
        + REPAYMENT_SLOPE * math.log(years)
        + REPAYMENT_EDUCATION[applicant.education_level]
        + REPAYMENT_PROFESSION[applicant.profession_type]
    )
    return rng.random() < 1 / (1 + math.exp(-log_odds))


def past_applications(rows: int, seed: int) -> Iterator[dict[str, str | int]]:
    """Past applications with their outcome, a CSV row each (`repaid` is 0 or 1).

    Drawn from ordinary times: what the `baseline` phase sends, a model trained on
    these rows has as its reference.
    """
    rng = random.Random(seed)
    for applicant in (draw(rng) for _ in repeat(None, rows)):
        yield asdict(applicant) | {"repaid": int(repays(rng, applicant))}
