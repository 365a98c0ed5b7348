import numpy as np
import pandas as pd
import pytest
from model_monitor import Card
from model_monitor.drafting.reference import uniform_reference

COLOURS = ["blue", "green", "red"]


def population(count, seed=0, gaps=False):
    """Applications of three inputs, and an outcome that depends on all of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": rng.lognormal(3, 1, count).round(2),
            "age": rng.integers(18, 90, count),
            "colour": rng.choice(COLOURS, count),
        }
    )
    chance = frame.amount / 60 + (frame.colour == "red") * 0.3 - frame.age / 300
    outcome = (chance + rng.normal(0, 0.2, count) > 0.35).astype(int)
    if gaps:
        frame.loc[rng.random(count) < 0.2, "amount"] = np.nan
    return frame, outcome


def card_fields(encoding="one-hot", argmax=False, gaps=False, **changes):
    fields = {
        "name": "anything",
        "version": "1",
        "namespace": "thing",
        "created": "2026-01-02T03:04:05+00:00",
        "inputs": {
            "amount": {"type": "number", "edges": [10, 20, 50]},
            "age": {"type": "integer", "edges": [30, 60]},
            "colour": {"enum": COLOURS},
        },
        "encoding": encoding,
        "columns": {
            "one-hot": ["amount", "age", *(f"colour={c}" for c in COLOURS)],
            "ordinal": ["amount", "age", "colour"],
            "fields": ["amount", "age", "colour"],
        }[encoding],
        "score": {"edges": [0.25, 0.5, 0.75]},
        "decisions": {"names": ["NO", "YES"], "from": [0.5]},
    }
    if argmax:
        fields["decisions"] = {"names": ["LOW", "MIDDLE", "HIGH"], "of": "argmax"}
    if gaps:
        fields["inputs"]["amount"]["optional"] = True
    fields |= changes
    return fields | {"reference": uniform_reference(fields)}


@pytest.fixture
def make_card():
    return lambda *arguments, **changes: Card.from_fields(
        card_fields(*arguments, **changes)
    )


@pytest.fixture(scope="session")
def applications():
    frame, outcome = population(4_000)
    return frame, outcome


def encoded(frame):
    """The one-hot rows of a table, as a model is fitted on them."""
    flags = np.column_stack([(frame.colour == c).to_numpy() for c in COLOURS])
    rows = np.column_stack([frame.amount, frame.age, flags])
    return rows.astype(np.float64)
