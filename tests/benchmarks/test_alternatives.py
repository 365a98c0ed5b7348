"""The comparison's own detectors and bookkeeping; the libraries are not asked."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from credit_analyzer.signals import NUMERIC_SIGNALS

from benchmarks.detection import streams, windowed
from benchmarks.detection.alternatives import table
from benchmarks.detection.characteristics import STUCK_SECONDS, WAIT
from benchmarks.detection.judging import Detection, Scores, delay, onsets, retuned
from benchmarks.detection.populations import signal
from benchmarks.detection.rules import Thresholds
from benchmarks.detection.streams import make_streams
from benchmarks.detection.windowed import Cells, by_shares, evidence, furthest, psi

EXPECTED = np.array([0.3, 0.5, 0.2])


@pytest.fixture(scope="module")
def decisions():
    return make_streams("decision", seed=1, days=0.25, replicates=4)


def figures(*alarming, seconds=300):
    found = np.zeros(seconds)
    found[[second - 1 for second in alarming]] = 1
    return found


def scores(step=1, wait=0.0):
    return Scores(step, np.zeros(0), np.zeros(0), (), wait)


def test_psi_of_equal_shares_is_zero():
    assert psi(EXPECTED, EXPECTED) == 0


def test_psi_is_what_it_is_by_hand():
    halves, quarters = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    by_hand = -0.25 * np.log(0.5) + 0.25 * np.log(1.5)
    assert psi(quarters, halves) == pytest.approx(by_hand)


def test_a_share_is_off_by_exactly_ten_points_is_not_more_than_ten():
    assert furthest(np.array([0.4, 0.4, 0.2]), EXPECTED) == 0.1


def test_alarms_half_a_minute_apart_are_one():
    assert onsets(figures(10, 11, 41, 100), 0.5, step=1).tolist() == [10, 100]


def test_the_alarm_of_a_chunk_is_at_its_end():
    assert onsets(np.array([0.0, 1.0]), 0.5, step=30).tolist() == [60]


def test_an_alarm_before_the_change_is_no_detection():
    assert delay(scores(), 0.5, 100, figures(50, 120)) == 20
    assert delay(scores(), 0.5, 100, figures(50)) == np.inf


def test_an_alarm_that_is_on_at_the_change_says_nothing():
    assert np.isnan(delay(scores(), 0.5, 100, figures(100, 101, 102)))


def test_what_is_told_late_is_late():
    assert delay(scores(wait=1.0), 0.5, 100, figures(120)) == 21


def test_what_is_not_noticed_counts_as_late_and_not_as_missing():
    assert Detection.of([10, 20, None, 901]) == Detection(None, None, 0.5)
    assert Detection.of([10, 20, 30, None]) == Detection(30, None, 0.75)


@pytest.mark.parametrize(("wanted", "threshold"), [(0, 5), (1, 4), (2, 3)])
def test_retuning_finds_the_least_threshold_that_is_quiet_enough(wanted, threshold):
    healthy = np.zeros(500)
    healthy[[50, 150, 250, 251, 350]] = [2, 3, 5, 1, 4]
    assert retuned(healthy, 1, wanted) == threshold
    assert len(onsets(healthy, threshold, 1)) <= wanted
    assert len(onsets(healthy, threshold - 0.1, 1)) > wanted


def test_healthy_incomes_are_the_reference(monkeypatch):
    monkeypatch.setattr(streams, "INCOME_SHIFTS", ("incomes x 0.7",))
    incomes = make_streams("monthly_income", seed=1, days=0.01, replicates=1)
    cells = Cells(incomes, NUMERIC_SIGNALS["monthly_income"])
    assert cells.reference == pytest.approx(signal("monthly_income").reference)


def test_a_change_of_twenty_points_fires_a_share_that_is_off(decisions):
    rows = [row for row in by_shares(decisions) if row.detector == "a share is off"]
    assert {row.setting for row in rows} == {"default", "retuned"}
    for row in rows:
        assert row.delays["15 / 70 / 15"].detected == 1
        assert row.delays["15 / 70 / 15"].median < 60


def test_one_decision_for_everybody_is_seen_at_once(decisions):
    cells = Cells(decisions, ())
    stuck = decisions.shifts.index("0 / 100 / 0")
    for shift, change, stream in decisions.replicates():
        if shift == stuck:
            nats = evidence(cells, "decision", stream)
            began = onsets(nats, Thresholds.shipped().nats, 1)
            assert began[began > change][0] - change < STUCK_SECONDS


def test_the_rules_say_nothing_about_what_is_below_their_distance(decisions):
    cells = Cells(decisions, ())
    truth = np.repeat([0, 1, 2], [32, 48, 20]).astype(np.int32)
    stream = np.tile(np.random.default_rng(0).permutation(truth), 600)
    assert not (evidence(cells, "decision", stream)[3_600:] > 0).any()


def test_figures_of_a_day_do_not_depend_on_where_days_are_cut(decisions, monkeypatch):
    def score(values):
        return windowed.sliding(Cells(decisions, ()), psi, values)

    whole = windowed.every_second(score, decisions)
    monkeypatch.setattr(windowed, "DAY", 7_200)
    cut = windowed.every_second(score, decisions)
    assert np.array_equal(whole.counting, cut.counting)
    assert whole.wait == WAIT


def test_rows_can_be_written_as_json_and_as_a_table(decisions):
    rows = list(by_shares(decisions))
    assert "Infinity" not in json.dumps([asdict(row) for row in rows])
    lines = list(table([*rows, replace(rows[0], detector="another")]))
    assert sum(line.startswith("| PSI") for line in lines) == 2
    assert lines[-1].startswith("| another | default")
    heads, rule = lines[4:6]
    assert heads.count("|") == rule.count("|")
