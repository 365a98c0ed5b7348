"""Which signals a shift of the population moves, by measuring that population.

Applicants are drawn under the shift and decided on by the shipped model; distance and
evidence are those of the rules, against the reference on its card.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from credit_analyzer.application import parse
from credit_analyzer.card import Card
from credit_analyzer.decision import Decision, decide
from credit_analyzer.model import Model
from credit_analyzer.reference import make_card
from credit_analyzer.signals import Categorical
from loan_application_simulator.applicants import Shift, draw
from loan_application_simulator.forms import fields_of
from loan_application_simulator.scenarios import Phase

from benchmarks.detection.populations import Shares, Signal
from benchmarks.detection.rules import Thresholds, measure

from .facts import Drift

APPLICANTS = 20_000
SEED = 6
# A signal that is closer than this to the threshold of distance may alert or not: what
# a window sees of it is off by chance.
MARGIN = 0.02
# So many times the evidence that an alert wants leaves no room for chance.
CERTAIN = 2.0

# A window of five minutes forgets, and what it raised keeps firing for half a minute;
# the rest is for evaluations and the way to the receiver.
MEMORY_SECONDS = 300.0 + 30.0 + 15.0

ALERTS = {
    "decision": "CreditDecisionDrift",
    "score": "CreditScoreDrift",
    "validity": "CreditInvalidApplications",
    "loan_amount_range": "CreditUnusualApplications",
    "monthly_income_range": "CreditUnusualApplications",
}


def alert_of(signal: str) -> str:
    """The alert that tells of a drift of `signal`."""
    return ALERTS.get(signal, "CreditInputDrift")


def moved(
    model: Model, shift: Shift, applications: float
) -> tuple[frozenset[str], frozenset[str]]:
    """The signals that `shift` moves for certain, and those that it may have moved.

    For certain is: past both thresholds with a margin, once `applications` are seen.
    """
    limits = Thresholds.shipped()
    reference, shifted = _cells(model.card), _shifted(model, shift)
    certain, possible = set(), set()
    for name, expected in reference.items():
        counts = np.rint(shifted[name] * applications).astype(np.int64)
        distance, nats = measure(Signal(name, expected), counts)
        if distance >= limits.distance + MARGIN and nats > CERTAIN * limits.nats:
            certain.add(name)
        elif distance >= limits.distance - MARGIN:
            possible.add(name)
    return frozenset(certain), frozenset(possible)


def drifts(
    model: Model, phases: Sequence[tuple[Phase, float]], rate: float
) -> list[Drift]:
    """The drifts among `phases`, each with when it began.

    Each lasts as long as its phase; half of it has to be evidence enough.
    """
    found = []
    of_name: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for phase, start in phases:
        if phase.name not in of_name:
            of_name[phase.name] = moved(model, phase.shift, rate * phase.seconds / 2)
        certain, possible = of_name[phase.name]
        if certain or possible:
            end = start + phase.seconds
            found.append(Drift(phase.name, start, end, certain, possible))
    return found


def merging(drifts: Sequence[Drift]) -> Iterator[str]:
    """The signals that drift again before their last alert can be over."""
    for place, later in enumerate(drifts):
        for earlier in drifts[:place]:
            if later.start < earlier.end + MEMORY_SECONDS:
                yield from sorted(earlier.signals & later.signals)


def _shifted(model: Model, shift: Shift) -> Mapping[str, Shares]:
    """What the signals of `model` look like under `shift`."""
    rng = random.Random(SEED)
    drawn = [parse(fields_of(draw(rng, shift))) for _ in range(APPLICANTS)]
    card = make_card(
        model,
        b"",
        drawn,
        name=model.card.name,
        version=model.card.version,
        tolerance=1.0,
        invalid_ratio=shift.malformed,
    )
    scores = model.scores([application.encode() for application in drawn])
    decisions = [decide(score) for score in scores.tolist()]
    # A card holds the decisions that the bank expects, not those that it gets.
    mix = Categorical.measured(decisions, Decision).shares
    return {**_cells(card), "decision": np.array([*mix.values()])}


def _cells(card: Card) -> Mapping[str, Shares]:
    """The share of each category, or of each bucket, by signal."""
    categories = {
        name: np.array([*signal.shares.values()])
        for name, signal in card.categorical.items()
    }
    buckets = {
        name: np.diff([0.0, *signal.cumulative, 1.0])
        for name, signal in card.numeric.items()
    }
    return {**categories, **buckets}
