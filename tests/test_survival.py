"""What dies is started again, in the middle of a drift: one drift stays one alert.

At fifty applications a second, so that windows fill within seconds. Everything is
killed as by a crash (SIGKILL), and the analyzer is cut off from Prometheus as well.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stack.follow import Run, check_delivery, run

from report.timeline import NO_SIGNAL, seconds
from stack.cable import Cable
from stack.process import local, wait_until
from stack.system import Stack

pytestmark = pytest.mark.end_to_end

RATE = 50
SECONDS = 66
DRIFT = SECONDS / 3
DECISIONS = "sum by (decision) (credit_decisions_total)"
SILENCE = {
    "matchers": [
        {"name": "alertname", "value": "Nothing", "isRegex": False, "isEqual": True}
    ],
    "createdBy": "test",
    "comment": "holds until it ends",
}


class Cuttable(Stack):
    """A system whose Prometheus reaches the analyzer's metrics through a cable."""

    def address(self, address):
        reached = super().address(address)
        if address != "credit-analyzer:8001":
            return reached
        if not hasattr(self, "cable"):
            self.cable = Cable(int(reached.rpartition(":")[2]))
        return f"127.0.0.1:{self.cable.port}"


@dataclass
class Story:
    """The system, what was done to it and when, and what came of it."""

    stack: Stack
    folder: Path
    done: Run | None = None
    silence: str = ""
    at: dict[str, float] = field(default_factory=dict)

    def kill(self, name):
        self.stack.processes[name].kill()
        self.stack.start(name)
        self.at[name] = time.time()

    def kill_prometheus(self):
        wait_until(self.drifts, "the drift to be told")
        self.kill("prometheus")

    def kill_alertmanager(self):
        self.silence = silence(self.stack)
        # What it remembers is on the disk a second later.
        time.sleep(1.5)
        self.kill("alertmanager")

    def cut(self):
        self.stack.cable.cut()
        self.at["cut"] = time.time()

    def mend(self):
        wait_until(lambda: self.of("CreditAnalyzerDown"), "CreditAnalyzerDown")
        self.stack.cable.mend()

    def of(self, name):
        return [alert for alert in self.stack.alerts() if alert["alertname"] == name]

    def drifts(self):
        return [alert for alert in self.stack.alerts() if "signal" in alert["labels"]]

    def value(self, promql, at=None):
        [sample] = self.stack.query(promql, at)
        return float(sample["value"][1])


def silence(stack):
    now = datetime.now(UTC)
    span = (("startsAt", now), ("endsAt", now + timedelta(hours=1)))
    body = SILENCE | {name: moment.isoformat() for name, moment in span}
    url = stack.url("alertmanager:9093") + "/api/v2/silences"
    answer = local().post(url, json=body, timeout=5)
    answer.raise_for_status()
    return answer.json()["silenceID"]


def knows_again(stack):
    """Whether Alertmanager has been told again what it forgot when it was killed."""
    url = stack.url("alertmanager:9093") + "/api/v2/alerts"
    known = [alert["labels"] for alert in local().get(url, timeout=5).json()]
    return all(a["labels"] in known for a in stack.alerts() if not a["ends_at"])


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survival")
    arguments = ["--scenario", "default-income", "--seconds", str(SECONDS)]
    with Cuttable(folder) as stack, stack.cable:
        story = Story(stack, folder)
        incidents = [
            (1, story.cut),
            (6, lambda: story.kill("credit-analyzer")),
            (10, story.mend),
            (DRIFT + 1, story.kill_prometheus),
            (DRIFT + 24, story.kill_alertmanager),
            (DRIFT + 30, lambda: story.kill("credit-analyzer")),
        ]
        story.done = run(
            stack,
            [*arguments, "--rate", str(RATE)],
            print,
            incidents,
            resolve_seconds=0,
        )
        wait_until(lambda: knows_again(stack), "Alertmanager to be told again")
        yield story
        stack.check()


def test_a_drift_is_one_alert_whatever_is_killed(story):
    signals = Counter(a["labels"]["signal"] for a in story.drifts())
    assert "monthly_income" in signals
    assert set(signals.values()) == {1}


def test_it_is_not_told_to_end_while_it_goes_on(story):
    assert not [alert for alert in story.drifts() if alert["ends_at"]]


def test_it_is_told_once(story):
    lines = (story.folder / "webhook-receiver.log").read_text().splitlines()
    logged = Counter(
        (line["alertname"], line["labels"].get("signal"), line["status"])
        for line in map(json.loads, lines)
        if line["event"] == "alert"
    )
    assert ("CreditInputDrift", "monthly_income", "firing") in logged
    assert set(logged.values()) == {1}


def test_nothing_is_told_of_a_restart(story):
    told = {a["alertname"] for a in story.stack.alerts() if a["severity"] != "info"}
    drifting = {a["alertname"] for a in story.drifts()}
    # Two restarts of the analyzer within ten minutes may be told as just that.
    consequences = told - drifting - {"CreditAnalyzerRestarting"}
    assert consequences == {"CreditAnalyzerDown"}
    assert "CreditModelStuck" not in drifting


def test_what_was_decided_while_nobody_saw_it_is_no_drift(story):
    # A burst when the cable is mended, some seconds before the drift begins.
    for row in story.done.rows:
        if row.signal != NO_SIGNAL:
            assert row.cause == "broken-form"


def test_an_analyzer_that_is_cut_off_is_told_to_be_down(story):
    [down] = story.of("CreditAnalyzerDown")
    assert 14 < seconds(down["starts_at"]) - story.at["cut"] < 20


def test_that_it_is_back_is_told_by_an_alertmanager_that_was_killed_since(story):
    def told():
        [down] = story.of("CreditAnalyzerDown")
        return down["ends_at"]

    # A minute after the cable was mended, few enough failed scrapes are remembered.
    wait_until(told, "the end of CreditAnalyzerDown")


def test_a_silence_holds_over_a_kill_of_alertmanager(story):
    url = story.stack.url("alertmanager:9093") + f"/api/v2/silence/{story.silence}"
    assert local().get(url, timeout=5).json()["status"]["state"] == "active"


def test_a_window_is_right_once_the_restart_is_not_in_it(story):
    # Prometheus scrapes five seconds after its start. Then the window has to fill.
    at = story.at["prometheus"] + 18
    counted = {
        back: {
            sample["metric"]["decision"]: float(sample["value"][1])
            for sample in story.stack.query(DECISIONS, at - back)
        }
        for back in (11, 1)
    }
    truth = {name: counted[1][name] - counted[11][name] for name in counted[1]}
    assert sum(truth.values()) > 9 * RATE
    # Ten scrapes show what came in the nine seconds between the first and the last.
    seen = 0.9 * sum(truth.values())
    name = 'signal:credit_applications:increase10s{signal="decision"}'
    assert story.value(name, at) == pytest.approx(seen, rel=0.05)
    name = 'signal_category:credit_applications:ratio10s{signal="decision"}'
    for share in story.stack.query(name, at):
        expected = truth[share["metric"]["category"]] / sum(truth.values())
        assert float(share["value"][1]) == pytest.approx(expected, abs=0.03)


def test_everything_that_fired_was_delivered(story):
    check_delivery(story.stack, story.done.suppressed)


def test_no_rule_failed(story):
    assert story.value("sum(prometheus_rule_evaluation_failures_total)") == 0
