"""What the benchmark of floods reads from an analyzer's metrics."""

import pytest
from credit_analyzer.api import PATH
from credit_analyzer.app import create_app
from credit_analyzer.model import load
from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.analyzer.load import Latency
from benchmarks.analyzer.servers import APPLICATION
from benchmarks.hostile.__main__ import compared
from benchmarks.hostile.overload import DECIDED, QUICK


@pytest.fixture
def exposition():
    """What an analyzer exports that has decided on one application."""
    registry = CollectorRegistry()
    client = create_app(load(), registry).test_client()
    assert client.post(PATH, json=APPLICATION).status_code == 200
    return generate_latest(registry).decode()


def test_decisions_and_quick_answers_are_found_as_they_are_exported(exposition):
    assert sorted(DECIDED.findall(exposition)) == ["0.0"] * 35 + ["1.0"]
    assert QUICK.findall(exposition) == ["1.0"]


def test_latencies_are_compared_round_by_round():
    rounds = [
        (Latency(1, 1.0, 10.0, 10.0), Latency(1, 2.0, 10.0, 10.0)),
        (Latency(1, 2.0, 20.0, 20.0), Latency(1, 2.0, 10.0, 10.0)),
        (Latency(1, 4.0, 10.0, 10.0), Latency(1, 2.0, 30.0, 30.0)),
    ]
    assert compared(rounds) == (
        "2.00 ms | 1.00 (0.50 to 2.00) | 10.0 ms | 1.00 (0.50 to 3.00)"
    )
