"""Notices when the alert that always fires stops arriving: then no other can arrive.

Known as a dead man's switch: Prometheus and Alertmanager cannot report that they are
down, so the receiver has to miss them.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..alerts import OWN_FINGERPRINT, Alert, InvalidPayload
from ..receiver import Receiver

ALERTNAME = "MonitorWatchdog"
SILENT_LABELS = {"alertname": "WatchdogSilent", "severity": "critical"}
CHECK_SECONDS = 1.0
# Alertmanager sends the watchdog every 20 s: two have to be lost before it is missed.
PATIENCE = timedelta(seconds=60)


@dataclass(slots=True)
class Watchdog:
    """Waits for the watchdog, for at most `patience` each time, first from its start.

    Then WatchdogSilent fires, until the watchdog returns, also after a restart of the
    receiver. It is stored like an alert of Alertmanager.

    Alerts have the receiver's time; the wait is measured by `monotonic`, a clock that
    is never set.
    """

    receiver: Receiver
    patience: timedelta = PATIENCE
    monotonic: Callable[[], float] = time.monotonic
    _last: float = field(init=False)
    _has_arrived: bool = field(init=False, default=False)
    _silent_since: datetime | None = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._last = self.monotonic()
        self._silent_since = self._firing_since()

    def receive(self, body: bytes) -> None:
        """Takes a notification of the watchdog.

        Raises `InvalidPayload` if `body` is none, or holds no watchdog that fires, and
        `sqlite3.Error` if its return cannot be stored.
        """
        alerts = self.receiver.read(body).alerts
        if not any(map(_is_watchdog, alerts)):
            error = InvalidPayload(f"alerts must hold {ALERTNAME}, firing")
            self.receiver.refuse("invalid", str(error))
            raise error
        now = self.receiver.now()
        with self._lock:
            self._last = self.monotonic()
            self._has_arrived = True
            self.receiver.metrics.watchdog_arrived(now)
            if self._silent_since:
                self._store("The watchdog is back.", self._silent_since, now)
                self._silent_since = None

    def state(self) -> tuple[timedelta, bool, bool]:
        """How long ago the watchdog arrived, whether it has, and whether it is late.

        If it has not arrived since the start, how long ago that was.
        """
        with self._lock:
            waited = timedelta(seconds=self.monotonic() - self._last)
            return waited, self._has_arrived, waited > self.patience

    def check(self) -> None:
        """Lets WatchdogSilent fire once patience is over.

        Raises `sqlite3.Error` if it cannot be stored: then check again.
        """
        with self._lock:
            waited = self.monotonic() - self._last
            if self._silent_since is None and waited > self.patience.total_seconds():
                now = self.receiver.now()
                self._store(f"No watchdog has come for {waited:.0f} s.", now, None)
                # Not always now: after the clock was set back it continues an event.
                self._silent_since = self._firing_since()

    def run_forever(self, sleep: Callable[[float], None]) -> None:
        """Checks every second."""
        while True:
            with suppress(sqlite3.Error):
                self.check()
            sleep(CHECK_SECONDS)

    def _firing_since(self) -> datetime | None:
        return self.receiver.history.firing_since(OWN_FINGERPRINT)

    def _store(
        self, description: str, starts_at: datetime, ends_at: datetime | None
    ) -> None:
        alert = Alert(
            fingerprint=OWN_FINGERPRINT,
            status="resolved" if ends_at else "firing",
            starts_at=starts_at,
            ends_at=ends_at,
            labels=SILENT_LABELS,
            annotations={
                "summary": "Alerts do not reach the receiver any more.",
                "description": description,
                "runbook_url": "/runbook#watchdogsilent",
            },
            generator_url="",
        )
        # Alertmanager does not know this alert.
        self.receiver.store([alert], lambda _: alert.ends_at is None)


def _is_watchdog(alert: Alert) -> bool:
    return alert.labels.get("alertname") == ALERTNAME and alert.status == "firing"
