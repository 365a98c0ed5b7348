import pytest
from credit_analyzer.app import create_app
from credit_analyzer.application import LoanApplication
from credit_analyzer.model import load
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


@pytest.fixture
def application(fields):
    return LoanApplication(**fields)


class FixedModel:
    """Gives every application the same score."""

    def __init__(self, card, score):
        self.card = card
        self._score = score

    def score(self, application):
        return self._score


@pytest.fixture
def fixed_model(model):
    """Makes a model that gives every application the same score."""
    return lambda score: FixedModel(model.card, score)
