"""What a soak expects, and what it makes of what was told."""

import json
from argparse import Namespace
from collections import Counter
from dataclasses import replace

import pytest
from credit_analyzer.model import load
from loan_application_simulator.scenarios import GOLD_RUSH, HARD_TIMES, Phase

from benchmarks.resilience.soak import plan, usage
from benchmarks.resilience.soak.applicants import Applicants
from benchmarks.resilience.soak.breaker import Breaker
from benchmarks.resilience.soak.facts import Alert, Drift, Outage, alerts
from benchmarks.resilience.soak.report import Run, report
from benchmarks.resilience.soak.truth import MEMORY_SECONDS, drifts, merging
from benchmarks.resilience.soak.verdict import Verdict, judge

HARD = Drift("hard-times", 1000, 1150, frozenset({"decision", "score"}), frozenset())
BROKEN = Drift("malformed", 1300, 1450, frozenset({"validity"}), frozenset({"score"}))


def alert(name="CreditDecisionDrift", signal="decision", started=1008.0, **further):
    defaults = {"told": started + 1, "ended": started + 200, "logged": 1}
    return Alert(name, signal, started, **(defaults | further))


SCORE = alert("CreditScoreDrift", "score", 1007.0)


def test_a_drift_that_is_told_of_each_signal_is_as_expected():
    verdict = judge([HARD], [], [alert(), SCORE])
    assert verdict.expected == 2
    assert [(t.signal, t.delay, t.broken) for t in verdict.told] == [
        ("decision", 9, False),
        ("score", 8, False),
    ]
    assert verdict.faults == []


def test_a_drift_that_nobody_tells_is_missed():
    verdict = judge([HARD], [], [SCORE])
    assert verdict.missed == ["CreditDecisionDrift decision, hard-times, never told"]
    assert verdict.faults == verdict.missed


@pytest.mark.parametrize("told", [None, HARD.end + 1])
def test_a_drift_that_is_told_when_it_is_over_is_missed(told):
    verdict = judge([HARD], [], [alert(told=told), SCORE])
    assert verdict.missed == [
        "CreditDecisionDrift decision, hard-times, told when it was over"
    ]


def test_an_alert_that_begins_anew_within_a_drift_and_its_memory_is_duplicated():
    again = alert(started=HARD.end + MEMORY_SECONDS - 1)
    verdict = judge([HARD], [], [again, alert(), SCORE])
    assert len(verdict.told) == 2
    [words] = verdict.duplicated
    assert words.startswith(
        "CreditDecisionDrift decision, 494 s after hard-times began"
    )


@pytest.mark.parametrize(
    "stray",
    [
        alert(started=HARD.start - 1),
        alert(started=HARD.end + MEMORY_SECONDS + 1),
        alert("CreditInputDrift", "loan_amount"),
        alert("CreditModelStuck", "decision"),
        alert("CreditAnalyzerSlow", ""),
    ],
    ids=lambda stray: f"{stray.name} {stray.started:g}",
)
def test_what_no_drift_moves_is_unexpected(stray):
    verdict = judge([HARD], [], [alert(), SCORE, stray])
    assert len(verdict.unexpected) == 1
    assert stray.name in verdict.unexpected[0]


def test_a_signal_that_may_drift_is_told_or_not():
    validity = alert("CreditInvalidApplications", "validity", 1310.0)
    without = judge([BROKEN], [], [validity])
    told = judge([BROKEN], [], [validity, replace(SCORE, started=1390)])
    assert (without.faults, without.possible) == ([], 0)
    assert (told.faults, told.possible) == ([], 1)


def test_an_alert_that_is_never_told_to_be_over_is_a_fault():
    verdict = judge([HARD], [], [alert(ended=None), SCORE])
    assert verdict.faults == verdict.unresolved
    [words] = verdict.unresolved
    assert words.startswith("CreditDecisionDrift decision, 8 s after hard-times began")


def test_an_alert_that_is_told_to_be_over_while_the_drift_is_on_is_a_fault():
    verdict = judge([HARD], [], [alert(ended=HARD.end - 1), SCORE])
    assert verdict.faults == verdict.early
    assert len(verdict.early) == 1


@pytest.mark.parametrize(("logged", "kind"), [(2, "duplicated"), (0, "missed")])
def test_the_log_tells_each_alert_once(logged, kind):
    verdict = judge([HARD], [], [alert(logged=logged), SCORE])
    assert verdict.faults == getattr(verdict, kind)
    assert f"{logged} lines in the log" in verdict.faults[0]


@pytest.mark.parametrize(
    ("component", "seconds", "name"),
    [
        ("webhook-receiver", 3, "AlertmanagerNotificationsFailing"),
        ("alertmanager", 3, "PrometheusNotificationsFailing"),
        ("alertmanager", 15, "MonitorTargetDown"),
        ("credit-analyzer", 15, "CreditAnalyzerDown"),
    ],
)
def test_a_kill_may_be_told_but_need_not(component, seconds, name):
    outage = Outage(component, 900, 900 + seconds)
    told = judge([], [outage], [alert(name, "", 903)])
    assert (told.faults, told.consequences) == ([], 1)
    assert judge([], [outage], []).faults == []


@pytest.mark.parametrize(
    "stray",
    [
        alert("AlertmanagerNotificationsFailing", "", 899),
        alert("AlertmanagerNotificationsFailing", "", 1000),
        alert("MonitorTargetDown", "", 903),
        alert("PrometheusNotificationsFailing", "", 903),
    ],
    ids=lambda stray: f"{stray.name} {stray.started:g}",
)
def test_what_does_not_follow_from_a_kill_is_unexpected(stray):
    outage = Outage("webhook-receiver", 900, 903)
    assert judge([], [outage], [stray]).faults


@pytest.mark.parametrize(("first", "expected"), [(400, True), (200, False)])
def test_two_kills_of_the_analyzer_within_ten_minutes_may_be_told(first, expected):
    outages = [Outage("credit-analyzer", killed, killed + 3) for killed in (first, 900)]
    restarting = alert("CreditAnalyzerRestarting", "", 905)
    assert (judge([], outages, [restarting]).faults == []) is expected


def test_a_kill_between_the_change_and_the_telling_is_seen():
    def broken(killed, back):
        outage = Outage("prometheus", killed, back)
        return judge([HARD], [outage], [alert(), SCORE]).told[0].broken

    assert broken(1004, 1007)
    assert broken(998, 1001)
    assert not broken(990, 999)
    assert not broken(1010, 1013)


def test_signals_that_drift_again_too_soon_are_found():
    again = replace(HARD, start=HARD.end + 300, end=HARD.end + 400)
    assert set(merging([HARD, again])) == {"decision", "score"}
    later = replace(HARD, start=HARD.end + MEMORY_SECONDS, end=HARD.end + 500)
    assert not list(merging([HARD, later]))


def happened(*phases, rate=50.0):
    return drifts(load(), [(phase, 0.0) for phase in phases], rate)


def test_the_truth_is_what_the_population_moves_in_the_model():
    quiet = Phase("baseline", 75)
    hard, rush = happened(
        quiet, replace(HARD_TIMES, seconds=150), replace(GOLD_RUSH, seconds=150)
    )
    assert hard.certain >= {"decision", "score", "monthly_income", "education_level"}
    assert "profession_type" in rush.certain - hard.signals
    assert not {"validity", "monthly_income_range"} & (hard.signals | rush.signals)


def test_few_applications_make_nothing_certain():
    [hard] = happened(replace(HARD_TIMES, seconds=10), rate=1)
    assert not hard.certain
    assert hard.possible


def test_no_two_drifts_of_an_hour_merge():
    hour = plan.scenario(3600, 300)
    found = drifts(load(), plan.starts(hour), 50)
    assert len(found) == 12
    assert [drift.start for drift in found] == [75 + 300 * i for i in range(12)]
    assert not list(merging(found))
    # Every other one leaves all but the validity alone.
    assert all(drift.signals == {"validity"} for drift in found[1::2])
    assert all("decision" in drift.certain for drift in found[0:4:2])


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
    labels = {"alertname": "CreditScoreDrift", "signal": "score"}
    row = {
        "alertname": "CreditScoreDrift",
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
        Alert("CreditScoreDrift", "score", 10.5, told=12.0, ended=None, logged=1)
    ]


def test_what_is_not_answered_is_put_down_to_the_analyzer_only_while_it_is_down():
    applicants = Applicants("", unanswered=[9, 10, 13, 13.9, 14.1, 21])
    outages = [Outage("credit-analyzer", 10, 13), Outage("prometheus", 20, 23)]
    assert applicants.unexplained(outages) == 3


def test_files_are_counted_by_what_they_are(tmp_path):
    (tmp_path / "prometheus" / "wal").mkdir(parents=True)
    (tmp_path / "prometheus" / "wal" / "0000").write_bytes(bytes(2**20))
    (tmp_path / "alerts.sqlite-wal").write_bytes(bytes(2**19))
    found = usage.files(tmp_path)
    assert found["Prometheus, its series"] == 1
    assert found["history of alerts"] == 0.5
    assert sum(found.values()) == 1.5


def page(verdict, unanswered=()):
    outages = [Outage("credit-analyzer", 10, 12)]
    applicants = Applicants("", [], Counter(decided=90_000), [*unanswered])
    breaker = Breaker(None, None, [], outages)
    breaker.memory = [{"credit-analyzer": 100}, {}, {"credit-analyzer": 130}]
    breaker.files = [{"logs of all": 1}, {"logs of all": 2}]
    options = Namespace(minutes=30, rate=50, period=300, kill_every=120)
    run = Run("Two cores", verdict, applicants, breaker)
    return run, list(report(run, options))


def test_a_page_tells_growth_by_the_hour():
    _, lines = page(Verdict())
    assert (
        "| credit-analyzer | 1 | 2.0 s | 100 MiB | 130 MiB | 130 MiB | +60 MiB |"
    ) in lines
    assert "| logs of all | 1.00 MiB | 2.00 MiB | +2.00 MiB |" in lines
    assert lines[-1] == "All was as it should be."


def test_a_page_names_each_fault():
    run, lines = page(
        Verdict(missed=["CreditScoreDrift score of hard-times"]), [11, 20]
    )
    assert run.faults[-1] == "1 applications not answered"
    assert lines[-2:] == [f"- {fault}" for fault in run.faults]
    assert "| not answered while the analyzer was down | 1 |" in lines
