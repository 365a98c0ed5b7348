import pytest

from report.charts import drift
from report.charts.time_axis import time_axis
from tests.report.charts.test_decision_mix import at, clean, points
from tests.report.conftest import START


def large(record):
    return drift.large(record, record.models[0], time_axis(record))


def small(record):
    return drift.small(record.models[0], time_axis(record))


def test_evidence_is_drawn_by_its_logarithm():
    assert drift.height(1e-8) == drift.height(0) == 0
    assert drift.height(100) == drift.height(1_000) == 100
    assert drift.height(1) == pytest.approx(80)
    assert pytest.approx(20) == drift.ALARM_LEVEL
    assert {text: round(y) for y, text in drift.AXIS} == {"alarm": 20, "10⁻⁶": 80}


def test_a_signal_that_moved_is_filled_while_it_drifts(record):
    whole = record()
    [curve] = large(whole)
    assert curve.title == "decision"
    x = time_axis(whole)
    for (severity, area), (start, end) in zip(
        curve.areas, ((40, 60), (50, 60)), strict=True
    ):
        assert severity == ("warning" if start == 40 else "critical")
        xs = [x for x, _ in points(area)]
        edges = [x(START + start), x(START + end)]
        assert [min(xs), max(xs)] == pytest.approx(edges, abs=0.01)


def test_the_line_reaches_the_alarm_when_the_evidence_does(record):
    [curve] = large(record())
    [line] = curve.lines
    # It grows by a factor of ten in four seconds, and is 1 after forty.
    xs = [x for x, y in points(line) if y <= drift.ALARM_LEVEL + 0.01]
    assert min(xs) == pytest.approx(time_axis(record())(START + 40), abs=0.01)


def test_the_alerts_of_a_signal_are_named_each_with_its_direction(record, alert):
    labels = {"signal": "decision", "direction": "APPROVED"}
    flip = alert(labels=labels, starts_at=at(50))
    escalated = alert(starts_at=at(45))
    [curve] = large(record(alerts=(alert(starts_at=at(40)), escalated, flip)))
    assert clean(curve.words) == (
        "DENIED 10.0 s into hard times and APPROVED 20.0 s into hard times"
    )


def test_a_drift_without_an_alert_is_named(record):
    [curve] = large(record(alerts=()))
    assert clean(curve.words) == "drifts 10.0 s into hard times, without an alert"


def test_the_signal_that_moved_first_is_first(record, signal, income):
    late = signal(drifting=((START + 50, START + 60),))
    early = income(drifting=((START + 35, START + 60),))
    found = large(record(signals=(late, early), alerts=()))
    assert [curve.title for curve in found] == ["monthly income, brl", "channel"]


def test_quiet_signals_are_small_the_closest_to_an_alarm_first(record, signal):
    closer = signal(name="closer", spent=((START, 0.02),))
    unknown = signal(name="unknown", spent=())
    segment = signal(
        name="decision_by_channel",
        role="segment",
        segment="web",
        spent=((START, 3.0),),
        drifting=((START, START),),
    )
    found = small(record(signals=(signal(), unknown, closer, segment), alerts=()))
    assert [(curve.title, clean(curve.words)) for curve in found] == [
        ("decision by channel web", "follows the decisions"),
        ("closer", "peak 0.02"),
        ("channel", "peak < 0.0001"),
        ("unknown", "not evaluated"),
    ]


def test_a_segment_with_an_alert_is_large(record, signal, alert):
    segment = signal(name="decision_by_channel", role="segment", segment="web")
    other = signal(name="decision_by_channel", role="segment", segment="branch")
    labels = {"signal": segment.name, "segment": "web", "direction": "DENIED"}
    whole = record(signals=(other, segment), alerts=(alert(labels=labels),))
    assert [curve.title for curve in large(whole)] == ["decision by channel web"]
    assert [curve.title for curve in small(whole)] == ["decision by channel branch"]


def test_small_curves_have_few_points_and_their_peak(record, signal):
    spent = tuple((START + s / 10, 1e-7) for s in range(800))
    spent = (*spent[:333], (spent[333][0], 0.5), *spent[334:])
    [curve] = small(record(signals=(signal(spent=spent),), alerts=()))
    [line] = curve.lines
    assert len(points(line)) <= drift.SMALL_POINTS
    peak = min(y for _, y in points(line))
    assert peak == pytest.approx(100 - drift.height(0.5), abs=0.01)
