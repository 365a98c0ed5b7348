"""Takes a notification: checks who sent it, stores it, tells what is news."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import token
from .alerts import Alert, InvalidNotification, parse
from .history import History
from .log import log_alert, log_problem
from .metrics import ReceiverMetrics


def _now() -> datetime:
    return datetime.now(UTC)


class Unauthorized(Exception):
    """Whoever sent this does not know the token."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where notifications end up."""

    history: History
    token_file: Path
    metrics: ReceiverMetrics
    now: Callable[[], datetime] = _now

    def authorize(self, authorization: str) -> None:
        """Raises `Unauthorized` unless the header bears the token."""
        if not token.admits(self.token_file, authorization):
            self.refuse("unauthorized", "no or a wrong bearer token")
            raise Unauthorized("the bearer token of the token file is required")

    def receive(self, body: bytes) -> list[Alert]:
        """Stores a notification and returns the alerts that are news.

        On return they are durable. Raises `InvalidNotification` if `body` is none,
        and `sqlite3.Error` if it cannot be stored: then, and only then, it should be
        sent again.
        """
        news = self.keep(self.read(body))
        self.metrics.stored(self.now())
        return news

    def read(self, body: bytes) -> list[Alert]:
        """The alerts of a notification. Raises `InvalidNotification` if it is none."""
        try:
            return parse(_json(body))
        except InvalidNotification as error:
            self.refuse("invalid", str(error))
            raise

    def keep(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Stores `alerts`, logs and counts those that are news, and returns them.

        Raises `sqlite3.Error` if they cannot be stored.
        """
        received_at = self.now()
        try:
            news = self.history.add(alerts, received_at)
        except sqlite3.Error as error:
            self.refuse("failed", str(error))
            raise
        self._log([(alert, received_at) for alert in news])
        return news

    def catch_up(self) -> None:
        """Logs what a receiver that was killed had stored, and may not have logged.

        Raises `sqlite3.Error` if that cannot be read.
        """
        self._log(self.history.unlogged())

    def refuse(self, outcome: str, detail: str) -> None:
        """Counts and logs a notification that was not stored."""
        self.metrics.received(outcome)
        log_problem(outcome, detail)

    def _log(self, news: Sequence[tuple[Alert, datetime]]) -> None:
        for alert, received_at in news:
            self.metrics.told(alert.status)
            log_alert(alert, received_at)
        # It is stored and logged. If only this fails, it is logged again at the start.
        with suppress(sqlite3.Error):
            self.history.logged([alert for alert, _ in news])


def _json(body: bytes) -> object:
    try:
        notification: object = json.loads(body)
        # Half of a surrogate pair is a string to Python, but no text to store.
        json.dumps(notification, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidNotification("the body must be JSON (RFC 8259)") from error
    return notification
