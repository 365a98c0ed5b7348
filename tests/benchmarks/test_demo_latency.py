"""Reports of many runs of a scenario."""

import pytest

from benchmarks.resilience.demo_latency import moments, summary
from report.timeline import NO_SIGNAL, Row


def alert(name="ModelInputDrift", signal="monthly_income", fired=39.0, **kwargs):
    defaults = {
        "severity": "warning",
        "direction": "lower",
        "cause": "hard-times",
        "delay": fired - 30,
        "delivered": fired + 1,
        "resolved": 100.0,
        "description": "",
    }
    return Row(name=name, signal=signal, fired=fired, **(defaults | kwargs))


def decision(direction, fired, began, cause, **kwargs):
    return alert(
        "ModelDecisionDrift",
        "decision",
        fired,
        direction=direction,
        cause=cause,
        delay=fired - began,
        **kwargs,
    )


def test_a_line_has_the_median_delay_of_an_alert():
    lines = list(summary([[alert(fired=39)], [alert(fired=38)], [alert(fired=39.5)]]))
    assert lines[2] == (
        "| second 39, hard times | `ModelInputDrift` | warning | monthly_income lower "
        "| 9.0 s (8.0 to 9.5 s) | 1.0 s later | 3 of 3 |"
    )


def test_lines_are_in_the_order_in_which_alerts_fired():
    stuck = alert("ModelStuck", NO_SIGNAL, fired=35)
    lines = list(summary([[alert(), stuck], [stuck]]))
    assert ["`ModelStuck`" in line for line in lines[2:4]] == [True, False]
    assert lines[3].endswith("| 1 of 2 |")


def test_alerts_that_did_not_resolve_are_not_counted_as_resolved():
    lines = list(summary([[alert(), alert(signal="score", resolved=None)]]))
    assert lines[-1] == "\nresolved: 1 of 2"


def test_runs_without_an_alert_have_a_line_of_their_own():
    assert "| none | | | | | | 0 of 2 |" in list(summary([[], []]))


@pytest.fixture
def runs():
    """One run with a flip at second 55, and one in which nothing was reported."""
    denied = decision("DENIED", 38.0, 30, "hard-times", resolved=57.0)
    worse = decision(
        "DENIED", 41.0, 30, "hard-times", severity="critical", resolved=61.0
    )
    approved = decision("APPROVED", 60.0, 55, "gold-rush")
    return [[denied, worse, approved], []]


def test_the_flip_of_the_decisions_is_reported(runs):
    assert list(moments(runs))[2:] == [
        "| DENIED fires after hard times begin | 8.0 s (8.0 to 8.0 s) | 1 of 2 |",
        "| DENIED ends after the flip | 6.0 s (6.0 to 6.0 s) | 1 of 2 |",
        "| APPROVED fires after the flip | 5.0 s (5.0 to 5.0 s) | 1 of 2 |",
    ]
