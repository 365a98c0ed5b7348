import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver import create_app
from webhook_receiver.alerts import InvalidNotification
from webhook_receiver.history import History
from webhook_receiver.metrics import ReceiverMetrics
from webhook_receiver.receiver import Receiver
from webhook_receiver.watchdog import Watchdog

START = datetime(2026, 11, 22, 11, 0, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=60)


class Clock:
    """The clock on the wall, which can be set, and the seconds that really pass."""

    def __init__(self):
        self.now = START
        self.seconds = 1_000.0

    def __call__(self):
        return self.now

    def monotonic(self):
        return self.seconds

    def forward(self, seconds):
        self.seconds += seconds
        self.step(seconds)

    def step(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver(history, tmp_path, registry, clock):
    return Receiver(history, tmp_path / "token", ReceiverMetrics(registry), clock)


@pytest.fixture
def watchdog(receiver, clock):
    return Watchdog(receiver, PATIENCE, clock.monotonic)


@pytest.fixture
def arrival(alert, notification):
    labels = {"alertname": "Watchdog", "severity": "info"}
    return json.dumps(notification(alert(labels=labels))).encode()


def told(history):
    return [(a["alertname"], a["status"]) for a in history.newest(10)]


def test_a_watchdog_that_never_comes_is_missed_once_patience_is_over(
    watchdog, history, clock
):
    clock.forward(60)
    watchdog.look()
    assert told(history) == []
    clock.forward(1)
    watchdog.look()
    assert told(history) == [("WatchdogSilent", "firing")]


def test_a_watchdog_that_keeps_coming_is_not_missed(watchdog, history, clock, arrival):
    for _ in range(10):
        clock.forward(30)
        watchdog.look()
        watchdog.receive(arrival)
    assert told(history) == []


def test_its_silence_is_told_once_and_its_return_resolves_it(
    watchdog, history, clock, arrival
):
    watchdog.receive(arrival)
    for _ in range(100):
        clock.forward(1)
        watchdog.look()
    assert told(history) == [("WatchdogSilent", "firing")]
    watchdog.receive(arrival)
    [kept] = history.newest(10)
    assert kept["status"] == "resolved"
    assert kept["starts_at"] == (START + timedelta(seconds=61)).isoformat(
        timespec="microseconds"
    )
    assert kept["annotations"]["description"] == "No watchdog has come for 61 s."


def test_its_silence_and_its_return_are_logged_in_words_of_their_own(
    watchdog, clock, arrival, log
):
    clock.forward(75)
    watchdog.look()
    clock.forward(1000)
    watchdog.receive(arrival)
    lines = [(line["status"], line["annotations"]["description"]) for line in log()]
    assert lines == [
        ("firing", "No watchdog has come for 75 s."),
        ("resolved", "The watchdog is back."),
    ]


@pytest.mark.parametrize("hour", [3600, -3600])
def test_a_clock_that_is_set_makes_no_silence_and_hides_none(
    watchdog, history, clock, arrival, hour
):
    watchdog.receive(arrival)
    clock.step(hour)
    clock.forward(60)
    watchdog.look()
    assert told(history) == []
    clock.forward(1)
    watchdog.look()
    [kept] = history.newest(10)
    assert kept["alertname"] == "WatchdogSilent"
    assert datetime.fromisoformat(kept["starts_at"]) == clock()


def test_each_silence_is_an_alert_of_its_own(watchdog, history, clock, arrival):
    for _ in range(2):
        clock.forward(61)
        watchdog.look()
        watchdog.receive(arrival)
    assert told(history) == [("WatchdogSilent", "resolved")] * 2


def test_a_silence_that_was_told_before_a_restart_ends_after_it(
    watchdog, receiver, history, clock, arrival
):
    clock.forward(61)
    watchdog.look()
    restarted = Watchdog(receiver, PATIENCE, clock.monotonic)
    clock.forward(1000)
    restarted.look()
    assert told(history) == [("WatchdogSilent", "firing")]
    restarted.receive(arrival)
    assert told(history) == [("WatchdogSilent", "resolved")]


def test_when_it_was_last_seen_is_exported(watchdog, registry, clock, arrival):
    name = "webhook_receiver_watchdog_timestamp_seconds"
    assert registry.get_sample_value(name) == 0
    clock.forward(5)
    watchdog.receive(arrival)
    assert registry.get_sample_value(name) == START.timestamp() + 5


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"alertname": "CreditDecisionDrift"}},
        {
            "labels": {"alertname": "Watchdog"},
            "status": "resolved",
            "endsAt": "2026-11-22T11:02:24.916Z",
        },
    ],
)
def test_what_is_no_watchdog_that_fires_is_refused(
    watchdog, history, clock, alert, notification, changes
):
    body = json.dumps(notification(alert(**changes))).encode()
    with pytest.raises(InvalidNotification, match="alerts must hold Watchdog, firing"):
        watchdog.receive(body)
    clock.forward(61)
    watchdog.look()
    assert told(history) == [("WatchdogSilent", "firing")]


class BrokenHistory(History):
    """A history whose disk is full for a while."""

    broken = True

    def add(self, alerts, received_at):
        if self.broken:
            raise sqlite3.OperationalError("database or disk is full")
        return super().add(alerts, received_at)


def test_a_silence_that_cannot_be_stored_is_told_as_soon_as_it_can(
    tmp_path, registry, clock
):
    history = BrokenHistory(tmp_path / "alerts.sqlite")
    receiver = Receiver(history, tmp_path / "token", ReceiverMetrics(registry), clock)
    watchdog = Watchdog(receiver, PATIENCE, clock.monotonic)
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        clock.forward(61)
        history.broken = len(looks) < 3
        if len(looks) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        watchdog.keep_looking(sleep)
    assert told(history) == [("WatchdogSilent", "firing")]
    history.close()


def test_the_watchdog_arrives_by_http_with_the_token_and_is_not_kept(
    history, tmp_path, registry, arrival
):
    (tmp_path / "token").write_text("secret")
    client = create_app(history, tmp_path / "token", registry).test_client()
    assert client.post("/watchdog", data=arrival).status_code == 401
    token = {"Authorization": "Bearer secret"}
    assert client.post("/watchdog", data=b"{}", headers=token).status_code == 400
    assert client.post("/watchdog", data=arrival, headers=token).status_code == 204
    assert told(history) == []
