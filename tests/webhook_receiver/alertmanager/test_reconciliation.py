"""The history against what Alertmanager lists: see docs/receiver-history.md."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from webhook_receiver.alertmanager.client import NotAnswered, Reply
from webhook_receiver.alertmanager.reconciliation import (
    RETRY_SECONDS,
    Alertmanagers,
    Reconciler,
)
from webhook_receiver.alertmanager.watchdog import Watchdog
from webhook_receiver.alerts import parse_list
from webhook_receiver.metrics import ReceiverMetrics
from webhook_receiver.receiver import Receiver

START = datetime(2026, 11, 22, 11, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL, PEER = "http://a:9093", "http://b:9093"


class Peer:
    """An Alertmanager that lists `alerts`, or does not answer if `error` is set."""

    def __init__(self, url):
        self.url = url
        self.alerts = []
        self.error = ""
        self.up_for = timedelta(hours=1)
        self.asked = 0

    def ask(self, seconds):
        self.asked += 1
        if self.error:
            raise NotAnswered(self.error)
        listed = parse_list(json.dumps(self.alerts).encode())
        return Reply({each.alert.fingerprint: each for each in listed}, self.up_for)


class Clock:
    """A clock that a test moves, and its monotonic seconds."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def monotonic(self):
        return (self.now - START).total_seconds()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def peers():
    return [Peer(URL)]


@pytest.fixture
def system(history, peers, registry, clock, tmp_path):
    """The receiver and its reconciler, with `peers` to ask."""

    class System:
        metrics = ReceiverMetrics(registry, [peer.url for peer in peers])
        alertmanagers = Alertmanagers(
            peers, metrics, clock, resend=MINUTE, monotonic=clock.monotonic
        )
        receiver = Receiver(
            history, tmp_path / "token", metrics, clock, alertmanagers.ask_quickly
        )
        reconciler = Reconciler(receiver, alertmanagers)

        def ask(self, times=1):
            """Asks every minute."""
            for _ in range(times):
                clock.now += MINUTE
                self.reconciler.reconcile()

    return System()


@pytest.fixture
def send(system, received):
    """Sends a notification to the receiver."""
    return lambda *alerts: system.receiver.store(received(*alerts))


@pytest.fixture
def states(history):
    """What the history has: each alert's status, newest first."""

    def states():
        return [alert["suppressed"] or alert["status"] for alert in history.newest(10)]

    return states


def changes(log):
    return [line["change"] for line in log() if line["event"] == "alert"]


def test_an_alert_that_alertmanager_knows_is_confirmed(
    system, peers, send, states, alert, listed, history, log, clock
):
    send(alert())
    peers[0].alerts = [listed(annotations={"summary": "It drifts more."})]
    system.ask(5)
    [stored] = history.newest(10)
    assert stored["annotations"] == {"summary": "It drifts more."}
    assert stored["first_annotations"]["description"] == "DENIED 85 %"
    assert datetime.fromisoformat(stored["heard_at"]) == clock.now
    assert changes(log) == ["fired"]


def test_an_end_that_is_not_notified_is_noticed_at_the_second_asking(
    system, send, states, alert, history, log, registry
):
    send(alert())
    system.ask()
    assert states() == ["firing"]
    missed_at = system.receiver.now()
    system.ask()
    assert states() == ["resolved"]
    [stored] = history.newest(10)
    assert datetime.fromisoformat(stored["ends_at"]) == missed_at
    assert stored["resolved_received_at"] is None
    system.ask(3)
    assert changes(log) == ["fired", "ended, not notified"]
    name = "webhook_receiver_reconciled_alerts_total"
    assert registry.get_sample_value(name) == 1


def test_the_end_that_is_notified_later_replaces_the_one_that_was_noticed(
    system, send, alert, resolved, history, log
):
    send(alert())
    system.ask(2)
    send(resolved())
    [stored] = history.newest(10)
    assert stored["ends_at"] == "2026-11-22T11:02:24.916000+00:00"
    assert stored["resolved_received_at"]
    assert changes(log) == ["fired", "ended, not notified"]


def test_one_asking_in_between_that_knows_the_alert_begins_the_count_again(
    system, peers, send, states, alert, listed
):
    send(alert())
    for alerts in ([], [listed()], []):
        peers[0].alerts = alerts
        system.ask()
    assert states() == ["firing"]
    system.ask()
    assert states() == ["resolved"]


def test_a_notification_between_two_askings_begins_the_count_again(
    system, send, states, alert
):
    send(alert())
    system.ask()
    send(alert())
    system.ask()
    assert states() == ["firing"]
    system.ask()
    assert states() == ["resolved"]


def test_a_retry_does_not_count_as_an_asking(system, send, states, alert, clock):
    send(alert())
    system.ask()
    clock.now += timedelta(seconds=RETRY_SECONDS)
    system.reconciler.reconcile(is_retry=True)
    assert states() == ["firing"]
    system.ask()
    assert states() == ["resolved"]


def test_an_alertmanager_that_has_just_started_ends_nothing(
    system, peers, send, states, alert
):
    send(alert())
    peers[0].up_for = 2 * MINUTE - timedelta(seconds=1)
    system.ask(3)
    assert states() == ["firing"]
    peers[0].up_for = 2 * MINUTE
    system.ask(2)
    assert states() == ["resolved"]


def test_nothing_ends_while_alertmanager_does_not_answer(
    system, peers, send, states, alert
):
    send(alert())
    system.ask()
    peers[0].error = "Connection refused"
    system.ask(3)
    assert states() == ["firing"]
    peers[0].error = ""
    system.ask()
    assert states() == ["firing"]
    system.ask()
    assert states() == ["resolved"]


class TestTwoPeers:
    @pytest.fixture
    def peers(self):
        return [Peer(URL), Peer(PEER)]

    @pytest.mark.parametrize("knows", [0, 1])
    def test_an_alert_that_one_peer_knows_fires(
        self, system, peers, send, states, alert, listed, knows
    ):
        send(alert())
        peers[knows].alerts = [listed()]
        system.ask(3)
        assert states() == ["firing"]
        peers[knows].alerts = []
        system.ask(2)
        assert states() == ["resolved"]

    @pytest.mark.parametrize("silent", [0, 1])
    @pytest.mark.parametrize(
        ("field", "value"), [("error", "no"), ("up_for", timedelta(seconds=5))]
    )
    def test_nothing_ends_unless_all_peers_know(
        self, system, peers, send, states, alert, silent, field, value
    ):
        send(alert())
        setattr(peers[silent], field, value)
        system.ask(3)
        assert states() == ["firing"]

    def test_an_alert_that_one_peer_knows_is_added_if_the_other_does_not_answer(
        self, system, peers, states, listed
    ):
        peers[0].error = "no"
        peers[1].alerts = [listed()]
        system.ask(2)
        assert states() == ["firing"]

    def test_a_late_firing_of_a_peer_is_followed_by_its_end(
        self, system, peers, send, states, alert, resolved, listed, log
    ):
        peers[1].alerts = [listed()]
        for body in (alert(), resolved(), alert()):
            send(body)
        assert states() == ["firing"]
        peers[1].alerts = []
        send(resolved())
        assert states() == ["resolved"]
        assert changes(log) == ["fired", "resolved", "reopened", "resolved"]


def test_an_alert_that_was_never_notified_is_added_at_the_second_asking(
    system, peers, states, listed, history, log
):
    peers[0].alerts = [listed()]
    system.ask()
    assert states() == []
    system.ask()
    [stored] = history.newest(10)
    assert (stored["status"], stored["firing_received_at"]) == ("firing", None)
    assert changes(log) == ["added, not notified"]


def test_a_notification_of_an_alert_that_was_added_is_not_logged_again(
    system, peers, send, alert, listed, history, log
):
    peers[0].alerts = [listed()]
    system.ask(2)
    send(alert())
    [stored] = history.newest(10)
    assert stored["firing_received_at"]
    assert changes(log) == ["added, not notified"]


@pytest.mark.parametrize(
    ("field", "state"), [("silencedBy", "silenced"), ("inhibitedBy", "inhibited")]
)
def test_a_suppressed_alert_is_shown_as_such_until_it_is_notified(
    system, peers, send, states, alert, listed, history, field, state
):
    suppressed = {"state": "suppressed", field: ["x"]}
    peers[0].alerts = [listed(status=suppressed)]
    system.ask(2)
    assert states() == [state]
    assert history.firing()["suppressed"] == 1
    send(alert())
    assert states() == ["firing"]
    system.ask()
    assert states() == [state]
    peers[0].alerts = []
    system.ask(2)
    assert states() == ["resolved"]


def test_an_alert_that_is_routed_to_others_is_not_added(system, peers, states, listed):
    peers[0].alerts = [listed(receivers=[{"name": "another-team"}])]
    system.ask(3)
    assert states() == []


def test_an_alert_of_ours_is_not_ended_because_its_route_changed(
    system, peers, send, states, alert, listed
):
    send(alert())
    peers[0].alerts = [listed(receivers=[{"name": "another-team"}])]
    system.ask(3)
    assert states() == ["firing"]


def test_an_alert_that_fires_although_it_ended_is_reopened_at_the_second_asking(
    system, peers, send, states, alert, resolved, listed, log
):
    send(alert())
    send(resolved())
    peers[0].alerts = [listed()]
    system.ask()
    assert states() == ["resolved"]
    system.ask()
    assert states() == ["firing"]
    assert changes(log) == ["fired", "resolved", "reopened"]


def test_an_end_between_two_askings_is_not_reopened(
    system, peers, send, states, alert, resolved, listed
):
    send(alert())
    send(resolved())
    peers[0].alerts = [listed()]
    system.ask()
    send(alert())
    send(resolved(endsAt="2026-11-22T11:03:00Z"))
    system.ask()
    assert states() == ["resolved"]


def test_an_alert_that_fires_anew_is_another_event(
    system, peers, send, states, alert, resolved, listed
):
    send(alert())
    send(resolved())
    peers[0].alerts = [listed(startsAt="2026-11-22T11:30:00.000Z")]
    system.ask(2)
    assert states() == ["firing", "resolved"]


def test_the_alert_of_the_receiver_itself_is_not_ended(system, clock, states):
    watchdog = Watchdog(system.receiver, MINUTE, clock.monotonic)
    clock.now += 2 * MINUTE
    watchdog.check()
    system.ask(3)
    assert states() == ["firing"]


class TestContradictions:
    """A firing notification of an event that has ended."""

    @pytest.fixture
    def ended(self, log, send, alert, resolved):
        send(alert())
        send(resolved())

    def test_it_is_a_late_retry_if_alertmanager_does_not_know_it(
        self, ended, send, states, alert, peers, log
    ):
        send(alert())
        assert states() == ["resolved"]
        assert peers[0].asked == 1
        # Since the fixture.
        assert changes(log) == []

    def test_it_fires_again_if_alertmanager_knows_it(
        self, ended, send, states, alert, listed, peers
    ):
        peers[0].alerts = [listed()]
        send(alert())
        assert states() == ["firing"]

    def test_it_fires_again_if_alertmanager_does_not_answer(
        self, ended, send, states, alert, peers
    ):
        peers[0].error = "no"
        send(alert())
        assert states() == ["firing"]

    def test_it_fires_again_if_alertmanager_has_just_started(
        self, ended, send, states, alert, peers
    ):
        peers[0].up_for = MINUTE
        send(alert())
        assert states() == ["firing"]

    def test_only_a_contradiction_is_asked_about(self, ended, send, alert, peers):
        send(alert(fingerprint="other"))
        send(alert(startsAt="2026-11-22T11:30:00Z"))
        assert peers[0].asked == 0

    def test_one_that_just_failed_is_not_asked_while_a_notification_waits(
        self, ended, send, alert, resolved, peers, clock
    ):
        peers[0].error = "no"
        send(alert())
        send(resolved(endsAt="2026-11-22T11:03:00Z"))
        send(alert())
        assert peers[0].asked == 1
        send(resolved(endsAt="2026-11-22T11:04:00Z"))
        clock.now += timedelta(seconds=RETRY_SECONDS)
        send(alert())
        assert peers[0].asked == 2


def up(registry, url=URL):
    return registry.get_sample_value(
        "webhook_receiver_alertmanager_up", {"alertmanager": url}
    )


def test_whether_alertmanager_answers_is_a_metric_and_logged_once(
    system, peers, registry, log, clock
):
    answered = "webhook_receiver_alertmanager_answered_timestamp_seconds"
    label = {"alertmanager": URL}
    assert (up(registry), registry.get_sample_value(answered, label)) == (0, 0)
    system.ask()
    last = clock.now.timestamp()
    assert (up(registry), registry.get_sample_value(answered, label)) == (1, last)
    peers[0].error = "Connection refused"
    system.ask(3)
    assert (up(registry), registry.get_sample_value(answered, label)) == (0, last)
    peers[0].error = ""
    system.ask(2)
    assert up(registry) == 1
    assert [(line["outcome"], line["detail"]) for line in log()] == [
        ("unreachable", "Connection refused"),
        ("reachable", ""),
    ]


def test_how_alertmanager_answered_is_known(system, peers, clock):
    [before] = system.alertmanagers.peers()
    assert (before.answered_at, before.error) == (None, "")
    system.ask()
    peers[0].error = "Connection refused"
    system.ask()
    [peer] = system.alertmanagers.peers()
    assert (peer.url, peer.error) == (URL, "Connection refused")
    assert peer.answered_at == clock.now - MINUTE


def test_a_history_that_cannot_be_written_is_reconciled_later(
    system, send, states, alert, history, log, monkeypatch
):
    def fail(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    send(alert())
    system.ask()
    with monkeypatch.context() as patch:
        patch.setattr(history, "reconcile", fail)
        system.ask()
    assert log()[-1]["outcome"] == "not reconciled"
    system.ask()
    assert states() == ["firing"]
    system.ask()
    assert states() == ["resolved"]


def test_it_asks_every_interval_and_sooner_without_an_answer(system, peers, clock):
    asked = []

    def sleep(seconds):
        clock.now += timedelta(seconds=seconds)
        asked.append((clock.monotonic(), peers[0].asked))
        peers[0].error = "no" if 60 <= clock.monotonic() < 80 else ""
        if clock.monotonic() > 125:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        system.reconciler.run_forever(sleep)
    times = [
        second - RETRY_SECONDS
        for (second, count), before in zip(
            asked, [0, *(count for _, count in asked)], strict=False
        )
        if count > before
    ]
    # At 60 it fails, and is retried until it answers at 80.
    assert times == [0, 60, 65, 70, 75, 80, 120]
