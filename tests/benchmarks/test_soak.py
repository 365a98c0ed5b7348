"""Expectations of a soak, and its verdict on alerts."""

import json
from argparse import Namespace
from collections import Counter

import pytest

from benchmarks.resilience.soak import plan
from benchmarks.resilience.soak.applicants import Applicants
from benchmarks.resilience.soak.chaos import Breaker
from benchmarks.resilience.soak.observed import Alert, Drift, Outage, alerts
from benchmarks.resilience.soak.report import Run, report
from benchmarks.resilience.soak.verdict import AFTER_SECONDS, CERTAIN, Verdict, judge

HARD = Drift("hard-times", 1000, 1150)
MALFORMED = Drift("malformed", 1300, 1450)


def alert(name="ModelDecisionDrift", signal="decision", started=1008.0, **further):
    defaults = {"received": started + 1, "ended": started + 200, "logged": 1}
    defaults["about"] = "DENIED" if signal == "decision" else ""
    return Alert(name, signal, started, **(defaults | further))


# Of hard times all that is certain, but for the decisions.
OTHERS = [
    alert("ModelScoreDrift", "score", 1007.0),
    alert("ModelInputDrift", "monthly_income", 1006.0),
    alert("ModelInputDrift", "education_level", 1009.0),
]


def test_a_drift_with_each_of_its_alerts_is_as_expected():
    verdict = judge([HARD], [], [alert(), *OTHERS])
    assert verdict.expected == 4
    assert {(d.signal, d.delay, d.broken) for d in verdict.received} == {
        ("decision", 9, False),
        ("score", 8, False),
        ("monthly_income", 7, False),
        ("education_level", 10, False),
    }
    assert verdict.faults == []


def test_a_drift_without_an_alert_is_missed():
    verdict = judge([HARD], [], OTHERS)
    assert verdict.missed == ["ModelDecisionDrift decision, hard-times, never received"]
    assert verdict.faults == verdict.missed


@pytest.mark.parametrize("received", [None, HARD.end + 1])
def test_an_alert_that_is_received_when_the_drift_is_over_is_missed(received):
    verdict = judge([HARD], [], [alert(received=received), *OTHERS])
    assert len(verdict.missed) == 1
    assert verdict.missed[0].startswith("ModelDecisionDrift decision, hard-times, ")


def test_an_alert_that_fires_twice_in_one_drift_is_duplicated():
    again = alert(started=HARD.end + AFTER_SECONDS - 1)
    verdict = judge([HARD], [], [again, alert(), *OTHERS])
    [words] = verdict.duplicated
    assert words.startswith(
        "ModelDecisionDrift decision DENIED, 164 s after hard-times"
    )


@pytest.mark.parametrize("further", [{"severity": "critical"}, {"about": "ANALYST"}])
def test_a_higher_severity_and_another_direction_are_no_duplicates(further):
    verdict = judge([HARD], [], [alert(), alert(started=1012, **further), *OTHERS])
    assert verdict.faults == []


@pytest.mark.parametrize(
    "stray",
    [
        alert(started=HARD.start - 1),
        alert(started=HARD.end + AFTER_SECONDS + 1),
        alert("ModelInvalidInput", "validity"),
        alert("ModelStuck", "decision"),
        alert("ModelServiceSlow", ""),
    ],
    ids=lambda stray: f"{stray.name} {stray.started:g}",
)
def test_an_alert_without_a_drift_is_unexpected(stray):
    verdict = judge([HARD], [], [alert(), *OTHERS, stray])
    assert len(verdict.unexpected) == 1
    assert stray.name in verdict.unexpected[0]


def test_signals_that_may_drift_are_counted_apart():
    segment = alert(
        "ModelSegmentDrift", "decision_by_education_level", about="Bachelor"
    )
    verdict = judge([HARD], [], [alert(), segment, *OTHERS])
    assert (verdict.faults, verdict.possible) == ([], 1)


def test_refused_applications_move_nothing_but_validity():
    validity = alert("ModelInvalidInput", "validity", 1310.0)
    score = alert("ModelScoreDrift", "score", 1390.0)
    assert judge([MALFORMED], [], [validity]).faults == []
    assert judge([MALFORMED], [], [validity, score]).unexpected


def test_an_alert_that_never_resolves_is_a_fault():
    verdict = judge([HARD], [], [alert(ended=None), *OTHERS])
    assert verdict.faults == verdict.unresolved
    [words] = verdict.unresolved
    assert words.startswith("ModelDecisionDrift decision DENIED, 8 s after hard-times")


def test_an_alert_that_resolves_while_the_drift_is_on_is_a_fault():
    verdict = judge([HARD], [], [alert(ended=HARD.end - 1), *OTHERS])
    assert verdict.faults == verdict.early
    assert len(verdict.early) == 1


def test_an_alert_that_becomes_critical_does_not_resolve_early():
    worse = alert(started=1012, severity="critical")
    verdict = judge([HARD], [], [alert(ended=1012), worse, *OTHERS])
    assert verdict.faults == []


@pytest.mark.parametrize(("logged", "kind"), [(2, "duplicated"), (0, "missed")])
def test_the_log_has_each_alert_exactly_once(logged, kind):
    verdict = judge([HARD], [], [alert(logged=logged), *OTHERS])
    assert verdict.faults == getattr(verdict, kind)
    assert f"{logged} lines in the log" in verdict.faults[0]


@pytest.mark.parametrize(
    ("component", "seconds", "name"),
    [
        ("webhook-receiver", 3, "MonitorNotificationsFailing"),
        ("alertmanager", 3, "MonitorAlertsNotSent"),
        ("alertmanager", 65, "MonitorTargetDown"),
        ("credit-analyzer", 65, "ModelServiceDown"),
    ],
)
def test_a_kill_may_have_an_alert_but_need_not(component, seconds, name):
    outage = Outage(component, 900, 900 + seconds)
    verdict = judge([], [outage], [alert(name, "", 903)])
    assert (verdict.faults, verdict.consequences) == ([], 1)
    assert judge([], [outage], []).faults == []


@pytest.mark.parametrize(
    "stray",
    [
        alert("MonitorNotificationsFailing", "", 899),
        alert("MonitorNotificationsFailing", "", 1300),
        alert("MonitorTargetDown", "", 903),
        alert("MonitorAlertsNotSent", "", 903),
    ],
    ids=lambda stray: f"{stray.name} {stray.started:g}",
)
def test_an_alert_that_no_kill_explains_is_unexpected(stray):
    outage = Outage("webhook-receiver", 900, 903)
    assert judge([], [outage], [stray]).faults


@pytest.mark.parametrize(("first", "expected"), [(400, True), (200, False)])
def test_two_kills_of_the_analyzer_within_ten_minutes_may_have_an_alert(
    first, expected
):
    outages = [Outage("credit-analyzer", killed, killed + 3) for killed in (first, 900)]
    restarting = alert("ModelServiceRestarting", "", 905)
    assert (judge([], outages, [restarting]).faults == []) is expected


def test_a_delay_with_a_kill_in_it_is_marked():
    def broken(killed, back):
        outage = Outage("prometheus", killed, back)
        [delivered] = [
            d
            for d in judge([HARD], [outage], [alert(), *OTHERS]).received
            if d.signal == "decision"
        ]
        return delivered.broken

    assert broken(1004, 1007)
    assert broken(998, 1001)
    assert not broken(990, 999)
    assert not broken(1010, 1013)


def test_every_other_drift_of_an_hour_is_of_validity():
    hour = plan.scenario(3600, 300)
    drifts = plan.drifts(plan.starts(hour))
    assert [drift.start for drift in drifts] == [75 + 300 * i for i in range(12)]
    assert all(drift.end - drift.start == 150 for drift in drifts)
    assert {drift.name for drift in drifts[1::2]} == {"malformed"}
    assert {drift.name for drift in drifts} == set(CERTAIN)


def test_kills_come_by_chance_but_one_in_each_stretch():
    begin = [75 + 300 * i for i in range(12)]
    kills = plan.kills(begin, 3600, 120, seed=1)
    assert len(kills) == 30
    assert {kill.component for kill in kills} == set(plan.COMPONENTS)
    soon = [k for k in kills for second in begin if 0 <= k.second - second <= 10]
    assert len(soon) >= 3
    assert all(k.second - i * 120 <= 130 for i, k in enumerate(kills))
    assert kills == plan.kills(begin, 3600, 120, seed=1)
    assert kills != plan.kills(begin, 3600, 120, seed=2)


def test_history_and_log_become_alerts():
    labels = {
        "alertname": "ModelScoreDrift",
        "signal": "score",
        "direction": "lower",
    }
    row = {
        "alertname": "ModelScoreDrift",
        "severity": "warning",
        "labels": labels,
        "starts_at": "1970-01-01T00:00:10.500000+00:00",
        "firing_received_at": "1970-01-01T00:00:12.000000+00:00",
        "resolved_received_at": None,
    }
    line = {
        "event": "alert",
        "status": "firing",
        "labels": labels,
        "starts_at": "1970-01-01T00:00:10.500000+00:00",
    }
    log = "\n".join(
        [
            json.dumps(line),
            "Killed",
            json.dumps(line | {"status": "resolved"}),
            json.dumps({"event": "notification"}),
            json.dumps(line)[:30],
        ]
    )
    info = row | {"severity": "info"}
    assert alerts([row, info], log) == [
        Alert(
            "ModelScoreDrift",
            "score",
            10.5,
            received=12.0,
            ended=None,
            logged=1,
            about="lower",
        )
    ]


def test_what_is_not_answered_is_put_down_to_the_analyzer_only_while_it_is_down():
    applicants = Applicants("", unanswered=[9, 10, 13, 13.9, 14.1, 21])
    outages = [Outage("credit-analyzer", 10, 13), Outage("prometheus", 20, 23)]
    assert applicants.unexplained(outages) == 3


def page(verdict, unanswered=()):
    outages = [Outage("credit-analyzer", 10, 12)]
    applicants = Applicants("", [], Counter(decided=90_000), [*unanswered])
    breaker = Breaker(None, [], outages)
    breaker.memory = [{"credit-analyzer": 100}, {}, {"credit-analyzer": 130}]
    options = Namespace(minutes=30, rate=50, period=300, kill_every=120)
    run = Run("Two cores", verdict, applicants, breaker)
    return run, list(report(run, options))


def test_a_page_tells_growth_by_the_hour():
    _, lines = page(Verdict())
    assert (
        "| credit-analyzer | 1 | 2.0 s | 100 MiB | 130 MiB | 130 MiB | +60 MiB |"
    ) in lines
    assert lines[-1] == "All was as it should be."


def test_a_page_names_each_fault():
    run, lines = page(Verdict(missed=["ModelScoreDrift score of hard-times"]), [11, 20])
    assert run.faults[-1] == "1 applications not answered"
    assert lines[-2:] == [f"- {fault}" for fault in run.faults]
    assert "| not answered while the analyzer was down | 1 |" in lines
