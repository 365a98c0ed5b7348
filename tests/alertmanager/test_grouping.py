"""What Alertmanager notifies together, and when, with the shipped configuration."""

import json
import os
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stack import configuration
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until
from tests.serving import serving

pytestmark = pytest.mark.slow

MODEL = {"job": "j", "model": "m", "model_version": "1"}
DRIFT = MODEL | {"alertname": "ModelDecisionDrift", "signal": "decision"}
DENIED = DRIFT | {"direction": "DENIED", "severity": "critical"}
STUCK = DENIED | {"alertname": "ModelStuck"}
CHANGED = MODEL | {"alertname": "ModelBehaviourChanged", "severity": "critical"}
DOWN = {"alertname": "ModelServiceDown", "job": "j", "severity": "critical"}


@pytest.fixture
def notifications():
    """A receiver; the notifications that it was sent so far, and its address."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer((HOST, 0), Handler)) as server:
        yield received, f"{HOST}:{server.server_port}"


@pytest.fixture
def fire(monitoring_binaries, tmp_path, notifications):
    """Sends alerts to Alertmanager: fire(labels, ..., ended=True) ends them."""
    address = f"{HOST}:{free_port(0)}"
    config = tmp_path / "alertmanager.yml"
    token = tmp_path / "token"
    token.write_text("t")
    config.write_text(configuration.alertmanager(notifications[1], token))
    process = Process(
        "alertmanager",
        [
            str(monitoring_binaries / "alertmanager"),
            f"--config.file={config}",
            f"--storage.path={tmp_path / 'data'}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",
        ],
        tmp_path / "alertmanager.log",
        os.environ | {"NO_PROXY": HOST},
    )
    process.wait_until_ready(f"http://{address}/-/ready")

    def fire(*alerts, ended=False):
        now = datetime.now(UTC)
        start = (now - timedelta(minutes=1)).isoformat()
        end = {"endsAt": now.isoformat()} if ended else {}
        body = [{"labels": labels, "startsAt": start, **end} for labels in alerts]
        url = f"http://{address}/api/v2/alerts"
        local().post(url, json=body, timeout=5).raise_for_status()

    yield fire
    process.stop()


def labels_of(received, status="firing"):
    """The labels of the alerts with this status, of each notification."""
    return [
        [a["labels"] for a in one["alerts"] if a["status"] == status]
        for one in received
    ]


def test_directions_and_sites_are_notified_apart_and_replicas_together(
    fire, notifications
):
    received, _ = notifications
    approved = DENIED | {"direction": "APPROVED"}
    elsewhere = DENIED | {"cluster": "b"}
    replicas = [DOWN | {"instance": name} for name in "ab"]
    fire(DENIED, approved, elsewhere, *replicas)
    events = [[DENIED], [approved], [elsewhere], replicas]
    wait_until(lambda: all(e in labels_of(received) for e in events), "four events")
    # A notification may leave before the second replica is known.
    for together in labels_of(received):
        assert any(all(labels in event for labels in together) for event in events)


def test_the_end_of_an_alert_is_notified_whatever_else_fires(fire, notifications):
    received, _ = notifications
    fire(STUCK, DENIED, CHANGED, DOWN)
    wait_until(lambda: len(received) == 4, "four notifications")
    fire(DENIED, ended=True)
    wait_until(
        lambda: [DENIED] in labels_of(received, "resolved"), "the end of a drift"
    )


def test_a_drift_that_becomes_critical_is_one_notification_of_the_same_event(
    fire, notifications
):
    received, _ = notifications
    warning = DENIED | {"severity": "warning"}
    fire(warning)
    wait_until(lambda: len(received) == 1, "the warning")
    fire(warning, ended=True)
    fire(DENIED)
    wait_until(lambda: len(received) == 2, "the escalation")
    assert labels_of(received)[1] == [DENIED]
    assert labels_of(received, "resolved")[1] == [warning]
