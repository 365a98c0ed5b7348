"""The token is replaced under the real Alertmanager and a running receiver."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from stack import configuration
from stack.ports import free_port
from stack.process import Process, wait_until

pytestmark = pytest.mark.end_to_end

RECEIVER = Path(__file__).parents[2] / "webhook-receiver"
UNAUTHORIZED = 'webhook_receiver_notifications_total{outcome="unauthorized"} '


@contextmanager
def running(name, log, ready, *command):
    environment = os.environ | {"PYTHONPATH": str(RECEIVER), "NO_PROXY": "*"}
    process = Process(name, [str(word) for word in command], log, environment)
    try:
        process.wait_until_ready(ready)
        yield
    finally:
        process.stop()


class Line:
    """Alertmanager, the receiver, and the file that each has its token in."""

    def __init__(self, folder):
        self.known, self.shown = folder / "known", folder / "shown"
        self.receiver = f"127.0.0.1:{free_port(0)}"
        self.alertmanager = f"127.0.0.1:{free_port(0)}"

    def raise_alert(self, name):
        alert = {"labels": {"alertname": name, "severity": "info"}}
        url = f"http://{self.alertmanager}/api/v2/alerts"
        requests.post(url, json=[alert], timeout=5).raise_for_status()

    def arrived(self):
        url = f"http://{self.receiver}/alerts"
        alerts = requests.get(url, timeout=5).json()["alerts"]
        return [alert["alertname"] for alert in reversed(alerts)]

    def refused(self):
        text = requests.get(f"http://{self.receiver}/metrics", timeout=5).text
        return float(text.split(UNAUTHORIZED)[1].split("\n")[0])

    def arrives(self, name):
        self.raise_alert(name)
        wait_until(lambda: name in self.arrived(), f"{name} to arrive")


@pytest.fixture
def line(tmp_path, monitoring_binaries):
    line = Line(tmp_path)
    line.known.write_text("first")
    line.shown.write_text("first")
    text = configuration.alertmanager(line.receiver, line.shown)
    config = tmp_path / "alertmanager.yml"
    config.write_text(text.replace("group_interval: 5s", "group_interval: 1s"))
    receiver = running(
        *("webhook-receiver", tmp_path / "receiver.log"),
        f"http://{line.receiver}/healthz",
        *(sys.executable, "-m", "webhook_receiver", "serve"),
        *("--port", line.receiver.split(":")[1], "--token-file", line.known),
        *("--history", tmp_path / "alerts.sqlite"),
    )
    alertmanager = running(
        *("alertmanager", tmp_path / "alertmanager.log"),
        f"http://{line.alertmanager}/-/ready",
        *(monitoring_binaries / "alertmanager", f"--config.file={config}"),
        *(f"--storage.path={tmp_path}", "--cluster.listen-address="),
        f"--web.listen-address={line.alertmanager}",
    )
    with receiver, alertmanager:
        yield line


def test_a_token_is_replaced_in_three_steps_without_a_refusal(line):
    line.arrives("BeforeIt")
    line.known.write_text("first\nsecond")
    line.arrives("KnownHere")
    line.shown.write_text("second")
    line.arrives("ShownThere")
    line.known.write_text("second")
    line.arrives("OldOneGone")
    assert line.refused() == 0
    assert line.arrived() == ["BeforeIt", "KnownHere", "ShownThere", "OldOneGone"]


def test_what_is_refused_in_between_is_sent_again(line):
    line.known.write_text("second")
    line.raise_alert("InBetween")
    wait_until(lambda: line.refused() > 0, "a refusal")
    assert line.arrived() == []
    line.shown.write_text("second")
    wait_until(lambda: line.arrived() == ["InBetween"], "what was refused to arrive")
