import re

import pytest

from report.charts.decision_mix import MAX_DECISIONS, bounds, lanes
from report.charts.time_axis import time_axis
from report.record import Mix
from tests.report.conftest import START


def drawn(record):
    return lanes(record.models[0], time_axis(record))


def points(path):
    return [tuple(map(float, pair.split(","))) for pair in re.findall(r"[\d.,]+", path)]


def clean(text):
    return text.replace("\u00a0", " ")


def test_each_decision_is_a_line_at_its_share(record):
    denied, approved = drawn(record())
    assert (denied.name, clean(denied.expected)) == ("DENIED", "60 %")
    # The axis ends at 80 %, above all that is drawn.
    assert [clean(text) for _, text in denied.axis] == ["80 %", "0 %"]
    assert {y for _, y in points(denied.line)} == {12.5}
    assert denied.level == pytest.approx(25)
    assert {y for _, y in points(approved.line)} == {62.5}
    assert approved.level == pytest.approx(50)


def test_the_area_is_between_the_line_and_what_is_expected(record):
    denied, _ = drawn(record())
    assert {y for _, y in points(denied.area)} == {12.5, 25.0}


def test_each_phase_has_its_share(record):
    denied, approved = drawn(record())
    assert [(s.phase, clean(s.text)) for s in denied.shares] == [
        ("baseline", "61 %"),
        ("hard times", "90 %"),
    ]
    assert [clean(s.text) for s in approved.shares] == ["39 %", "10 %"]


def test_a_phase_without_decisions_has_no_share(record, of_model, signal):
    decision = of_model().signals[0]
    nothing = signal(
        name="decision",
        role="decision",
        cells=decision.cells,
        reference=decision.reference,
        observed=(None, (0.5, 0.5)),
    )
    denied, _ = drawn(record(signals=(nothing,)))
    assert [share.phase for share in denied.shares] == ["hard times"]


def test_without_phases_there_are_no_shares_to_place(live):
    assert [lane.shares for lane in drawn(live())] == [(), ()]


def test_an_alert_marks_the_decision_that_it_is_about(record, alert):
    labels = {"signal": "decision", "direction": "APPROVED"}
    flip = alert(labels=labels, severity="warning", starts_at=at(50))
    whole = record(alerts=(alert(starts_at=at(40)), flip))
    x = time_axis(whole)
    denied, approved = drawn(whole)
    assert denied.marks == ((x(START + 40), "critical"),)
    assert approved.marks == ((x(START + 50), "warning"),)


def at(second):
    return f"2026-11-22T17:00:{second}+00:00"


@pytest.mark.parametrize(
    ("shares", "highest", "axis"),
    [
        ((0.5, 0.86), 0.86, (0.0, 1.0)),
        ((0.2, 0.24), 0.86, (0.0, 1.0)),
        ((0.02, 0.031), 0.98, (0.0, 0.05)),
        ((0.95, 0.98), 0.98, (0.95, 1.0)),
        ((0.2, 0.35), 0.38, (0.0, 0.4)),
        ((1.0, 1.0), 1.0, (0.98, 1.0)),
        ((0.0, 0.0), 1.0, (0.0, 0.01)),
    ],
)
def test_rare_and_usual_decisions_have_an_axis_of_their_own(shares, highest, axis):
    assert bounds(shares, highest) == axis


def test_of_many_decisions_the_most_frequent_are_drawn(record, of_model, signal):
    names = tuple(f"class {n}" for n in range(30))
    shares = tuple(1 / 30 for _ in names)
    decision = signal(
        name="decision", role="decision", cells=names, reference=shares, observed=()
    )
    mix = Mix(100, {}, dict(zip(names, shares, strict=True)))
    found = drawn(record(mix=mix, signals=(decision,), alerts=()))
    assert [lane.name for lane in found] == list(names[:MAX_DECISIONS])
    assert {lane.line for lane in found} == {""}
