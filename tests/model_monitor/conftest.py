import copy

import pytest
from model_monitor import Card, Monitor
from model_monitor.drafting.reference import uniform_reference
from prometheus_client import CollectorRegistry

# A model of nothing in particular, with an input of each kind.
FIELDS = {
    "name": "anything",
    "version": "1.2.3",
    "namespace": "thing",
    "created": "2026-01-02T03:04:05+00:00",
    "inputs": {
        "colour": {"enum": ["red", "green", "blue"]},
        "country": {"enum": ["BR", "PT"], "other": True},
        "shape": {"enum": ["round", "square"], "optional": True},
        "member": {"type": "boolean"},
        "size": {
            "type": "integer",
            "unit": "cm",
            "minimum": 1,
            "maximum": 1000,
            "usual": [10, 100],
            "edges": [10, 20, 50],
        },
        "weight": {"type": "number", "edges": [0.5, 1.5], "optional": True},
    },
    "encoding": "one-hot",
    "columns": [
        *("size", "colour=red", "colour=green", "colour=blue"),
        *("country=BR", "country=other", "member", "weight"),
    ],
    "score": {"edges": [0.2, 0.4, 0.8]},
    "decisions": {"names": ["NO", "MAYBE", "YES"], "from": [0.4, 0.8]},
    "segments": ["colour"],
}

APPLICATION = {
    "colour": "green",
    "country": "BR",
    "shape": "round",
    "member": True,
    "size": 30,
    "weight": 0.7,
}


def with_reference(fields):
    """`fields` with a reference in which everything is as likely."""
    return fields | {"reference": uniform_reference(fields)}


@pytest.fixture
def fields():
    """A card, in its JSON form, to be changed."""
    return copy.deepcopy(with_reference(FIELDS))


@pytest.fixture
def application():
    """An application that the card accepts, to be changed."""
    return dict(APPLICATION)


@pytest.fixture
def card(fields):
    return Card.from_fields(fields)


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def monitor(card, registry):
    return Monitor(card, registry)


@pytest.fixture
def value(registry):
    """The value of a sample of the model, or None if there is none."""

    def value(name, **labels):
        identity = {"model": "anything", "model_version": "1.2.3"}
        return registry.get_sample_value(name, identity | labels)

    return value
