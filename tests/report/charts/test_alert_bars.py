import pytest

from report.charts.alert_bars import lanes
from report.charts.time_axis import time_axis
from tests.report.charts.test_decision_mix import at, clean
from tests.report.conftest import START


def drawn(record):
    return lanes(record, record.models[0].alerts, time_axis(record))


def test_an_alert_is_a_bar_from_firing_to_resolved(record):
    whole = record()
    x = time_axis(whole)
    [lane] = drawn(whole)
    [bar] = lane.bars
    assert (bar.left, bar.left + bar.width) == pytest.approx(
        (x(START + 39.116), x(START + 80.116))
    )
    assert bar.delivered == pytest.approx(x(START + 40.25))
    assert (bar.severity, bar.is_firing) == ("critical", False)
    assert (lane.name, lane.subject) == ("ModelDecisionDrift", "decision DENIED")
    assert clean(lane.words) == "9.1 s into hard times, delivered 1.1 s later"


def test_an_alert_that_still_fires_is_a_bar_to_the_end(record, alert):
    [lane] = drawn(record(alerts=(alert(ends_at=None),)))
    [bar] = lane.bars
    assert bar.is_firing
    assert bar.left + bar.width == 100


def test_an_alert_that_fired_before_the_time_range_is_a_bar_from_its_start(
    record, alert
):
    early = alert(
        starts_at="2026-11-22T16:00:00+00:00",
        firing_received_at="2026-11-22T16:00:01+00:00",
    )
    [lane] = drawn(record(alerts=(early,)))
    assert lane.bars[0].left == 0


def test_a_flip_is_two_lanes(record, alert):
    labels = {"signal": "decision", "direction": "APPROVED"}
    flip = alert(labels=labels, starts_at=at(55), ends_at=None)
    first, second = drawn(record(alerts=(alert(ends_at=at(54)), flip)))
    assert (first.subject, second.subject) == ("decision DENIED", "decision APPROVED")
    assert first.bars[0].left + first.bars[0].width < second.bars[0].left
    assert second.bars[0].is_firing


def test_an_escalation_is_one_lane_with_both_severities(record, alert):
    warning = alert(severity="warning", starts_at=at(35), ends_at=at(40))
    critical = alert(starts_at=at(40), ends_at=None)
    [lane] = drawn(record(alerts=(warning, critical)))
    assert [bar.severity for bar in lane.bars] == ["warning", "critical"]
    assert clean(lane.words).startswith("5.0 s into hard times (the first of 2), del")


def test_an_alert_that_was_not_delivered_is_named(record, alert):
    [lane] = drawn(record(alerts=(alert(firing_received_at=None),)))
    assert lane.bars[0].delivered is None
    assert lane.words.endswith(", not delivered")


@pytest.mark.parametrize("severity", ["info", "page", "warning critical"])
def test_other_severities_have_the_colour_of_information(record, alert, severity):
    [lane] = drawn(record(alerts=(alert(severity=severity),)))
    assert lane.bars[0].severity == "info"
