"""Keeps the history equal to what Alertmanager knows, by asking it every minute.

Alertmanager does not notify an alert that is silenced or inhibited, nor its end, and it
forgets alerts when it restarts. The rules are in docs/receiver-history.md.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..log import log_alertmanager
from ..metrics import ReceiverMetrics
from ..receiver import Receiver
from ..store.comparison import Differences, Listing
from ..store.history import Fires
from .client import Alertmanager, NotAnswered, Reply

RECEIVER_NAME = "webhook-receiver"
ASK_SECONDS = 60.0
# How often Prometheus sends what fires again (--rules.alert.resend-delay).
RESEND = timedelta(seconds=60)
TIMEOUT_SECONDS = 5.0
# While a notification waits for the answer; Alertmanager gives it ten seconds or more.
QUICK_TIMEOUT_SECONDS = 2.0
# An Alertmanager that did not answer is asked again after so long.
RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Peer:
    """An Alertmanager: when it last answered, and what has been wrong since, if so."""

    url: str
    answered_at: datetime | None = None
    error: str = ""


@dataclass(slots=True)
class Alertmanagers:
    """Those that send here: one, the peers of a cluster, or none.

    `receiver_name` is what their configuration calls this receiver. `resend` is how
    often Prometheus sends a firing alert again: one that has not run for two of these
    may not know yet what fires.
    """

    alertmanagers: Sequence[Alertmanager]
    metrics: ReceiverMetrics
    now: Callable[[], datetime]
    receiver_name: str = RECEIVER_NAME
    resend: timedelta = RESEND
    monotonic: Callable[[], float] = time.monotonic
    _peers: dict[str, Peer] = field(init=False)
    _failed: dict[str, float] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._peers = {each.url: Peer(each.url) for each in self.alertmanagers}

    def peers(self) -> list[Peer]:
        """How each answered the last time."""
        return list(self._peers.values())

    def ask(self) -> Listing:
        """What fires, from all that answer."""
        return self._ask(self.alertmanagers, TIMEOUT_SECONDS)

    def ask_quickly(self) -> Fires:
        """What fires, without those that just failed: a notification waits."""
        recent = self.monotonic() - RETRY_SECONDS
        alertmanagers = [
            each
            for each in self.alertmanagers
            if self._failed.get(each.url, recent) <= recent
        ]
        listing = self._ask(alertmanagers, QUICK_TIMEOUT_SECONDS)

        def fires(fingerprint: str) -> bool | None:
            if fingerprint in listing.alerts:
                return True
            return False if listing.is_complete else None

        return fires

    def _ask(self, alertmanagers: Iterable[Alertmanager], seconds: float) -> Listing:
        replies = [
            reply for each in alertmanagers if (reply := self._ask_one(each, seconds))
        ]
        alerts = {
            key: listed for reply in replies for key, listed in reply.alerts.items()
        }
        ours = [key for key, a in alerts.items() if self.receiver_name in a.receivers]
        settled = [reply for reply in replies if reply.up_for >= 2 * self.resend]
        return Listing(
            alerts,
            frozenset(ours),
            is_complete=bool(settled) and len(settled) == len(self.alertmanagers),
        )

    def _ask_one(self, alertmanager: Alertmanager, seconds: float) -> Reply | None:
        url, reply, error = alertmanager.url, None, ""
        try:
            reply = alertmanager.ask(seconds)
        except NotAnswered as failure:
            error = str(failure)
        with self._lock:
            before = self._peers[url]
            answered_at = before.answered_at if error else self.now()
            self._peers[url] = Peer(url, answered_at, error)
            if error:
                self._failed[url] = self.monotonic()
        if bool(error) != bool(before.error):
            log_alertmanager(url, error)
        self.metrics.asked(url, answered_at, is_up=not error)
        return reply


@dataclass(slots=True)
class Reconciler:
    """Asks every `interval` seconds, and makes the history equal to the answer."""

    receiver: Receiver
    alertmanagers: Alertmanagers
    interval: float = ASK_SECONDS
    _differences: Differences = field(init=False, default_factory=Differences)

    def reconcile(self, *, is_retry: bool = False) -> bool:
        """Asks once. Returns whether every Alertmanager answered.

        A retry comes too soon after an asking to show that a difference persists.
        """
        asked_at = self.receiver.now()
        listing = self.alertmanagers.ask()
        before = Differences() if is_retry else self._differences
        remaining = self.receiver.reconcile(listing, asked_at, before)
        if not is_retry:
            self._differences = remaining
        return not any(peer.error for peer in self.alertmanagers.peers())

    def run_forever(self, sleep: Callable[[float], None]) -> None:
        """Reconciles every `interval`, and sooner if one does not answer."""
        pause = min(RETRY_SECONDS, self.interval)
        while True:
            answered = self.reconcile()
            for _ in range(max(1, round(self.interval / pause)) - 1):
                sleep(pause)
                answered = answered or self.reconcile(is_retry=True)
            sleep(pause)
