"""What dies is started again, in the middle of a drift: one drift stays one alert.

At fifty applications a second, so that evidence comes within seconds. Everything is
killed as by a crash (SIGKILL), and the analyzer is cut off from Prometheus as well.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from report.timeline import NO_SIGNAL
from stack.faults.partition import FaultyLink
from stack.process import local, wait_until
from stack.scenario_run import FIRED_SECONDS, Run, Screen, run, undelivered
from stack.system import Stack

pytestmark = pytest.mark.end_to_end

RATE = 50
SECONDS = 66
DRIFT = SECONDS / 3
DECIDED = 'sum(model_cells_total{role="decision",kind="all"})'
COUNTED = "model:model_applications:increase"
STARTED = "signal_direction:model_drift:start_timestamp_seconds"
# For more seconds than Alertmanager waits (group_interval) and is away. What ends
# before, such as a direction that another takes the place of, it never notifies.
FIRED = f"{FIRED_SECONDS} > 10"
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
            self.cable = FaultyLink(int(reached.rpartition(":")[2]))
        return f"127.0.0.1:{self.cable.port}"


@dataclass
class Story:
    """The system, what was done to it and when, and what came of it."""

    stack: Stack
    folder: Path
    done: Run | None = None
    silence: str = ""
    at: dict[str, float] = field(default_factory=dict)
    started: dict[str, set] = field(default_factory=dict)

    def kill(self, name):
        self.stack.processes[name].kill()
        self.stack.start(name)
        self.at[name] = time.time()

    def kill_prometheus(self):
        wait_until(self.drifts, "an alert about the drift")
        self.started["before"] = self.starts()
        self.kill("prometheus")
        wait_until(self.is_evaluated, "the first evaluation after the kill")
        self.started["after"] = self.starts()

    def is_evaluated(self):
        """Whether the rules were evaluated since Prometheus was started again."""
        last = self.stack.query(f"timestamp({COUNTED})")
        return bool(last) and float(last[0]["value"][1]) > self.at["prometheus"]

    def starts(self):
        """Each direction that drifts, and since when."""
        return {
            (s["metric"]["signal"], s["metric"]["direction"], s["value"][1])
            for s in self.stack.query(
                f"{STARTED} and signal_direction:model_drift:active == 1"
            )
        }

    def kill_alertmanager(self):
        self.silence = silence(self.stack)
        # It writes its state to the disk every second.
        time.sleep(1.5)
        self.kill("alertmanager")

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
    """Whether Alertmanager was sent again what it forgot when it was killed.

    What ended in those seconds is ended in the history within three minutes
    (docs/receiver-history.md).
    """
    url = stack.url("alertmanager:9093") + "/api/v2/alerts"
    known = [alert["labels"] for alert in local().get(url, timeout=5).json()]
    return all(a["labels"] in known for a in stack.alerts() if not a["ends_at"])


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survival") / "system"
    arguments = ["--scenario", "default-income", "--seconds", str(SECONDS)]
    with Cuttable(folder) as stack, stack.cable:
        story = Story(stack, folder)
        story.done = run(
            stack,
            [*arguments, "--rate", str(RATE)],
            Screen(),
            incidents=[
                (1, stack.cable.cut),
                (6, lambda: story.kill("credit-analyzer")),
                (10, stack.cable.mend),
                (DRIFT + 1, story.kill_prometheus),
                (DRIFT + 24, story.kill_alertmanager),
                (DRIFT + 30, lambda: story.kill("credit-analyzer")),
            ],
            seconds_after=0,
        )
        wait_until(lambda: knows_again(stack), "Alertmanager and history to agree", 240)
        yield story
        stack.check()


def test_a_direction_of_a_drift_is_one_alert_whatever_is_killed(story):
    names = ("signal", "segment", "direction")
    events = Counter(
        (a["alertname"], a["severity"], *(a["labels"].get(n) for n in names))
        for a in story.drifts()
    )
    assert "monthly_income" in {signal for _, _, signal, _, _ in events}
    assert set(events.values()) == {1}


def test_there_is_an_alert_as_long_as_it_goes_on(story):
    """Another direction may take the place of one: an end is the next one's start."""
    inputs = [a for a in story.drifts() if a["alertname"] == "ModelInputDrift"]
    starts = {alert["starts_at"] for alert in inputs}
    assert {alert["ends_at"] for alert in inputs} - {None} <= starts
    assert None in {alert["ends_at"] for alert in inputs}


def test_it_is_logged_once(story):
    lines = (story.folder / "webhook-receiver.log").read_text().splitlines()
    logged = Counter(
        (line["alertname"], json.dumps(line["labels"], sort_keys=True), line["status"])
        for line in map(json.loads, lines)
        if line["event"] == "alert"
    )
    assert "ModelInputDrift" in {name for name, _, _ in logged}
    assert set(logged.values()) == {1}


def test_a_restart_causes_no_other_alert(story):
    fired = {a["alertname"] for a in story.stack.alerts() if a["severity"] != "info"}
    drifting = {a["alertname"] for a in story.drifts()}
    # The analyzer was started again twice within ten minutes.
    assert fired - drifting <= {"ModelServiceRestarting"}
    assert "ModelStuck" not in drifting
    assert "ModelSignalMissing" not in drifting


def test_what_was_decided_while_it_could_not_be_scraped_is_no_drift(story):
    # A burst when the cable is mended, some seconds before the drift begins.
    for row in story.done.rows:
        if row.signal != NO_SIGNAL:
            assert row.cause == "broken-form"


def test_a_killed_prometheus_knows_since_when_signals_drift(story):
    assert story.started["before"]
    assert story.started["before"] <= story.started["after"]


def test_after_the_kill_every_application_is_counted_once(story):
    """Of twenty evaluations after the kill, before the analyzer is killed."""
    end = story.at["alertmanager"] + 2
    counted = sum(
        float(value)
        for series in story.stack.query_range(COUNTED, end - 19, end, 1)
        for _, value in series["values"]
    )
    decided = story.value(DECIDED, end) - story.value(DECIDED, end - 20)
    # An evaluation sees the scrape before it.
    assert counted == pytest.approx(decided, abs=2 * RATE)


def test_a_silence_holds_over_a_kill_of_alertmanager(story):
    url = story.stack.url("alertmanager:9093") + f"/api/v2/silence/{story.silence}"
    assert local().get(url, timeout=5).json()["status"]["state"] == "active"


def test_everything_that_fired_was_delivered(story):
    assert undelivered(story.stack, FIRED) == []


def test_no_rule_failed(story):
    assert story.value("sum(prometheus_rule_evaluation_failures_total)") == 0
