"""The whole system with four models, through a drift of each.

The bank's model decides at fifty applications a second, so that what takes quarters of
a minute at ten takes seconds here. Three others, made from their data by the command
of the library, decide beside it and share nothing with it but the rules.
"""

import json
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import report
from report.timeline import seconds
from stack import example_models
from stack.process import local, wait_until
from stack.scenario_run import SHIPPED_MODEL, Run, Screen, run, undelivered
from stack.system import Stack
from tests.documents.fenced import promql

pytestmark = pytest.mark.end_to_end

SECONDS = 54
RATE = 50
DECIDED = SECONDS * RATE
# How many applications the bank's model has decided.
COUNTS = (
    f'sum(model_cells_total{{model="{SHIPPED_MODEL}",role="decision",kind="all"}})',
    "sum(credit_decisions_total)",
    "sum(credit_score_count)",
    "sum(credit_monthly_income_brl_count)",
)
# Applications a second of the others.
RATES = {"german-credit": 10, "card-fraud": 10, "iris-species": 10}
# Between an alert and the one that takes its place, some evaluations.
REPLACED_SECONDS = 5
# After the last application, for alerts to resolve and to be delivered.
PATIENCE = 120
DRIFTING = {
    ("ModelDecisionDrift", "decision"),
    ("ModelScoreDrift", "score"),
    ("ModelInputDrift", "monthly_income"),
    ("ModelInputDrift", "education_level"),
}
# The decisions about one segment, where they moved more than the others.
ALLOWED = {
    ("ModelInputDrift", "loan_amount"),
    ("ModelSegmentDrift", "decision_by_education_level"),
    ("ModelSegmentDrift", "decision_by_profession_type"),
}


def about(alert):
    """The name, the signal and the segment of an alert of the history."""
    labels = alert["labels"]
    return alert["alertname"], labels.get("signal"), labels.get("segment")


def is_replaced(subject, ended, begun):
    """Whether an alert about the same began when this one ended."""
    return ended is not None and any(
        other == subject and abs(start - ended) < REPLACED_SECONDS
        for other, start in begun
    )


@dataclass(frozen=True)
class Outcome:
    """The system after the run, and what came of it."""

    stack: Stack
    folder: Path
    run: Run
    began: float
    counted: dict[str, float]

    def alerts(self, model):
        """Alerts about `model`, but for context such as its age."""
        return [
            alert
            for alert in self.stack.alerts()
            if alert["labels"].get("model") == model and alert["severity"] != "info"
        ]

    @property
    def bank(self):
        """Rows of the table that are about the bank's model, but for context.

        Without those that another severity or direction took the place of: on a busy
        machine, the evaluations in between may be few.
        """
        rows = [
            row
            for row in self.run.rows
            if row.description.startswith(f"{SHIPPED_MODEL} ")
            and row.severity != "info"
        ]
        subjects = [(row.name, row.signal, row.segment) for row in rows]
        begun = [(s, row.fired) for s, row in zip(subjects, rows, strict=True)]
        return [
            row
            for subject, row in zip(subjects, rows, strict=True)
            if not is_replaced(subject, row.resolved, begun)
        ]

    def is_over(self):
        """Whether no alert about the bank's model fires."""
        return all(alert["ends_at"] for alert in self.alerts(SHIPPED_MODEL))

    def value(self, promql):
        [sample] = self.stack.query(promql)
        return float(sample["value"][1])


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("system")
    with ThreadPoolExecutor() as pool:
        make = partial(example_models.make, folder=folder / "models")
        examples = list(pool.map(make, example_models.EXAMPLES))
    models = {example.service: example.folder for example in examples}
    with Stack(folder / "system", models=models) as stack, ExitStack() as simulators:
        began = time.time()
        for example in examples:
            url = stack.url(f"{example.service}:8000")
            rate = str(RATES[example.name])
            arguments = ["--url", url, "--metrics-port", "0", "--rate", rate]
            simulator = stack.simulate(*arguments, *example.replay())
            simulators.callback(simulator.stop)
        scenario = ["--scenario", "recovery", "--seconds", str(SECONDS)]
        done = run(
            stack,
            [*scenario, "--rate", str(RATE)],
            Screen(),
            # The last scrape and evaluation, in which alerts may still fire.
            until=lambda _: float(stack.query(COUNTS[0])[0]["value"][1]) == DECIDED,
        )
        counted = {
            promql: float(sample["value"][1])
            for promql in COUNTS
            for sample in stack.query(promql)
        }
        outcome = Outcome(stack, folder / "system", done, began, counted)
        # Ordinary times go on until the alerts resolve.
        ordinary = ["--scenario", "baseline", "--seconds", str(PATIENCE)]
        ordinary += ["--metrics-port", "0", "--rate", str(RATE)]
        simulators.callback(stack.simulate(*ordinary).stop)
        wait_until(outcome.is_over, "the bank's alerts to resolve", PATIENCE)
        for example in examples:
            wait_until(lambda e=example: outcome.alerts(e.name), example.name, PATIENCE)
        yield outcome
        stack.check()


def test_alerts_are_about_what_drifts_and_fire_while_it_drifts(outcome):
    fired = {(row.name, row.signal) for row in outcome.bank}
    assert fired >= DRIFTING
    assert fired <= DRIFTING | ALLOWED
    assert {row.cause for row in outcome.bank} == {"hard-times"}


def test_each_direction_of_a_drift_is_one_alert(outcome):
    subjects = Counter((row.name, row.subject) for row in outcome.bank)
    assert subjects["ModelDecisionDrift", "decision DENIED"] == 1
    assert set(subjects.values()) == {1}


def test_an_alert_is_delivered_within_seconds_of_firing(outcome):
    # group_wait is 1 s; the rest is a margin for a busy machine.
    assert all(row.delivered - row.fired < 10 for row in outcome.bank)


def test_alerts_resolve_once_the_drift_is_over(outcome):
    last = "max(last_over_time(loan_simulator_phase_start_timestamp_seconds[1h]))"
    recovered = outcome.value(last)
    alerts = outcome.alerts(SHIPPED_MODEL)
    begun = [(about(alert), seconds(alert["starts_at"])) for alert in alerts]
    for alert in alerts:
        ended = seconds(alert["ends_at"])
        assert ended > recovered or is_replaced(about(alert), ended, begun)


@pytest.mark.parametrize("model", RATES)
def test_an_alert_about_each_example_model_is_delivered(outcome, model):
    found = outcome.alerts(model)
    assert found
    drift = outcome.began + example_models.PHASES["baseline"]
    for alert in found:
        assert alert["annotations"]["description"].startswith(f"{model} ")
        assert alert["firing_received_at"]
        assert seconds(alert["starts_at"]) > drift


def test_each_event_is_one_notification_when_it_begins(outcome):
    text = local().get(outcome.stack.url("webhook-receiver:8080") + "/metrics").text
    counted = {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("webhook_receiver_")
    }
    for failure in ("invalid", "unauthorized", "failed"):
        name = f'webhook_receiver_notifications_total{{outcome="{failure}"}}'
        assert counted[name] == 0
    events = [a for a in outcome.stack.alerts() if a["firing_received_at"]]
    assert counted['webhook_receiver_alerts_total{status="firing"}'] == len(events)


def test_everything_that_fired_is_found_to_be_delivered(outcome):
    # One may have fired just now.
    wait_until(lambda: not undelivered(outcome.stack), "every alert to be delivered")


def test_every_alert_is_in_the_log_of_the_receiver(outcome):
    lines = (outcome.folder / "webhook-receiver.log").read_text().splitlines()
    logged = Counter(
        (line["alertname"], line["labels"].get("signal"), line["labels"]["severity"])
        for line in map(json.loads, lines)
        if line["event"] == "alert"
        and line["status"] == "firing"
        and line["labels"].get("model") == SHIPPED_MODEL
        and line["labels"]["severity"] != "info"
    )
    rows = Counter((row.name, row.signal, row.severity) for row in outcome.bank)
    assert set(logged) >= set(rows)


def test_the_first_sentence_names_model_signal_and_change(outcome):
    words = {row.signal: row.description for row in outcome.bank}
    share = r"\d+(\.\d+)? %"
    assert re.match(
        rf"credit-approval-tree 1\.0\.0 decides DENIED for {share} of applications; "
        r"50 % expected\.",
        words["decision"],
    )
    assert re.match(
        rf"credit-approval-tree 1\.0\.0 receives monthly_income at most [\d,]+ BRL in "
        rf"{share} of applications; {share} expected\.",
        words["monthly_income"],
        re.IGNORECASE,
    )
    assert " applications." in words["decision"]


def test_a_drift_that_inputs_explain_names_them(outcome):
    words = {row.signal: row.description for row in outcome.bank}
    for signal in ("decision", "score"):
        moved = re.search(r"Moved with it: ([^.]*)\.", words[signal])
        assert moved
        # In which direction, a quarter of a second's applications may decide.
        assert "monthly_income" in moved[1]
    assert "ModelBehaviourChanged" not in {row.name for row in outcome.bank}


def test_an_alert_links_to_what_to_do_and_has_no_url_as_a_label(outcome):
    runbook = outcome.stack.url("webhook-receiver:8080") + "/runbook"
    for alert in outcome.stack.alerts():
        links = alert["annotations"]
        assert links["runbook_url"] == f"{runbook}#{alert['alertname'].lower()}"
        assert not {"runbook_url", "grafana_url"} & alert["labels"].keys()


def test_every_application_is_counted_once(outcome):
    assert outcome.counted == dict.fromkeys(COUNTS, DECIDED)


def test_the_report_has_every_time_of_the_history(outcome, parse):
    file = outcome.folder / "report.html"
    url = outcome.stack.url
    report.write(
        url("prometheus:9090"),
        url("webhook-receiver:8080"),
        file,
        model=SHIPPED_MODEL,
    )
    page = parse(file.read_text())
    shown = {element["datetime"] for element in page.all("time")}
    for alert in outcome.alerts(SHIPPED_MODEL):
        assert {alert["starts_at"], alert["ends_at"]} <= shown


def test_prometheus_and_alertmanager_export_what_is_used_of_them(
    outcome, exported_by_others
):
    for metric, labels in exported_by_others.items():
        # This one is there from the first error on.
        if metric != "prometheus_notifications_errors_total":
            samples = outcome.stack.query(f"{{__name__='{metric}'}}")
            assert samples, metric
            assert labels <= samples[0]["metric"].keys()


def test_the_receiver_sees_the_watchdog(outcome):
    age = "time() - webhook_receiver_watchdog_timestamp_seconds"
    assert 0 < outcome.value(age) < 60


def test_no_rule_failed_and_each_was_evaluated(outcome):
    assert outcome.value("sum(prometheus_rule_evaluation_failures_total)") == 0
    assert outcome.value("sum(prometheus_rule_group_iterations_missed_total)") < 5


def test_every_target_is_scraped(outcome):
    up = {s["metric"]["job"]: s["value"][1] for s in outcome.stack.query("up")}
    # The simulator has done its work and has ended.
    assert up.pop("loan-application-simulator") == "0"
    assert set(up.values()) == {"1"}
    assert up.keys() >= {"alertmanager", "prometheus", "webhook-receiver"}
    assert up.keys() >= {"credit-analyzer", *(f"{name}-analyzer" for name in RATES)}


@pytest.mark.parametrize("query", promql("prometheus/RUNBOOK.md"))
def test_prometheus_understands_every_query_of_the_runbook(outcome, query):
    outcome.stack.query(query)
