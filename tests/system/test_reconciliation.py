"""The history against the real Prometheus and Alertmanager, when they fall apart.

Prometheus sends what fires every second here, so that Alertmanager ends after four
seconds what it does not hear of any more; by default that takes minutes.
"""

import json
import os
import re
import shutil
import sys
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack.faults.partition import FaultyLink
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until
from tests.serving import serving

pytestmark = pytest.mark.end_to_end

RECEIVER = Path(__file__).parents[2] / "webhook-receiver"
PROMETHEUS_YML = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: model
    static_configs: [{{targets: ["{model}"]}}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
"""
RULES_YML = """\
groups:
  - name: drift
    rules:
      - alert: Drift
        expr: sum by (signal) (drifting) > 0
        labels: {severity: warning}
        annotations: {summary: "It drifts by {{ $value }}."}
"""
ALERTMANAGER_YML = """\
route:
  receiver: webhook-receiver
  group_by: [signal]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: webhook-receiver
    webhook_configs:
      - url: http://{receiver}/notifications
        http_config: {{authorization: {{credentials: secret}}}}
"""


class Model:
    """Exports how much each signal drifts; a context manager."""

    def __init__(self):
        self.drifting = {}
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                for signal, value in model.drifting.items():
                    line = f'drifting{{signal="{signal}"}} {value}\n'
                    self.wfile.write(line.encode())

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.address = f"{HOST}:{self._server.server_port}"
        self._serving = serving(self._server)

    def __enter__(self):
        self._serving.__enter__()
        return self

    def __exit__(self, *failure):
        self._serving.__exit__(*failure)


class Line:
    """A model, Prometheus, a cable to Alertmanager, and the receiver."""

    def __init__(self, folder, binaries, model, stack):
        self.folder, self._binaries, self.model = folder, binaries, model
        self._stack = stack
        self.receiver, self.alertmanager = (f"{HOST}:{free_port(0)}" for _ in "ab")
        port = int(self.alertmanager.rpartition(":")[2])
        self.cable = stack.enter_context(FaultyLink(port))
        self.processes = {}

    def start_receiver(self, reconcile_seconds):
        token = self.folder / "token"
        token.touch(0o600)
        token.write_text("secret")
        self._start(
            "receiver",
            f"http://{self.receiver}/healthz",
            *(sys.executable, "-m", "webhook_receiver", "serve"),
            *("--port", self.receiver.rpartition(":")[2]),
            *("--history", self.folder / "alerts.sqlite"),
            *("--token-file", token, "--alertmanager", f"http://{self.alertmanager}"),
            *("--reconcile-seconds", reconcile_seconds, "--resend-seconds", 5),
            *("--watchdog-seconds", 3600),
        )

    def start_alertmanager(self):
        config = self.folder / "alertmanager.yml"
        config.write_text(ALERTMANAGER_YML.format(receiver=self.receiver))
        self._start(
            "alertmanager",
            f"http://{self.alertmanager}/-/ready",
            self._binaries / "alertmanager",
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager'}",
            f"--web.listen-address={self.alertmanager}",
            "--cluster.listen-address=",
            "--data.maintenance-interval=1s",
        )

    def start_prometheus(self, name="prometheus"):
        address = f"{HOST}:{free_port(0)}"
        config, rules = (self.folder / f"{name}{end}" for end in (".yml", ".rules.yml"))
        rules.write_text(RULES_YML)
        text = PROMETHEUS_YML.format(
            rules=rules,
            model=self.model.address,
            alertmanager=f"{HOST}:{self.cable.port}",
        )
        config.write_text(text)
        self._start(
            name,
            f"http://{address}/-/ready",
            self._binaries / "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.folder / name}",
            f"--web.listen-address={address}",
            "--rules.alert.resend-delay=1s",
        )

    def stop(self, name):
        self.processes[name].stop()

    def up(self):
        """Whether the receiver could ask Alertmanager, as its metric says."""
        text = local().get(f"http://{self.receiver}/metrics", timeout=5).text
        name = "webhook_receiver_alertmanager_up"
        [value] = re.findall(rf"^{name}{{.*}} (.*)$", text, re.MULTILINE)
        return float(value)

    def page(self):
        return local().get(f"http://{self.receiver}/", timeout=5).text

    def _start(self, name, ready, *command):
        environment = os.environ | {"PYTHONPATH": str(RECEIVER), "NO_PROXY": "*"}
        words, log = [str(word) for word in command], self.folder / f"{name}.log"
        process = self.processes[name] = Process(name, words, log, environment)
        self._stack.callback(process.stop)
        process.wait_until_ready(ready)


class Signal:
    """A signal of the model, and what became of its alert."""

    def __init__(self, line, name):
        self.line, self.name = line, name

    def drift(self, value):
        self.line.model.drifting[self.name] = value

    def known(self):
        """Its alert, as Alertmanager lists it."""
        url = f"http://{self.line.alertmanager}/api/v2/alerts"
        alerts = local().get(url, timeout=5).json()
        return [each for each in alerts if each["labels"]["signal"] == self.name]

    def history(self):
        """Its events in the history, newest first."""
        url = f"http://{self.line.receiver}/alerts"
        events = local().get(url, timeout=5).json()["alerts"]
        return [each for each in events if each["labels"]["signal"] == self.name]

    def statuses(self):
        return [event["status"] for event in self.history()]

    def wait_for(self, *statuses):
        wait_until(lambda: self.statuses() == [*statuses], f"{statuses}", 60)

    def changes(self):
        """The changes that the receiver logged."""
        lines = (self.line.folder / "receiver.log").read_text().splitlines()
        return [
            line["change"]
            for line in map(json.loads, lines)
            if line["event"] == "alert" and line["labels"]["signal"] == self.name
        ]

    def silence(self):
        now = datetime.now(UTC)
        body = {
            "matchers": [{"name": "signal", "value": self.name, "isRegex": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "test",
            "comment": "maintenance",
        }
        url = f"http://{self.line.alertmanager}/api/v2/silences"
        local().post(url, json=body, timeout=5).raise_for_status()


@contextmanager
def running(folder, binaries, reconcile_seconds):
    with ExitStack() as stack:
        line = Line(folder, binaries, stack.enter_context(Model()), stack)
        line.start_receiver(reconcile_seconds)
        line.start_alertmanager()
        line.start_prometheus()
        yield line


@pytest.fixture(scope="module")
def silent(tmp_path_factory, monitoring_binaries):
    """A line whose receiver only asks if a notification contradicts its history."""
    folder = tmp_path_factory.mktemp("silent")
    with running(folder, monitoring_binaries, reconcile_seconds=600) as line:
        yield line


@pytest.fixture(scope="module")
def asking(tmp_path_factory, monitoring_binaries):
    """A line whose receiver asks Alertmanager every second."""
    folder = tmp_path_factory.mktemp("asking")
    with running(folder, monitoring_binaries, reconcile_seconds=1) as line:
        yield line


def test_an_alert_fires_again_after_the_link_to_alertmanager_was_cut(silent):
    signal = Signal(silent, "cut")
    signal.drift(1)
    signal.wait_for("firing")
    silent.cable.cut()
    signal.wait_for("resolved")
    assert signal.known() == []
    silent.cable.mend()
    signal.wait_for("firing")
    [event] = signal.history()
    assert event["reopened"] == 1
    assert signal.changes() == ["fired", "resolved", "reopened"]
    signal.drift(0)
    signal.wait_for("resolved")


def test_an_alert_fires_again_after_prometheus_was_stopped(silent):
    signal = Signal(silent, "stopped")
    signal.drift(1)
    signal.wait_for("firing")
    silent.stop("prometheus")
    signal.wait_for("resolved")
    silent.start_prometheus()
    wait_until(lambda: "firing" in signal.statuses(), "the alert to fire again", 60)
    assert len(signal.known()) == signal.statuses().count("firing") == 1
    signal.drift(0)
    wait_until(lambda: "firing" not in signal.statuses(), "the alert to end", 60)


def test_an_alert_that_ends_during_a_silence_ends(asking):
    signal = Signal(asking, "ends_silenced")
    signal.drift(1)
    signal.wait_for("firing")
    signal.silence()
    wait_until(lambda: signal.history()[0]["suppressed"] == "silenced", "the silence")
    signal.drift(0)
    signal.wait_for("resolved")
    [event] = signal.history()
    assert event["resolved_received_at"] is None
    assert signal.changes() == ["fired", "ended, not notified"]


def test_an_alert_that_begins_during_a_silence_is_added(asking):
    signal = Signal(asking, "begins_silenced")
    signal.silence()
    signal.drift(1)
    signal.wait_for("firing")
    [event] = signal.history()
    assert event["suppressed"] == "silenced"
    assert signal.changes() == ["added, not notified"]


def test_the_newest_texts_come_with_each_asking(asking):
    signal = Signal(asking, "texts")
    signal.drift(1)
    signal.wait_for("firing")
    signal.drift(5)

    def texts():
        [event] = signal.history()
        names = ("first_annotations", "annotations")
        return [event[name]["summary"] for name in names]

    expected = ["It drifts by 1.", "It drifts by 5."]
    wait_until(lambda: texts() == expected, "the newest text")
    assert signal.changes() == ["fired"]


def test_an_alert_outlives_an_alertmanager_that_forgets_it(asking):
    signal = Signal(asking, "forgotten")
    signal.drift(1)
    signal.wait_for("firing")
    asking.stop("alertmanager")
    wait_until(lambda: asking.up() == 0, "Alertmanager to be missed")
    assert "does not answer" in asking.page()
    shutil.rmtree(asking.folder / "alertmanager")
    asking.start_alertmanager()
    wait_until(lambda: asking.up() == 1, "Alertmanager to be asked again")
    assert "does not answer" not in asking.page()
    wait_until(signal.known, "Alertmanager to know it again")
    signal.drift(0)
    signal.wait_for("resolved")
    assert signal.changes() == ["fired", "resolved"]


def test_an_alert_of_two_prometheus_servers_is_one_event(asking):
    signal = Signal(asking, "pair")
    signal.drift(1)
    signal.wait_for("firing")
    [first], [sent_by] = signal.history(), signal.known()
    asking.start_prometheus("second")
    wait_until(
        lambda: sent_by["generatorURL"] != signal.known()[0]["generatorURL"],
        "the second to send it too",
    )
    # It goes on as an alert of the second alone, longer than without either.
    asking.stop("prometheus")
    later = datetime.now(UTC) + timedelta(seconds=6)
    wait_until(lambda: datetime.now(UTC) > later, "the first to be forgotten")
    assert signal.statuses() == ["firing"]
    signal.drift(0)
    signal.wait_for("resolved")
    assert signal.history()[0]["starts_at"] == first["starts_at"]
    assert signal.changes() == ["fired", "resolved"]
