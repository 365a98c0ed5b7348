"""Where the seconds go: what is computed from what the components say."""

import pytest

from benchmarks.stages.durations import ALL_RULES
from benchmarks.stages.moments import Moments, first_alert, moments_of, part_needed
from benchmarks.stages.needed import Needed
from benchmarks.stages.report import RATES, Run, needed_table, report, stage_table

REFERENCE = {"APPROVED": 0.3, "DENIED": 0.5, "ANALYST": 0.2}
NEEDED = Needed(REFERENCE, 16.1)
ALL_DENIED = {"APPROVED": 0.0, "DENIED": 1.0, "ANALYST": 0.0}


def alert(starts_at="1970-01-01T00:00:12.600000+00:00", signal="decision", **changes):
    return {
        "alertname": "CreditDecisionDrift",
        "labels": {"signal": signal} if signal else {},
        "fingerprint": "f",
        "starts_at": starts_at,
        "firing_received_at": "1970-01-01T00:00:13.900000+00:00",
    } | changes


class FakeStack:
    """Knows what Prometheus recorded: scrapes at .1, rules at .4, alerts at .6."""

    def __init__(self, *alerts, change=10.5):
        self._alerts = alerts
        self._change = change

    def alerts(self):
        return self._alerts

    def query(self, promql, at=None):
        for part, result in {
            "phase_start": [{"value": [0, "2.0"]}, {"value": [0, self._change]}],
            "significant": [
                {
                    "metric": {"__name__": f"signal:credit_drift:significant{window}"},
                    "values": values,
                }
                for window, values in {
                    "30s": [[12.5, "0.3"]],
                    "10s": [[12.4, "0.3"], [13.4, "0.3"]],
                }.items()
            ],
            "distance:threshold": [{"value": [0, "0.05"]}],
            "nats:threshold": [{"value": [0, "16"]}],
            "distance10s": [{"values": [[11.4, "0.04"], [12.4, "0.08"]]}],
            "nats10s": [{"values": [[11.4, "4"], [12.4, "20"]]}],
            "credit_model_info": [{"values": [[10.1, "1"], [11.1, "1"], [12.1, "1"]]}],
        }.items():
            if part in promql:
                return result
        return []


def test_stages_are_what_passes_from_one_moment_to_the_next():
    moments = Moments(10, 10.5, 11, 11.25, 12, 12.25, 13.25)
    assert moments.stages == (0.5, 0.5, 0.25, 0.75, 0.25, 1.0)


def test_the_moments_are_those_of_the_window_that_was_first(monkeypatch):
    monkeypatch.setattr("benchmarks.stages.moments._passed_on", lambda *_: 12.7)
    found = moments_of(alert(), FakeStack())
    # 12 of the 16 nats between the scrapes at 11.1 and 12.1 were missing.
    assert found.enough == pytest.approx(11.85)
    assert (found.change, found.scraped, found.judged) == (10.5, 12.1, 12.4)
    assert (found.fired, found.passed_on, found.received) == (12.6, 12.7, 13.9)


def test_there_is_nothing_to_see_before_the_change(monkeypatch):
    monkeypatch.setattr("benchmarks.stages.moments._passed_on", lambda *_: 12.7)
    found = moments_of(alert(), FakeStack(change=11.5))
    assert found.enough == pytest.approx(11.95)


def test_the_first_alert_is_about_a_signal_and_was_told():
    told = alert(starts_at="1970-01-01T00:00:13+00:00")
    earlier = "1970-01-01T00:00:11+00:00"
    untold = alert(starts_at=earlier, firing_received_at=None)
    stack = FakeStack(alert(starts_at=earlier, signal=None), told, untold)
    assert first_alert(stack) is told
    assert first_alert(FakeStack()) is None


@pytest.mark.parametrize(
    ("before", "after", "part"), [(0, 4, 0.25), (2, 4, 0), (0, 0.5, 1), (3, 2, 0)]
)
def test_a_part_of_the_way_is_between_none_and_all(before, after, part):
    assert part_needed(before, after, threshold=1) == part


def test_as_many_are_needed_as_the_rules_say_of_a_model_that_is_stuck():
    assert NEEDED.applications(ALL_DENIED) == 26


def test_a_smaller_change_needs_more():
    smaller = {"APPROVED": 0.2, "DENIED": 0.6, "ANALYST": 0.2}
    assert NEEDED.applications(smaller) > 10 * NEEDED.applications(ALL_DENIED)


def test_the_report_has_a_line_for_each_stage_and_a_column_for_each_case():
    moments = Moments(10, 10.5, 11, 11.25, 12, 12.25, 13.25)
    runs = [Run(case, "A decision", moments, {ALL_RULES: 0.004}) for case in "xyx"]
    head, rule, *lines = stage_table(runs)
    assert "| x (2 runs) | y (1 runs) |" in head
    assert {line.count("|") for line in (head, rule, *lines)} == {head.count("|")}
    assert "| 0.75 s (0.75 to 0.75) |" in lines[4]
    assert lines[-1].startswith("| **change → receiver** | 3.25 s")
    assert f"| {ALL_RULES} | 4.0 ms | 4.0 ms |" in list(report(runs, NEEDED, "", ""))


def test_the_seconds_are_applications_by_rate():
    line = list(needed_table(NEEDED))[2]
    assert RATES[0] == 10
    assert line.startswith("| 0 / 100 / 0 | 26 | 2.6 s |")
