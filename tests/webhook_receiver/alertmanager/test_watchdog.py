import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.alertmanager.watchdog import Watchdog
from webhook_receiver.alerts import InvalidPayload
from webhook_receiver.app import create_app
from webhook_receiver.metrics import ReceiverMetrics
from webhook_receiver.receiver import Receiver
from webhook_receiver.store.history import History

START = datetime(2026, 11, 22, 11, 0, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=60)


class Clock:
    """The clock on the wall, which can be set, and one that cannot."""

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
    labels = {"alertname": "MonitorWatchdog", "severity": "info"}
    return json.dumps(notification(alert(labels=labels))).encode()


def stored(history):
    return [(a["alertname"], a["status"]) for a in history.newest(10)]


def test_a_watchdog_that_never_arrives_is_missed_after_the_patience(
    watchdog, history, clock
):
    clock.forward(60)
    watchdog.check()
    assert stored(history) == []
    clock.forward(1)
    watchdog.check()
    assert stored(history) == [("WatchdogSilent", "firing")]


def test_a_watchdog_that_keeps_arriving_is_not_missed(
    watchdog, history, clock, arrival
):
    for _ in range(10):
        clock.forward(30)
        watchdog.check()
        watchdog.receive(arrival)
    assert stored(history) == []


def test_its_silence_is_one_alert_that_its_return_resolves(
    watchdog, history, clock, arrival
):
    watchdog.receive(arrival)
    for _ in range(100):
        clock.forward(1)
        watchdog.check()
    assert stored(history) == [("WatchdogSilent", "firing")]
    watchdog.receive(arrival)
    [silence] = history.newest(10)
    assert silence["status"] == "resolved"
    assert silence["starts_at"] == (START + timedelta(seconds=61)).isoformat(
        timespec="microseconds"
    )
    said = [silence[words] for words in ("first_annotations", "annotations")]
    assert [words["description"] for words in said] == [
        "No watchdog has come for 61 s.",
        "The watchdog is back.",
    ]


def test_its_silence_and_its_return_are_logged_with_their_own_texts(
    watchdog, clock, arrival, log
):
    clock.forward(75)
    watchdog.check()
    clock.forward(1000)
    watchdog.receive(arrival)
    lines = [(line["status"], line["annotations"]["description"]) for line in log()]
    assert lines == [
        ("firing", "No watchdog has come for 75 s."),
        ("resolved", "The watchdog is back."),
    ]


@pytest.mark.parametrize("hour", [3600, -3600])
def test_setting_the_clock_neither_makes_nor_hides_a_silence(
    watchdog, history, clock, arrival, hour
):
    watchdog.receive(arrival)
    clock.step(hour)
    clock.forward(60)
    watchdog.check()
    assert stored(history) == []
    clock.forward(1)
    watchdog.check()
    [silence] = history.newest(10)
    assert silence["alertname"] == "WatchdogSilent"
    assert datetime.fromisoformat(silence["starts_at"]) == clock()


def test_a_silence_after_the_clock_was_set_back_is_not_lost(
    watchdog, history, clock, arrival
):
    clock.forward(61)
    watchdog.check()
    watchdog.receive(arrival)
    clock.step(-3600)
    clock.forward(61)
    watchdog.check()
    # It begins before the first one ended, by the clock.
    assert stored(history) == [("WatchdogSilent", "firing")]
    watchdog.receive(arrival)
    assert stored(history) == [("WatchdogSilent", "resolved")]


def test_each_silence_is_an_alert_of_its_own(watchdog, history, clock, arrival):
    for _ in range(2):
        clock.forward(61)
        watchdog.check()
        watchdog.receive(arrival)
    assert stored(history) == [("WatchdogSilent", "resolved")] * 2


def test_a_silence_that_began_before_a_restart_ends_after_it(
    watchdog, receiver, history, clock, arrival
):
    clock.forward(61)
    watchdog.check()
    restarted = Watchdog(receiver, PATIENCE, clock.monotonic)
    clock.forward(1000)
    restarted.check()
    assert stored(history) == [("WatchdogSilent", "firing")]
    restarted.receive(arrival)
    assert stored(history) == [("WatchdogSilent", "resolved")]


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
            "labels": {"alertname": "MonitorWatchdog"},
            "status": "resolved",
            "endsAt": "2026-11-22T11:02:24.916Z",
        },
    ],
)
def test_a_notification_without_a_firing_watchdog_is_refused(
    watchdog, history, clock, alert, notification, changes
):
    body = json.dumps(notification(alert(**changes))).encode()
    with pytest.raises(InvalidPayload, match="hold MonitorWatchdog, firing"):
        watchdog.receive(body)
    clock.forward(61)
    watchdog.check()
    assert stored(history) == [("WatchdogSilent", "firing")]


class BrokenHistory(History):
    """A history whose disk is full for a while."""

    broken = True

    def record(self, alerts, received_at, fires=None):
        if self.broken:
            raise sqlite3.OperationalError("database or disk is full")
        return super().record(alerts, received_at, fires)


def test_a_silence_that_cannot_be_stored_is_stored_later(tmp_path, registry, clock):
    history = BrokenHistory(tmp_path / "alerts.sqlite")
    receiver = Receiver(history, tmp_path / "token", ReceiverMetrics(registry), clock)
    watchdog = Watchdog(receiver, PATIENCE, clock.monotonic)
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        clock.forward(61)
        history.broken = len(pauses) < 3
        if len(pauses) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        watchdog.run_forever(sleep)
    assert stored(history) == [("WatchdogSilent", "firing")]
    history.close()


def test_the_watchdog_arrives_by_http_with_the_token_and_is_not_stored(
    history, tmp_path, registry, arrival
):
    (tmp_path / "token").write_text("secret")
    client = create_app(history, tmp_path / "token", registry).test_client()
    assert client.post("/watchdog", data=arrival).status_code == 401
    token = {"Authorization": "Bearer secret"}
    assert client.post("/watchdog", data=b"{}", headers=token).status_code == 400
    assert client.post("/watchdog", data=arrival, headers=token).status_code == 204
    assert stored(history) == []
