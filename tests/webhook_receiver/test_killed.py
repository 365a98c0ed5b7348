"""Whenever the receiver is killed: no alert is lost, and none is stored twice.

The same with a thousand kills: benchmarks/resilience/killpoints.py.
"""

import logging
import os
import random
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from prometheus_client import CollectorRegistry
from webhook_receiver.app import create_app
from webhook_receiver.store.history import History

from stack.ports import HOST, free_port
from stack.process import Process, local

from .killpoints.history_reader import stored
from .killpoints.receiving import interrupted
from .killpoints.stream import ALERTNAME, Stream

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def test_a_stream_survives_any_number_of_kills(tmp_path):
    outcome = interrupted(tmp_path / "killed", kills=60, seed=6)
    assert outcome.kills == 60
    assert outcome.notifications >= 10
    # In the history exactly once, and never half a notification.
    assert outcome.missing == outcome.twice == outcome.invented == 0
    assert outcome.halves == outcome.set_aside == 0
    # In the log at least once.
    assert outcome.lines_missing == 0


@pytest.fixture
def start(tmp_path):
    """Starts the real server; at the end every one that runs is killed."""
    port = free_port(0)
    (tmp_path / "token").write_text("secret")
    processes = []

    def start():
        process = Process(
            "receiver",
            [
                *(sys.executable, "-m", "webhook_receiver", "serve"),
                *("--port", str(port), "--token-file", tmp_path / "token"),
                *("--history", tmp_path / "alerts.sqlite"),
            ],
            tmp_path / "log",
            os.environ | {"PYTHONPATH": str(ROOT / "webhook-receiver")},
        )
        processes.append(process)
        process.wait_until_ready(f"http://{HOST}:{port}/healthz")
        return process, f"http://{HOST}:{port}/notifications"

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()


def test_the_server_has_stored_what_it_acknowledged_whenever_it_is_killed(
    start, tmp_path
):
    chance = random.Random(6)
    stream = Stream(chance)

    def send(url):
        headers = {"Authorization": "Bearer secret"}
        sent = local().post(url, data=stream.body(), headers=headers, timeout=5)
        assert sent.status_code == 204
        stream.acknowledge()

    def send_on(url):
        while True:
            send(url)

    for _ in range(3):
        process, url = start()
        killer = threading.Timer(chance.uniform(0.1, 0.4), process.kill)
        killer.start()
        with pytest.raises(requests.ConnectionError):
            send_on(url)
        killer.join()
    _, url = start()
    send(url)
    assert stream.notifications > 10
    assert stored(tmp_path / "alerts.sqlite", ALERTNAME) == dict.fromkeys(
        stream.acknowledged, 1
    )


def test_an_alert_that_was_stored_and_not_logged_is_logged_at_the_next_start(
    tmp_path, received, alert, log, registry
):
    killed = History(tmp_path / "alerts.sqlite")
    alerts = received(alert(fingerprint="a"), alert(fingerprint="b"))
    entries = killed.record(alerts, NOW)
    killed.mark_logged(entries[:1])
    killed.close()
    history = History(tmp_path / "alerts.sqlite")
    create_app(history, tmp_path / "token", registry)
    [line] = log()
    assert (line["fingerprint"], line["status"]) == ("b", "firing")
    assert line["received_at"] == NOW.isoformat()
    create_app(history, tmp_path / "token", CollectorRegistry())
    assert len(log()) == 1
    history.close()


def test_an_alert_that_ended_before_it_was_logged_has_both_lines_in_their_order(
    history, tmp_path, received, alert, resolved, log, registry
):
    history.record(received(alert()), NOW)
    history.record(received(resolved()), NOW)
    create_app(history, tmp_path / "token", registry)
    assert [(line["status"], line["ends_at"] is None) for line in log()] == [
        ("firing", True),
        ("resolved", False),
    ]


class Killed(BaseException):
    """The process ends here."""


def test_a_kill_after_the_line_was_logged_repeats_it_byte_for_byte(
    history, tmp_path, notification, alert, registry, caplog, monkeypatch
):
    caplog.set_level(logging.INFO, "webhook_receiver")
    (tmp_path / "token").write_text("secret")
    client = create_app(history, tmp_path / "token", registry).test_client()

    def kill(entries):
        raise Killed

    headers, body = {"Authorization": "Bearer secret"}, notification(alert())
    with monkeypatch.context() as patch:
        patch.setattr(history, "mark_logged", kill)
        with pytest.raises(Killed):
            client.post("/notifications", json=body, headers=headers)
    create_app(history, tmp_path / "token", CollectorRegistry())
    first, second = (record.message for record in caplog.records)
    assert first == second
