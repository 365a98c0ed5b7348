import random
from collections import Counter
from dataclasses import replace
from itertools import islice
from statistics import median

import pytest
from loan_application_simulator.applicants import (
    DEFAULT_INCOME_BRL,
    EDUCATION_SHARES,
    ORDINARY_TIMES,
    PROFESSION_SHARES,
    Applicant,
    Shift,
    draw,
    past_applications,
    repays,
)


def population(shift=ORDINARY_TIMES, size=5_000):
    rng = random.Random(7)
    return [draw(rng, shift) for _ in range(size)]


def shares(values):
    counts = Counter(values)
    return {value: count / counts.total() for value, count in counts.items()}


def test_ordinary_times_have_the_documented_shares():
    people = population()
    assert shares(p.education_level for p in people) == pytest.approx(
        EDUCATION_SHARES, abs=0.02
    )
    assert shares(p.profession_type for p in people) == pytest.approx(
        PROFESSION_SHARES, abs=0.02
    )


@pytest.mark.parametrize("shift", [ORDINARY_TIMES, Shift(income_factor=9.0)])
def test_amounts_stay_in_the_usual_ranges(shift):
    for person in population(shift):
        assert 10_000 <= person.loan_amount <= 50_000
        assert 1_500 <= person.monthly_income <= 100_000


def test_the_same_seed_draws_the_same_applicants():
    assert population() == population()


def test_factors_move_incomes_and_loans():
    poorer = population(Shift(income_factor=0.5, loan_factor=2.0))
    ordinary = population()
    half = median(p.monthly_income for p in ordinary) / 2
    assert median(p.monthly_income for p in poorer) == pytest.approx(half, rel=0.05)
    assert median(p.loan_amount for p in poorer) > median(
        p.loan_amount for p in ordinary
    )


def test_shares_of_a_shift_replace_the_ordinary_ones():
    freelancers = population(Shift(profession={"freelancer": 1.0}))
    assert {p.profession_type for p in freelancers} == {"freelancer"}


def test_a_default_income_replaces_the_declared_share_of_incomes():
    broken = population(Shift(default_income=0.3))
    share = shares(p.monthly_income for p in broken)[DEFAULT_INCOME_BRL]
    assert share == pytest.approx(0.3, abs=0.02)


def test_a_shift_scaled_to_nothing_is_ordinary_times():
    shift = Shift(income_factor=0.5, education={"Bachelor": 1.0}, malformed=0.4)
    start = shift.scaled(0)
    assert start.income_factor == 1
    assert start.malformed == 0
    assert start.education["Bachelor"] == EDUCATION_SHARES["Bachelor"]
    assert shift.scaled(1).income_factor == shift.income_factor
    assert shift.scaled(0.5).malformed == 0.2


def test_the_rich_repay_more_often_than_the_poor():
    rng = random.Random(7)

    def rate(income):
        person = Applicant("Bachelor", "clt", 20_000, income)
        return sum(repays(rng, person) for _ in range(2_000)) / 2_000

    assert rate(2_000) < rate(5_000) < rate(15_000)


def test_past_applications_are_the_ordinary_population_with_an_outcome():
    rows = list(islice(past_applications(10**9, seed=3), 3_000))
    assert {row["repaid"] for row in rows} == {0, 1}
    incomes = median(row["monthly_income"] for row in rows)
    ordinary = median(p.monthly_income for p in population())
    assert incomes == pytest.approx(ordinary, rel=0.05)


def test_a_wrong_unit_divides_every_income_and_nothing_else():
    ordinary, wrong = random.Random(3), random.Random(3)
    shift = Shift(income_unit=1_000)
    for _ in range(200):
        right, sent = draw(ordinary), draw(wrong, shift)
        income = max(right.monthly_income // 1_000, 1)
        assert sent == replace(right, monthly_income=income)
