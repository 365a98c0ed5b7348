"""What each signal looks like: the shares of its cells, in ordinary times and shifted.

A cell is a category, or what lies between two neighbouring bucket edges.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from credit_analyzer.application import CATEGORIES, parse
from credit_analyzer.decision import EXPECTED_SHARES, Decision, decide
from credit_analyzer.model import load
from credit_analyzer.signals import NUMERIC_SIGNALS
from loan_application_simulator.applicants import ORDINARY_TIMES, Shift, draw
from loan_application_simulator.forms import fields_of
from numpy.typing import NDArray

Shares = NDArray[np.float64]

APPLICANTS = 100_000
SEED = 20
SIGNALS = ("decision", "education_level", "profession_type", *NUMERIC_SIGNALS)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal and its reference, shape (cells,), summing to one."""

    name: str
    reference: Shares

    @property
    def numeric(self) -> bool:
        """Whether its cells have an order, and drift is a range's."""
        return self.name in NUMERIC_SIGNALS


@cache
def _cells(shift: str) -> Mapping[str, Shares]:
    rng = random.Random(SEED)
    drawn = (draw(rng, SHIFTS[shift]) for _ in range(APPLICANTS))
    applications = [parse(fields_of(applicant)) for applicant in drawn]
    scores = load().scores([application.encode() for application in applications])
    values: dict[str, Sequence[object]] = {
        "decision": [decide(score) for score in scores.tolist()]
    }
    for name in (*CATEGORIES, *NUMERIC_SIGNALS):
        if name != "score":
            values[name] = [getattr(a, name) for a in applications]
    categories = {"decision": tuple(Decision), **CATEGORIES}
    shares = {
        name: np.array([values[name].count(c) for c in known]) / APPLICANTS
        for name, known in categories.items()
    }
    for name, edges in NUMERIC_SIGNALS.items():
        amounts = scores if name == "score" else np.array(values[name], dtype=float)
        cells = np.searchsorted(edges, amounts, side="left")
        shares[name] = np.bincount(cells, minlength=len(edges) + 1) / APPLICANTS
    return shares


def signal(name: str) -> Signal:
    """A signal and its reference: of the decision, the shares that are expected.

    Of any other, those of `APPLICANTS` drawn with `SEED`; the shipped card, made of
    others of the same population, differs from them by chance.
    """
    if name == "decision":
        return Signal(name, np.array([EXPECTED_SHARES[d] for d in Decision]))
    return Signal(name, _cells("ordinary times")[name])


def shifted(name: str, shift: str) -> Shares:
    """The cells of a signal under one of `SHIFTS`."""
    return _cells(shift)[name]


SHIFTS: Mapping[str, Shift] = {
    "ordinary times": ORDINARY_TIMES,
    "incomes x 0.7": Shift(income_factor=0.7),
    "incomes x 0.85": Shift(income_factor=0.85),
    "incomes x 1.3": Shift(income_factor=1.3),
    "10 % default incomes": Shift(default_income=0.1),
    "30 % default incomes": Shift(default_income=0.3),
    "loans x 0.85": Shift(loan_factor=0.85),
    "loans x 1.2": Shift(loan_factor=1.2),
    "loans x 1.5": Shift(loan_factor=1.5),
}
# Shifts of the decision mix: approved, denied, analyst.
DECISION_SHIFTS: tuple[tuple[float, float, float], ...] = (
    (0.15, 0.70, 0.15),
    (0.20, 0.60, 0.20),
    (0.25, 0.55, 0.20),
    (0.45, 0.35, 0.20),
    (0.30, 0.45, 0.25),
    (0.33, 0.33, 0.34),
    (0.00, 1.00, 0.00),
)
# Shifts of the population, and the signals that see them.
INPUT_SHIFTS: Mapping[str, tuple[str, ...]] = {
    "score": ("incomes x 0.85", "incomes x 0.7", "incomes x 1.3", "loans x 1.2"),
    "monthly_income": (
        "incomes x 0.85",
        "incomes x 0.7",
        "incomes x 1.3",
        "10 % default incomes",
        "30 % default incomes",
    ),
    "loan_amount": ("loans x 0.85", "loans x 1.2", "loans x 1.5", "incomes x 0.7"),
}
# Shifts of education (Bachelor, High School, Illiterate, Master or Doctoral) and of
# profession (aposentado, clt, freelancer), in points.
CATEGORY_SHIFTS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "education_level": (
        (-6, 6, 0, 0),
        (-8, 0, 8, 0),
        (-15, 15, 5, -5),
        (-20, 18, 14, -12),
    ),
    "profession_type": ((0, -6, 6), (0, -10, 10), (10, -10, 0), (-7, -24, 31)),
}


def off(reference: Shares, points: float) -> Shares:
    """The population that `reference` is `points` / 100 off from.

    That much of it is in the rarest cell instead of the most common one, where a
    mistake of the same size is most conspicuous.
    """
    truth = reference.copy()
    occupied = np.where(reference > 0, reference, np.inf)
    truth[np.argmax(reference)] -= points / 100
    truth[np.argmin(occupied)] += points / 100
    return truth


def divergence(shares: Shares, reference: Shares) -> float:
    """Relative entropy in nats for each application (Kullback and Leibler 1951).

    Infinite if `shares` has what `reference` has not.
    """
    seen = shares > 0
    with np.errstate(divide="ignore"):
        return float(np.sum(shares[seen] * np.log(shares[seen] / reference[seen])))
