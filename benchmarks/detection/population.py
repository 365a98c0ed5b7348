"""The shipped credit model's signals, from its card, and shifts of them."""

import json
import math
import random
from collections.abc import Sequence
from functools import cache

import numpy as np
from credit_analyzer.model import ARTIFACTS, CARD, load
from loan_application_simulator.applicants import Shift, draw
from loan_application_simulator.forms import fields_of
from model_monitor import Card
from model_monitor.reading import Reader

from .evidence import Cell, Floats, Signal

DAYS = 90
# Applications a second.
RATES = {
    "100/day": 100 / 86400,
    "1,000/day": 1000 / 86400,
    "1/min": 1 / 60,
    "10/min": 1 / 6,
    "1/s": 1.0,
    "10/s": 10.0,
    "100/s": 100.0,
    "1,000/s": 1000.0,
}
# DENIED, ANALYST, APPROVED; 50, 20, 30 % are expected. Named approved/denied/analyst.
SHIFTS = {
    "15/70/15": (0.70, 0.15, 0.15),
    "20/60/20": (0.60, 0.20, 0.20),
    "25/55/20": (0.55, 0.20, 0.25),
    "45/35/20": (0.35, 0.20, 0.45),
    "24/56/20": (0.56, 0.20, 0.24),
    "0/100/0": (1.0, 0.0, 0.0),
}
# Shifts of the applicants, each with the signal that is watched.
INPUT_SHIFTS = {
    "income × 0.85": ("monthly_income", Shift(income_factor=0.85)),
    "income × 0.67": ("monthly_income", Shift(income_factor=0.67)),
    "30 % at a default income": ("monthly_income", Shift(default_income=0.3)),
    "loans × 1.2": ("loan_amount", Shift(loan_factor=1.2)),
    "income × 0.85, the score": ("score", Shift(income_factor=0.85)),
}
APPLICANTS = 20_000
SEED = 20


@cache
def credit() -> tuple[Signal, ...]:
    """Each signal of the shipped card."""
    written = json.loads((ARTIFACTS / CARD).read_text())
    card = Card.from_file(ARTIFACTS / CARD)
    tolerance, shares = written["tolerance"], written["reference"]["shares"]
    found = []
    for signal in card.signals:
        reference = shares[signal.name]
        if signal.name == "decision":
            reference = card.decisions.expected
        elif signal.segment:
            reference = reference[signal.segment]
        size = len(reference)
        cells = tuple(
            # Refusals are counted by reason, and are one outcome here.
            Cell(c.kind, tuple(range(c.low - signal.base, c.high - signal.base))[:size])
            if signal.role != "validity"
            else Cell(c.kind, (int(c.category == "refused"),))
            for c in signal.cells
            if c.kind != "all"
        )
        total = sum(reference)
        found.append(
            Signal(
                (signal.name, signal.segment),
                signal.role,
                tuple(share / total for share in reference),
                cells,
                tolerance.get(signal.name, tolerance["*"]),
            )
        )
    return tuple(found)


def signal(name: str) -> Signal:
    """One of the shipped card."""
    [found] = [signal for signal in credit() if signal.key == (name, "")]
    return found


def shifted(name: str, shift: Shift) -> Floats:
    """The share of each bucket of a number among `APPLICANTS` under `shift`."""
    model, rng = load(), random.Random(SEED)
    reader = Reader(model.card)
    drawn = [fields_of(draw(rng, shift)) for _ in range(APPLICANTS)]
    if name == "score":
        read = map(reader.read, drawn)
        rows = [reading[0] for reading in read if reading]
        values = [score for score, _ in model.scorer.outcomes(rows)]
    else:
        values = [float(str(fields[name])) for fields in drawn]
    edges = model.card.signal(name).edges
    buckets = np.searchsorted(edges, values, side="left")
    return np.bincount(buckets, minlength=len(edges) + 1) / APPLICANTS


def divergence(shares: Sequence[float], reference: Sequence[float]) -> float:
    """Relative entropy in nats for each application (Kullback and Leibler 1951)."""
    q, p = np.asarray(shares), np.asarray(reference)
    seen = q > 0
    return float((q[seen] * np.log(q[seen] / p[seen])).sum())


def limit(shares: Sequence[float], reference: Sequence[float], rate: float) -> float:
    """Seconds that any detector needs with one false alarm in `DAYS`, on average.

    Lorden 1971: the logarithm of the mean number of applications between false alarms,
    over the divergence.
    """
    needed = math.log(rate * DAYS * 86400) / divergence(shares, reference)
    return needed / rate
