"""The alerts that arrived, kept in SQLite."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from .alerts import Alert

# One row for each time an alert fires; its end is filled in when it is told. So what is
# told twice is stored once, and in whichever order the two arrive.
SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
    fingerprint TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT,
    alertname TEXT NOT NULL,
    severity TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    generator_url TEXT NOT NULL,
    firing_received_at TEXT,
    resolved_received_at TEXT,
    PRIMARY KEY (fingerprint, starts_at)
) STRICT
"""
INSERT = """
INSERT INTO alerts VALUES (
    :fingerprint, :starts_at, :ends_at, :alertname, :severity, :labels, :annotations,
    :generator_url, :firing_received_at, :resolved_received_at
)
ON CONFLICT (fingerprint, starts_at) DO UPDATE SET
    ends_at = coalesce(ends_at, excluded.ends_at),
    firing_received_at = coalesce(firing_received_at, excluded.firing_received_at),
    resolved_received_at = coalesce(resolved_received_at, excluded.resolved_received_at)
WHERE firing_received_at IS NULL AND excluded.firing_received_at IS NOT NULL
   OR resolved_received_at IS NULL AND excluded.resolved_received_at IS NOT NULL
"""
FIRING_SINCE = """
SELECT starts_at FROM alerts WHERE fingerprint = ? AND ends_at IS NULL
ORDER BY starts_at DESC LIMIT 1
"""
NEWEST_FIRST = "SELECT * FROM alerts ORDER BY starts_at DESC, alertname, labels LIMIT ?"


class History:
    """The alerts in a file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises `sqlite3.Error` if `path` cannot be made into a database."""
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # A reader never waits for a writer; a commit is on the disk when it returns,
        # which is what lets us tell Alertmanager that it need not send again.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(SCHEMA)

    def add(self, alerts: Iterable[Alert], received_at: datetime) -> list[Alert]:
        """Stores `alerts`, all or none, and returns those that are news.

        On return they are durable. Raises `sqlite3.Error` if they cannot be stored.
        """
        received = _text(received_at)
        with self._lock, self._connection:
            return [
                alert
                for alert in alerts
                if self._connection.execute(INSERT, _row(alert, received)).rowcount
            ]

    def newest(self, limit: int) -> list[Mapping[str, object]]:
        """The last `limit` alerts to fire, newest first, each as a JSON object.

        Raises `sqlite3.Error` if they cannot be read.
        """
        with self._lock:
            rows = self._connection.execute(NEWEST_FIRST, (limit,)).fetchall()
        return [_json_object(row) for row in rows]

    def firing_since(self, fingerprint: str) -> datetime | None:
        """When the alert fired that is not told to be resolved, or None.

        Raises `sqlite3.Error` if that cannot be read.
        """
        with self._lock:
            row = self._connection.execute(FIRING_SINCE, (fingerprint,)).fetchone()
        return datetime.fromisoformat(row["starts_at"]) if row else None

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _row(alert: Alert, received: str) -> dict[str, str | None]:
    firing = alert.status == "firing"
    return {
        "fingerprint": alert.fingerprint,
        "starts_at": _text(alert.starts_at),
        "ends_at": _text(alert.ends_at) if alert.ends_at else None,
        "alertname": alert.labels.get("alertname", ""),
        "severity": alert.labels.get("severity", ""),
        "labels": json.dumps(alert.labels, sort_keys=True),
        "annotations": json.dumps(alert.annotations, sort_keys=True),
        "generator_url": alert.generator_url,
        "firing_received_at": received if firing else None,
        "resolved_received_at": None if firing else received,
    }


def _json_object(row: sqlite3.Row) -> Mapping[str, object]:
    return {
        **dict(row),
        "status": "firing" if row["ends_at"] is None else "resolved",
        "labels": json.loads(row["labels"]),
        "annotations": json.loads(row["annotations"]),
    }


def _text(moment: datetime) -> str:
    """RFC 3339 in UTC, of one width, so that it sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
