"""The alerts that arrived, kept in SQLite."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import sql
from .alerts import Alert


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
        self._connection.executescript(sql.SCHEMA)

    def add(self, alerts: Iterable[Alert], received_at: datetime) -> list[Alert]:
        """Stores `alerts`, all or none, and returns those that are news.

        On return they are durable. Raises `sqlite3.Error` if they cannot be stored.
        """
        received = _text(received_at)
        with self._lock, self._connection:
            return [
                alert
                for alert in alerts
                if self._connection.execute(sql.INSERT, _row(alert, received)).rowcount
            ]

    def newest(self, limit: int) -> list[Mapping[str, Any]]:
        """The last `limit` alerts to fire, newest first, each as a JSON object.

        Raises `sqlite3.Error` if they cannot be read.
        """
        return [_json_object(row) for row in self._select(sql.NEWEST_FIRST, (limit,))]

    def page(
        self, status: str | None, model: str | None, limit: int, skip: int
    ) -> list[Mapping[str, Any]]:
        """Up to `limit` alerts, as in `newest`, after the first `skip`.

        Those that fire come before those that are resolved. Only those of `status`, and
        only those with the label `model`, unless it is None. Raises `sqlite3.Error` if
        they cannot be read.
        """
        rows = self._select(
            sql.FIRING_FIRST if model is None else sql.FIRING_FIRST_OF_MODEL,
            {
                "firing": None if status is None else status == "firing",
                "model": model,
                "limit": limit,
                "skip": skip,
            },
        )
        return [_json_object(row) for row in rows]

    def firing(self) -> int:
        """How many alerts fire. Raises `sqlite3.Error` if that cannot be read."""
        [row] = self._select(sql.FIRING)
        return int(row["firing"])

    def models(self, limit: int) -> list[str]:
        """The first `limit` models that alerts were about, in alphabetical order.

        Raises `sqlite3.Error` if they cannot be read.
        """
        return [row["model"] for row in self._select(sql.MODELS, (limit,))]

    def firing_since(self, fingerprint: str) -> datetime | None:
        """When the alert fired that is not told to be resolved, or None.

        Raises `sqlite3.Error` if that cannot be read.
        """
        rows = self._select(sql.FIRING_SINCE, (fingerprint,))
        return datetime.fromisoformat(rows[0]["starts_at"]) if rows else None

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _select(
        self, query: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()


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


def _json_object(row: sqlite3.Row) -> Mapping[str, Any]:
    return {
        **dict(row),
        "status": "firing" if row["ends_at"] is None else "resolved",
        "labels": json.loads(row["labels"]),
        "annotations": json.loads(row["annotations"]),
    }


def _text(moment: datetime) -> str:
    """RFC 3339 in UTC, of one width, so that it sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
