import pytest
from loan_application_simulator.metrics import OUTCOMES, SimulatorMetrics
from loan_application_simulator.scenarios import SCENARIOS
from prometheus_client import CollectorRegistry


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    return SimulatorMetrics(SCENARIOS["storyline"], registry)


def labels(phase, **more):
    return {"scenario": "storyline", "phase": phase, **more}


def test_one_phase_is_on_at_a_time(metrics, registry):
    metrics.began("baseline")
    metrics.began("hard-times")
    active = "loan_simulator_phase_active"
    assert registry.get_sample_value(active, labels("baseline")) == 0
    assert registry.get_sample_value(active, labels("hard-times")) == 1
    assert registry.get_sample_value(active, labels("gold-rush")) == 0


def test_a_phase_says_when_it_began(metrics, registry):
    metrics.began("baseline")
    start = "loan_simulator_phase_start_timestamp_seconds"
    assert registry.get_sample_value(start, labels("baseline")) > 1.7e9
    assert registry.get_sample_value(start, labels("gold-rush")) is None


def test_every_outcome_exists_at_zero(metrics, registry):
    metrics.counted("baseline", "decided")
    total = "loan_simulator_applications_total"
    for outcome in OUTCOMES:
        value = registry.get_sample_value(total, labels("baseline", outcome=outcome))
        assert value == (1 if outcome == "decided" else 0)


def test_decisions_are_counted_by_phase(metrics, registry):
    metrics.counted("baseline", "decided", "DENIED")
    metrics.counted("hard-times", "decided", "DENIED")
    metrics.counted("hard-times", "decided", "DENIED")
    metrics.counted("hard-times", "failed")
    total = "loan_simulator_decisions_total"
    for phase, count in (("baseline", 1), ("hard-times", 2), ("gold-rush", None)):
        denied = labels(phase, decision="DENIED")
        assert registry.get_sample_value(total, denied) == count
