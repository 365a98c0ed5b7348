"""However the system is disturbed, the history comes to equal what Alertmanager knows.

Disturbances are chosen by Hypothesis, from those of `alertmanager_model`.
"""

import json
import logging
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from prometheus_client import CollectorRegistry
from webhook_receiver.alertmanager.reconciliation import (
    RETRY_SECONDS,
    Alertmanagers,
    Reconciler,
)
from webhook_receiver.metrics import ReceiverMetrics
from webhook_receiver.receiver import Receiver
from webhook_receiver.store.history import History

from .alertmanager_model import NAMES, RESEND, START, Monitor

pytestmark = pytest.mark.slow

PROFILE = settings(
    max_examples=250,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
)
names = st.sampled_from(NAMES)
# Mostly at once.
arrives = st.sampled_from([True, True, True, False])


class Disturbed(RuleBasedStateMachine):
    """The monitor, and a receiver that asks Alertmanager if `asks`."""

    asks = True

    def __init__(self):
        super().__init__()
        self.monitor = Monitor()
        self.delivered = []
        self.lines = []
        self.handler = logging.Handler()
        self.handler.emit = lambda record: self.lines.append(record.getMessage())
        self.logger = logging.getLogger("webhook_receiver")
        self.logger.addHandler(self.handler)
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False
        self.history = History(Path(":memory:"))
        self.start()

    def teardown(self):
        self.history.close()
        self.logger.removeHandler(self.handler)
        self.logger.propagate = True

    def start(self):
        """The receiver starts, on the history that it had."""
        asked = [self.monitor] if self.asks else []
        metrics = ReceiverMetrics(CollectorRegistry(), [each.url for each in asked])
        alertmanagers = Alertmanagers(
            asked,
            metrics,
            self.now,
            resend=RESEND,
            monotonic=lambda: (self.monitor.now - START).total_seconds(),
        )
        self.receiver = Receiver(
            self.history, Path(), metrics, self.now, alertmanagers.ask_quickly
        )
        self.receiver.log_unlogged()
        self.reconciler = Reconciler(self.receiver, alertmanagers)

    def now(self):
        # No two moments are the same, as on a real clock.
        self.monitor.now += timedelta(milliseconds=1)
        return self.monitor.now

    @rule(name=names, arrives=arrives)
    def an_alert_begins_or_ends(self, name, arrives):
        if name in self.monitor.firing:
            self.monitor.end(name)
        else:
            self.monitor.fire(name)
        self.deliver_all(arrives)

    @rule(name=names, seconds=st.sampled_from([-20, -1, 1, 20]), arrives=arrives)
    def an_alert_fires_in_a_pair(self, name, seconds, arrives):
        self.monitor.fire_in_pair(name, seconds)
        self.deliver_all(arrives)

    @rule(seconds=st.sampled_from([1, 20, 60, 150]), arrives=arrives)
    def time_passes(self, seconds, arrives):
        self.monitor.pass_time(seconds)
        self.deliver_all(arrives)

    @rule(seconds=st.sampled_from([20, 60, 150]), arrives=arrives)
    def the_link_is_cut_for_some_time(self, seconds, arrives):
        self.monitor.is_linked = False
        self.time_passes(seconds, arrives)
        self.monitor.is_linked = True

    @rule()
    def the_link_is_cut_or_mended(self):
        self.monitor.is_linked = not self.monitor.is_linked

    @rule(name=names, arrives=arrives)
    def a_silence_begins_or_ends(self, name, arrives):
        self.monitor.silenced ^= {name}
        self.monitor.notify()
        self.deliver_all(arrives)

    @rule()
    def prometheus_restarts(self):
        self.monitor.restart_prometheus()

    @rule(forgets=st.booleans())
    def alertmanager_restarts(self, forgets):
        self.monitor.restart_alertmanager(forgets_notifications=forgets)

    @rule()
    def alertmanager_stops_or_begins_to_answer(self):
        self.monitor.answers = not self.monitor.answers

    @precondition(lambda self: self.monitor.sent)
    @rule()
    def a_notification_arrives_and_its_answer_is_lost(self):
        self.deliver(self.monitor.sent[0])

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def a_notification_arrives_late_again(self, data):
        """It changes nothing, unless Alertmanager knows better or cannot be asked."""
        alert = data.draw(st.sampled_from(self.delivered))
        # One that has just failed would not be asked.
        self.monitor.pass_time(RETRY_SECONDS)
        before = self.fires(alert.fingerprint)
        self.deliver(alert)
        settled = self.monitor.now - self.monitor.started > 2 * RESEND
        if self.monitor.answers and settled:
            knows = alert.fingerprint in self.monitor.active()
            assert self.fires(alert.fingerprint) in (before, knows)

    @precondition(lambda self: self.monitor.sent)
    @rule(is_logged=st.booleans())
    def the_receiver_is_killed_once_it_has_stored(self, is_logged):
        """Either before the line is in the log, or before that is remembered."""
        alert = self.monitor.sent[0]
        fires = self.receiver.ask()
        entries = self.history.record([alert], self.now(), fires)
        if is_logged:
            self.lines += [entry.line for entry in entries]
        self.start()

    @rule()
    def a_minute_passes_and_the_receiver_asks(self):
        self.monitor.pass_time(60)
        self.reconciler.reconcile()

    def deliver_all(self, arrives=True):
        while arrives and self.monitor.sent:
            self.deliver(self.monitor.sent.pop(0))

    def deliver(self, alert):
        self.receiver.store([alert])
        if alert not in self.delivered:
            self.delivered.append(alert)

    def fires(self, name):
        return bool(self.history.firing_since(name))

    def events(self, name):
        """The events of an alert, oldest first."""
        rows = self.history.newest(1_000)
        return [row for row in reversed(rows) if row["fingerprint"] == name]

    def logged(self, name):
        """The changes of an alert that are in the log. A kill may repeat a line."""
        lines = map(json.loads, dict.fromkeys(self.lines))
        return [
            (line["starts_at"], line["status"])
            for line in lines
            if line["event"] == "alert" and line["fingerprint"] == name
        ]

    @invariant()
    def events_of_an_alert_do_not_overlap(self):
        for name in NAMES:
            for earlier, later in pairwise(self.events(name)):
                assert earlier["ends_at"]
                end = max(earlier["ends_at"], earlier["starts_at"])
                assert end <= later["starts_at"]

    @invariant()
    def each_change_of_an_event_is_logged_once(self):
        for name in NAMES:
            for event in self.events(name):
                statuses = [
                    status
                    for starts_at, status in self.logged(name)
                    if starts_at[:19] == event["starts_at"][:19]
                ]
                firing = statuses.count("firing")
                assert firing <= 1 + event["reopened"]
                resolved = statuses.count("resolved")
                assert resolved == event["reopened"] + bool(event["ends_at"])


class AskedMachine(Disturbed):
    """Alertmanager can be asked, at least once all is calm."""

    @rule()
    def all_is_calm(self):
        """After the disturbances the history is right, after any of them."""
        self.monitor.answers = self.monitor.is_linked = True
        self.deliver_all()
        # A restarted Alertmanager knows again what fires, then two askings, a minute
        # apart, then notifications that these minutes brought.
        for _ in range(5):
            self.monitor.pass_time(60)
            self.deliver_all()
            self.reconciler.reconcile()
        fires = {
            row["fingerprint"]: row["suppressed"]
            for row in self.history.newest(1_000)
            if not row["ends_at"]
        }
        silenced = self.monitor.silenced
        assert fires == {
            name: "silenced" if name in silenced else ""
            for name in self.monitor.active()
        }
        for name in NAMES:
            assert len(self.events(name)) <= self.monitor.most_events[name]


class UnaskedMachine(Disturbed):
    """Alertmanager is never asked: the last notification of an alert decides."""

    asks = False
    # That one is late, only Alertmanager knows.
    a_notification_arrives_late_again = None

    def deliver(self, alert):
        super().deliver(alert)
        assert self.fires(alert.fingerprint) == (alert.status == "firing")


TestAsked, TestUnasked = AskedMachine.TestCase, UnaskedMachine.TestCase
TestAsked.settings = TestUnasked.settings = PROFILE
