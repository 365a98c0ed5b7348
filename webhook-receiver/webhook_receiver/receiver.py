"""Handles a notification: checks the sender, stores it, logs what it changed."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import token
from .alerts import Alert, InvalidPayload, Notification, parse_notification
from .log import log_line, log_problem
from .metrics import ReceiverMetrics
from .store.comparison import Differences, Listing
from .store.event_writer import LogEntry
from .store.history import Contradicted, Fires, History


def utc_now() -> datetime:
    """The time of the receiver's clock."""
    return datetime.now(UTC)


def _unknown() -> Fires:
    return lambda _: None


class Unauthorized(Exception):
    """The sender did not show the token."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where notifications end up.

    `ask` asks Alertmanager what fires, when a notification contradicts the history.
    """

    history: History
    token_file: Path
    metrics: ReceiverMetrics
    now: Callable[[], datetime] = utc_now
    ask: Callable[[], Fires] = _unknown

    def authorize(self, authorization: str) -> None:
        """Raises `Unauthorized` unless the header bears the token."""
        if not token.is_valid(self.token_file, authorization):
            self.refuse("unauthorized", "no bearer token, or a wrong one")
            raise Unauthorized("the bearer token of the token file is required")

    def receive(self, body: bytes) -> None:
        """Stores a notification: on return it is durable.

        Raises `InvalidPayload` if `body` is none, and `sqlite3.Error` if it cannot be
        stored. Only in the latter case does it help to send it again.
        """
        notification = self.read(body)
        self.store(notification.alerts)
        now = self.now()
        self.metrics.stored(now)
        if notification.truncated:
            self.metrics.truncated(notification.truncated, now)
            log_problem("truncated", f"alerts left out: {notification.truncated}")

    def read(self, body: bytes) -> Notification:
        """The notification in `body`. Raises `InvalidPayload`."""
        try:
            return parse_notification(body)
        except InvalidPayload as error:
            self.refuse("invalid", str(error))
            raise

    def store(self, alerts: Sequence[Alert], fires: Fires | None = None) -> None:
        """Stores `alerts`; logs and counts what changed.

        If they contradict the history, `fires` decides, or else Alertmanager. Raises
        `sqlite3.Error` if they cannot be stored.
        """
        try:
            entries = self._record(alerts, fires)
        except sqlite3.Error as error:
            self.refuse("failed", str(error))
            raise
        self._log(entries)

    def reconcile(
        self, listing: Listing, asked_at: datetime, before: Differences
    ) -> Differences:
        """Makes the history equal to what Alertmanager listed; logs what changed.

        Returns the differences that remain: none if the history cannot be written.
        """
        try:
            entries, remaining = self.history.reconcile(listing, asked_at, before)
        except sqlite3.Error as error:
            log_problem("not reconciled", str(error))
            return Differences()
        self.metrics.reconciled(len(entries))
        self._log(entries)
        return remaining

    def log_unlogged(self) -> None:
        """Logs what a receiver that was killed had stored, and may not have logged.

        Raises `sqlite3.Error` if that cannot be read.
        """
        self._log(self.history.unlogged())

    def refuse(self, outcome: str, detail: str) -> None:
        """Counts and logs a notification that was not stored."""
        self.metrics.received(outcome)
        log_problem(outcome, detail)

    def _record(self, alerts: Sequence[Alert], fires: Fires | None) -> list[LogEntry]:
        try:
            return self.history.record(alerts, self.now(), fires)
        except Contradicted:
            return self.history.record(alerts, self.now(), self.ask())

    def _log(self, entries: Sequence[LogEntry]) -> None:
        for entry in entries:
            self.metrics.alert_stored(entry.status)
            log_line(entry.line)
        if not entries:
            return
        # Stored and logged. If only this fails, the next start logs them again.
        with suppress(sqlite3.Error):
            self.history.mark_logged(entries)
