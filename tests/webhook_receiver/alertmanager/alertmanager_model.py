"""A small model of Prometheus and Alertmanager: what fires, and what is sent of it.

It has what makes a history hard: alerts time out while Prometheus cannot send, silences
hide ends, a restart forgets alerts or what was notified, and starts move.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from webhook_receiver.alertmanager.client import NotAnswered, Reply
from webhook_receiver.alerts import Alert, ListedAlert

START = datetime(2026, 11, 22, 11, tzinfo=UTC)
# Prometheus lets an alert time out after four resend intervals.
RESEND = timedelta(seconds=30)
TIMEOUT = 4 * RESEND
NAMES = ("a", "b")


def alert(name, starts_at, ends_at=None):
    """The alert of a name; one of another start is the same alert."""
    return Alert(
        fingerprint=name,
        status="resolved" if ends_at else "firing",
        starts_at=starts_at,
        ends_at=ends_at,
        labels={"alertname": name},
        annotations={},
        generator_url="",
    )


@dataclass
class Active:
    """An alert that Alertmanager has: it fires until `ends_at`."""

    starts_at: datetime
    ends_at: datetime


@dataclass
class Monitor:
    """Prometheus, Alertmanager, and the notifications between it and the receiver.

    `firing` is when each alert of Prometheus began, by name. `sent` are the
    notifications that wait to be delivered, in order. `most_events` is how many events
    of an alert a history may have: one for each time that it began to fire, and one for
    each time that Alertmanager ended it meanwhile, or did not know it for longer than
    after a restart.
    """

    now: datetime = START
    firing: dict[str, datetime] = field(default_factory=dict)
    is_linked: bool = True
    alerts: dict[str, Active] = field(default_factory=dict)
    notified: dict[str, str] = field(default_factory=dict)
    silenced: set[str] = field(default_factory=set)
    started: datetime = START - timedelta(hours=1)
    answers: bool = True
    sent: list[Alert] = field(default_factory=list)
    most_events: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    unknown_since: dict[str, datetime] = field(default_factory=dict)

    # The interface of `webhook_receiver.alertmanager.Alertmanager`.
    url = "http://alertmanager:9093"

    def ask(self, seconds):
        if not self.answers:
            raise NotAnswered("no")
        listed = {
            name: ListedAlert(
                alert(name, active.starts_at),
                frozenset({"webhook-receiver"}),
                "silenced" if name in self.silenced else "",
            )
            for name, active in self.active().items()
        }
        return Reply(listed, self.now - self.started)

    def active(self):
        return {
            name: active
            for name, active in self.alerts.items()
            if active.ends_at > self.now
        }

    def pass_time(self, seconds):
        """Time passes; in each resend interval Prometheus sends what fires."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now = min(end, self.now + RESEND)
            if self.is_linked:
                for name, starts_at in self.firing.items():
                    self._put(name, starts_at, self.now + TIMEOUT)
            self.notify()

    def fire(self, name):
        self.pass_time(1)
        if name not in self.firing:
            self.firing[name] = self.now
            self.most_events[name] += 1
        if self.is_linked:
            self._put(name, self.firing[name], self.now + TIMEOUT)
        self.notify()

    def end(self, name):
        self.pass_time(1)
        starts_at = self.firing.pop(name, None)
        if starts_at and self.is_linked:
            self._put(name, starts_at, self.now)
        self.notify()

    def fire_in_pair(self, name, seconds):
        """The other server of a pair sends the alert, with another start."""
        self.pass_time(1)
        if name in self.firing and self.is_linked:
            starts_at = self.firing[name] + timedelta(seconds=seconds)
            self._put(name, min(starts_at, self.now), self.now + TIMEOUT)
            self.notify()

    def restart_prometheus(self):
        self.pass_time(1)
        self.firing = dict.fromkeys(self.firing, self.now)

    def restart_alertmanager(self, *, forgets_notifications):
        self.alerts.clear()
        self.started = self.now
        if forgets_notifications:
            self.notified.clear()

    def notify(self):
        """Queues a notification of each alert whose status is new."""
        self._count_events()
        for name, active in self.alerts.items():
            status = "firing" if active.ends_at > self.now else "resolved"
            last = self.notified.get(name)
            is_news = status != last and (status == "firing" or last == "firing")
            if is_news and name not in self.silenced:
                self.notified[name] = status
                ends_at = active.ends_at if status == "resolved" else None
                self.sent.append(alert(name, active.starts_at, ends_at))

    def _count_events(self):
        active = self.active()
        for name in NAMES:
            if name in self.firing and name not in active:
                # If it was ended, as if it had been unknown for long.
                since = START - TIMEOUT if name in self.alerts else self.now
                self.unknown_since.setdefault(name, since)
            elif since := self.unknown_since.pop(name, None):
                self.most_events[name] += self.now - since > 2 * RESEND

    def _put(self, name, starts_at, ends_at):
        """Merges with what overlaps, as Alertmanager does."""
        old = self.alerts.get(name)
        new = Active(starts_at, ends_at)
        if old and (
            old.starts_at < ends_at < old.ends_at
            or old.starts_at < starts_at < old.ends_at
        ):
            new = replace(new, starts_at=min(old.starts_at, starts_at))
        self.alerts[name] = new
