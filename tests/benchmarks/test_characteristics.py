import math

import numpy as np
import pytest

from benchmarks.detection.characteristics import delay, false_alarms
from benchmarks.detection.populations import (
    DECISION_SHIFTS,
    SIGNALS,
    Signal,
    divergence,
    off,
    signal,
)
from benchmarks.detection.rules import Thresholds, latch, measure, windows

DECISION = Signal("decision", np.array([0.3, 0.5, 0.2]))
SHIPPED = Thresholds.shipped()


def verdicts(text):
    return np.array([mark == "1" for mark in text])


def test_a_latch_is_on_from_a_start_for_as_long_as_it_holds():
    starts, holds = verdicts("0010000010"), verdicts("1011100011")
    assert (latch(starts, holds) == verdicts("0011100011")).all()


def test_the_windows_are_those_of_the_rules():
    assert [(w.name, w.seconds, w.interval) for w in windows()] == [
        ("10s", 10, 1),
        ("30s", 30, 5),
        ("2m", 120, 5),
        ("5m", 300, 5),
        ("1h", 3600, 60),
    ]


def test_the_thresholds_are_those_of_the_rules():
    assert Thresholds(16.1, 0.05, 2, 0.025) == SHIPPED


def test_counts_as_expected_are_no_distance_and_no_evidence():
    distance, nats = measure(DECISION, np.array([30, 50, 20]))
    assert distance == pytest.approx(0)
    assert nats == pytest.approx(-math.log(6))


@pytest.mark.parametrize("name", SIGNALS)
def test_a_reference_is_off_by_what_is_said(name):
    of = signal(name)
    truth = off(of.reference, 2)
    assert truth.sum() == pytest.approx(of.reference.sum())
    assert np.abs(truth - of.reference).sum() == pytest.approx(0.04)


def test_divergence_is_what_the_least_delay_is_computed_from():
    shares = np.array([0.0, 1.0, 0.0])
    assert divergence(shares, DECISION.reference) == pytest.approx(math.log(2))


def alarms(truth, days=1):
    return false_alarms(
        DECISION,
        np.array(truth),
        rate=10,
        points=0,
        days=days,
        seed=1,
        thresholds=SHIPPED,
    )


def test_a_healthy_population_gives_no_alarm_in_two_days():
    found = alarms([0.3, 0.5, 0.2], days=2)
    assert (found.episodes, found.firing) == (0, 0)


def test_a_population_that_is_another_gives_one_alarm_that_lasts():
    found = alarms([0.1, 0.8, 0.1], days=2)
    assert found.episodes == 1
    assert found.firing > 0.999


def measured(shares, seconds=120):
    return delay(
        DECISION,
        np.array(shares),
        change="",
        rate=10,
        replicates=5,
        seconds=seconds,
        seed=1,
        thresholds=SHIPPED,
    )


def test_a_model_that_denies_everybody_is_noticed_within_six_seconds():
    assert measured((0.0, 1.0, 0.0)).p95 <= 6


def test_a_change_that_is_not_noticed_has_an_infinite_delay():
    assert math.isinf(measured((0.31, 0.49, 0.2)).median)


@pytest.mark.parametrize("shares", DECISION_SHIFTS[:2])
def test_a_large_shift_is_noticed_near_the_least_possible_delay(shares):
    assert measured(shares, seconds=300).ratio < 2
