"""Notices when the alert that always fires stops arriving: then no other can, either.

Known as a dead man's switch. Prometheus and Alertmanager cannot tell that they are
down, so whoever is told has to miss them.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .alerts import Alert, InvalidNotification
from .receiver import Receiver

ALERTNAME = "Watchdog"
# Fingerprints of Alertmanager are 16 hexadecimal digits, so this is nobody else's.
SILENT_FINGERPRINT = "watchdog-silent"
SILENT_LABELS = {"alertname": "WatchdogSilent", "severity": "critical"}
LOOK_SECONDS = 1.0


@dataclass(slots=True)
class Watchdog:
    """Waits for the watchdog, for at most `patience` each time, first from its start.

    Its alert goes where those of Alertmanager go. It is an alert's whole life: one that
    was told before a restart of the receiver is resolved after it.

    What is told has the receiver's time; how long it waits is measured in seconds of
    `monotonic`, which nobody sets.
    """

    receiver: Receiver
    patience: timedelta
    monotonic: Callable[[], float] = time.monotonic
    _seen: float = field(init=False)
    _silent_since: datetime | None = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._seen = self.monotonic()
        self._silent_since = self.receiver.history.firing_since(SILENT_FINGERPRINT)

    def receive(self, body: bytes) -> None:
        """Takes a notification of the watchdog.

        Raises `InvalidNotification` if `body` is none, or not one of a watchdog that
        fires, and `sqlite3.Error` if its return cannot be stored.
        """
        alerts = self.receiver.read(body)
        if not any(map(_is_watchdog, alerts)):
            error = InvalidNotification(f"alerts must hold {ALERTNAME}, firing")
            self.receiver.refuse("invalid", str(error))
            raise error
        now = self.receiver.now()
        with self._lock:
            self._seen = self.monotonic()
            self.receiver.metrics.saw_watchdog(now)
            if self._silent_since:
                self._tell("The watchdog is back.", self._silent_since, now)
                self._silent_since = None

    def look(self) -> None:
        """Tells once when patience is over. Raises `sqlite3.Error`: look again."""
        with self._lock:
            waited = self.monotonic() - self._seen
            if self._silent_since is None and waited > self.patience.total_seconds():
                now = self.receiver.now()
                self._tell(f"No watchdog has come for {waited:.0f} s.", now, None)
                self._silent_since = now

    def keep_looking(self, sleep: Callable[[float], None]) -> None:
        """Looks every second, for ever; what could not be stored is tried again."""
        while True:
            with suppress(sqlite3.Error):
                self.look()
            sleep(LOOK_SECONDS)

    def _tell(
        self, description: str, starts_at: datetime, ends_at: datetime | None
    ) -> None:
        alert = Alert(
            fingerprint=SILENT_FINGERPRINT,
            status="resolved" if ends_at else "firing",
            starts_at=starts_at,
            ends_at=ends_at,
            labels=SILENT_LABELS,
            annotations={
                "summary": "No alert arrives any more, whatever happens.",
                "description": description,
                "runbook_url": "/runbook#watchdogsilent",
            },
            generator_url="",
        )
        self.receiver.keep([alert])


def _is_watchdog(alert: Alert) -> bool:
    return alert.labels.get("alertname") == ALERTNAME and alert.status == "firing"
