"""The simulation of the rules on the shipped card's signals."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detection.delays import Traffic, measure
from benchmarks.detection.evidence import Evidence
from benchmarks.detection.false_alarms import Model, Worlds
from benchmarks.detection.population import SHIFTS, credit, limit, signal
from benchmarks.detection.scenarios import Batches, constant, ramp, watch

DECISION = signal("decision")
RUNS = 30


def traffic(rate, every=15):
    return Traffic(rate, every, RUNS, np.random.default_rng(1))


def test_signals_are_those_of_the_card():
    roles = [found.role for found in credit()]
    assert roles.count("segment") == 7
    assert len(roles) == 16
    assert DECISION.reference == (0.5, 0.2, 0.3)
    assert DECISION.tolerance == 0.01


def test_the_limit_is_that_of_lorden():
    # ln(7,776,000 applications) / 0.0884 nats.
    assert limit(SHIFTS["15/70/15"], DECISION.reference, 1) == pytest.approx(
        179.5, 0.01
    )


@pytest.mark.parametrize("rate", [1 / 60, 1])
def test_a_large_shift_is_found_within_two_limits(rate):
    delay = measure(DECISION, SHIFTS["15/70/15"], traffic(rate), sharing=16)
    assert 0.5 < delay.ratio < 2
    assert delay.median <= delay.late


def test_a_signal_that_shares_its_budget_with_more_is_found_later():
    alone, many = (
        measure(DECISION, SHIFTS["20/60/20"], traffic(1 / 60), sharing).median
        for sharing in (1, 100)
    )
    assert alone < many


@pytest.mark.parametrize("name", ["decision", "monthly_income", "education_level"])
def test_no_cell_of_a_world_is_off_by_more_than_the_tolerance(name):
    found = signal(name)
    worlds = Worlds(found, RUNS, np.random.default_rng(2))
    for time in (0.0, 20_000.0, 70_000.0):
        shares = worlds.at(np.full(RUNS, time))
        assert shares.sum(1) == pytest.approx(1)
        assert shares.min() >= -1e-12
        for cell in found.cells:
            observed = shares[:, list(cell.outcomes)].sum(1)
            expected = sum(found.reference[i] for i in cell.outcomes)
            assert np.abs(observed - expected).max() < found.tolerance + 1e-9


@pytest.mark.parametrize(("times", "drifts"), [(1, False), (4, True)])
def test_only_worlds_beyond_the_tolerance_have_alarms(times, drifts):
    wider = [replace(s, tolerance=times * s.tolerance) for s in credit()]
    evidence = Evidence(credit(), RUNS)
    model = Model(traffic(10, every=60), wider)
    for _ in range(60):
        evidence.advance(*model.step())
    assert any(on.any() for on in evidence.significant.values()) is drifts


def test_batches_of_a_lasting_shift_are_one_alert():
    batches = Batches(0, 60, RUNS, np.random.default_rng(3), 100)
    found = watch(DECISION, constant(DECISION, 0.1), batches, 16, 6 * 3600)
    denied, *_ = found.alerts.mean(0)
    assert denied == 1
    assert found.median_first < 3600


def test_a_category_that_does_not_rise_gets_few_alerts():
    # ANALYST falls, which is noticed before DENIED has risen much. APPROVED stays.
    slow = ramp(DECISION, 0.2, 86_400)
    found = watch(DECISION, slow, traffic(10), 16, 86_400)
    _, analyst, approved = found.alerts.mean(0)
    assert analyst + approved < 1
