"""The clock of the analyzer and of the receiver steps by an hour, while they run.

A real step, of these processes alone (stack/faults/clock.py).
"""

import os
import sys
import time
from pathlib import Path

import pytest

from stack.faults.clock import ClockCannotBeSet, set_clock
from stack.ports import HOST, free_port
from stack.process import Process, local, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOUR = 3600
PATIENCE = 3
STEPS = pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
APPLICATION = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}
WATCHDOG = {
    "version": "4",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "MonitorWatchdog"},
            "annotations": {},
            "startsAt": "2026-11-22T11:00:39.916Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "",
            "fingerprint": "0123456789abcdef",
        }
    ],
}


@pytest.fixture
def start(tmp_path):
    """Starts a service: start(name, port, *arguments) is its process."""
    started = []

    def start(service, port, *arguments):
        command = [sys.executable, "-m", service.replace("-", "_"), *arguments]
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT / service}:{ROOT / 'model-monitor'}"
        }
        log = tmp_path / f"{service}.log"
        process = Process(service, [str(c) for c in command], log, environment)
        started.append(process)
        process.wait_until_ready(f"http://{HOST}:{port}/healthz")
        return process

    yield start
    for process in started:
        process.stop()


def step_clock(process, seconds):
    try:
        set_clock(process.pid, seconds)
    except ClockCannotBeSet as error:
        pytest.skip(str(error))


@STEPS
def test_the_analyzer_decides_and_counts_as_before(start, step):
    port, metrics_port = free_port(0), free_port(0)
    ports = ("--port", port, "--metrics-port", metrics_port)
    analyzer = start("credit-analyzer", port, *ports)

    def decide():
        url = f"http://{HOST}:{port}/api/v1/credit-analyzer/"
        return local().post(url, json=APPLICATION, timeout=5).json()

    def metrics():
        text = local().get(f"http://{HOST}:{metrics_port}/metrics", timeout=5).text
        lines = (line.rpartition(" ") for line in text.splitlines())
        return {name: float(value) for name, _, value in lines if name[:1] != "#"}

    before = decide()
    step_clock(analyzer, step)
    assert all(decide() == before for _ in range(9))
    counted = metrics()
    assert (
        counted[
            'credit_score_count{model="credit-approval-tree",model_version="1.0.0"}'
        ]
        == 10
    )
    [took] = [
        value
        for name, value in counted.items()
        if name.startswith("flask_http_request_duration_seconds_sum")
    ]
    # An answer takes no hour, and none that is negative.
    assert 0 < took < 5
    analyzer.check()


@pytest.fixture
def receiver(start, tmp_path):
    """A receiver that waits for the watchdog for three seconds."""
    port = free_port(0)
    token = tmp_path / "token"
    token.write_text("secret")
    process = start(
        "webhook-receiver",
        port,
        *("serve", "--port", port, "--history", tmp_path / "alerts.sqlite"),
        *("--token-file", token, "--watchdog-seconds", PATIENCE),
    )
    return process, f"http://{HOST}:{port}"


def notified(url):
    alerts = local().get(f"{url}/alerts", timeout=5).json()["alerts"]
    return [(alert["alertname"], alert["status"]) for alert in alerts]


def send_watchdog(url):
    header = {"Authorization": "Bearer secret"}
    answer = local().post(f"{url}/watchdog", json=WATCHDOG, headers=header, timeout=5)
    answer.raise_for_status()


@STEPS
def test_the_watchdog_is_missed_as_soon_as_before_and_no_sooner(receiver, step):
    process, url = receiver
    send_watchdog(url)
    sent = time.monotonic()
    step_clock(process, step)
    # The receiver looks every second.
    time.sleep(2)
    assert notified(url) == []
    wait_until(
        lambda: notified(url) == [("WatchdogSilent", "firing")], "WatchdogSilent"
    )
    assert PATIENCE < time.monotonic() - sent < PATIENCE + 3
    send_watchdog(url)
    assert notified(url) == [("WatchdogSilent", "resolved")]
