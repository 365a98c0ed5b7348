"""Whenever the receiver is killed: no alert is lost, and none is told twice.

The same with a thousand kills, and with Alertmanager: benchmarks/killpoints.
"""

import os
import random
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from prometheus_client import CollectorRegistry
from webhook_receiver import create_app
from webhook_receiver.alerts import parse
from webhook_receiver.history import History

from benchmarks.killpoints.kept import kept
from benchmarks.killpoints.receiving import interrupted
from benchmarks.killpoints.stream import ALERTNAME, Stream
from stack.ports import HOST, free_port
from stack.process import Process, local

NOW = datetime(2026, 11, 22, 11, 0, 41, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def test_a_stream_survives_any_number_of_kills(tmp_path):
    outcome = interrupted(tmp_path / "killed", kills=60, seed=6)
    assert outcome.kills == 60
    assert outcome.notifications >= 10
    # In the history exactly once, and never a part of a notification.
    assert outcome.missing == outcome.twice == outcome.invented == 0
    assert outcome.halves == outcome.set_aside == 0
    # In the log at least once.
    assert outcome.lines_missing == 0


@pytest.fixture
def start(tmp_path):
    """Starts the real server; what still runs is killed in the end."""
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


def test_the_server_keeps_what_it_answered_whenever_it_is_killed(start, tmp_path):
    chance = random.Random(6)
    stream = Stream(chance)

    def send(url):
        headers = {"Authorization": "Bearer secret"}
        sent = local().post(url, data=stream.body(), headers=headers, timeout=5)
        assert sent.status_code == 204
        stream.answer()

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
    assert stream.answered > 10
    assert kept(tmp_path / "alerts.sqlite", ALERTNAME) == dict.fromkeys(stream.told, 1)


def test_what_was_stored_and_not_logged_is_logged_at_the_next_start(
    tmp_path, alert, notification, log, registry
):
    alerts = parse(notification(alert(fingerprint="a"), alert(fingerprint="b")))
    killed = History(tmp_path / "alerts.sqlite")
    killed.add(alerts, NOW)
    killed.logged(alerts[:1])
    killed.close()
    history = History(tmp_path / "alerts.sqlite")
    create_app(history, tmp_path / "token", registry)
    [line] = log()
    assert (line["fingerprint"], line["status"]) == ("b", "firing")
    assert line["received_at"] == NOW.isoformat()
    create_app(history, tmp_path / "token", CollectorRegistry())
    assert len(log()) == 1
    history.close()


def test_what_ended_before_it_was_logged_is_logged_as_both(
    history, tmp_path, alert, resolved, notification, log, registry
):
    history.add(parse(notification(alert())), NOW)
    history.add(parse(notification(resolved())), NOW)
    create_app(history, tmp_path / "token", registry)
    assert sorted((a["status"], a["ends_at"] is None) for a in log()) == [
        ("firing", True),
        ("resolved", False),
    ]
