from dataclasses import replace

import pytest
from credit_analyzer.app import create_app
from credit_analyzer.model import Model, load
from prometheus_client import CollectorRegistry


@pytest.fixture(scope="session")
def model():
    """The shipped model."""
    return load()


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def client(model, registry):
    return create_app(model, registry).test_client()


@pytest.fixture
def value(model, registry):
    """The value of a series of the shipped model, or None if there is none."""

    def value(name, **labels):
        card = model.card
        identity = {"model": card.name, "model_version": card.version}
        return registry.get_sample_value(name, identity | labels)

    return value


@pytest.fixture
def fields():
    """A valid application in its JSON form."""
    return {
        "education_level": "Bachelor",
        "profession_type": "clt",
        "loan_amount": 20_000,
        "monthly_income": 5_000,
    }


class FixedScorer:
    """Gives every application the same score, or fails."""

    def __init__(self, card, score, error=None):
        self._outcome = score, card.decisions.decide(score)
        self._error = error

    def outcome(self, row):
        if self._error:
            raise self._error
        return self._outcome


@pytest.fixture
def fixed_model(model):
    """Makes a model that gives every application the same score."""
    return lambda score: Model(model.card, FixedScorer(model.card, score))


@pytest.fixture
def broken_model(model):
    """Makes a model that raises an error."""
    return lambda error: replace(model, scorer=FixedScorer(model.card, 0, error))
