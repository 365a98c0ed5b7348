"""The alerts that arrived, kept in SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import sql
from .alerts import Alert
from .database import Database
from .retention import KEEP, REASONS, Retention
from .rows import json_object, key, news, row

Parameters = Sequence[object] | Mapping[str, object]


class History:
    """The alerts in a file. Safe to use from several threads."""

    def __init__(self, path: Path, retention: Retention = KEEP) -> None:
        """Raises `sqlite3.Error` if `path` cannot be made into a history.

        A damaged one is set aside, here and whenever it turns out to be. How many
        alerts were `deleted` since is counted by the reason.
        """
        self.database = Database(path)
        self.deleted = dict.fromkeys(REASONS, 0)
        self._retention = retention
        self.database.use(self._shrink)

    def add(self, alerts: Sequence[Alert], received_at: datetime) -> list[Alert]:
        """Stores `alerts`, all or none, and returns those that are news.

        An end starts when what fires did. On return they are durable. Raises
        `sqlite3.Error` if they cannot be stored.
        """
        rows = [row(alert, received_at) for alert in alerts]

        def store(connection: sqlite3.Connection) -> list[Alert]:
            with connection:
                new = [
                    replace(alert, starts_at=datetime.fromisoformat(stored[0]))
                    for alert, values in zip(alerts, rows, strict=True)
                    if (stored := connection.execute(sql.INSERT, values).fetchone())
                ]
                connection.executemany(sql.SUPERSEDE, rows)
                connection.executemany(sql.REMEMBER, map(key, new))
                bites = list(self._retention.bites(connection, received_at))
            self._count(bites)
            return new

        return self.database.use(store)

    def unlogged(self) -> list[tuple[Alert, datetime]]:
        """News that was not `logged`, and when each was received.

        Raises `sqlite3.Error` if that cannot be read.
        """
        return self.database.use(
            lambda c: [news(found) for found in c.execute(sql.UNLOGGED)]
        )

    def logged(self, alerts: Sequence[Alert]) -> None:
        """Remembers that `alerts` are in the log, but does not wait for the disk.

        Raises `sqlite3.Error` if it cannot.
        """

        def forget(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with connection:
                    connection.executemany(sql.FORGET, map(key, alerts))
            finally:
                connection.execute("PRAGMA synchronous = FULL")

        self.database.use(forget)

    def newest(self, limit: int) -> list[Mapping[str, Any]]:
        """The last `limit` alerts to fire, newest first, each as a JSON object.

        Raises `sqlite3.Error` if they cannot be read.
        """
        return self._json_objects(sql.NEWEST_FIRST, (limit,))

    def page(
        self, status: str | None, model: str | None, limit: int, skip: int
    ) -> list[Mapping[str, Any]]:
        """Up to `limit` alerts, as in `newest`, after the first `skip`.

        Those that fire come before those that are resolved. Only those of `status`, and
        only those with the label `model`, unless it is None. Raises `sqlite3.Error` if
        they cannot be read.
        """
        return self._json_objects(
            sql.FIRING_FIRST if model is None else sql.FIRING_FIRST_OF_MODEL,
            {
                "firing": None if status is None else status == "firing",
                "model": model,
                "limit": limit,
                "skip": skip,
            },
        )

    def firing(self) -> int:
        """How many alerts fire. Raises `sqlite3.Error` if that cannot be read."""
        [found] = self._select(sql.FIRING)
        return int(found["firing"])

    def models(self, limit: int) -> list[str]:
        """The first `limit` models that alerts were about, in alphabetical order.

        Raises `sqlite3.Error` if they cannot be read.
        """
        return [found["model"] for found in self._select(sql.MODELS, (limit,))]

    def firing_since(self, fingerprint: str) -> datetime | None:
        """When the alert fired that is not told to be resolved, or None.

        Raises `sqlite3.Error` if that cannot be read.
        """
        rows = self._select(sql.FIRING_SINCE, (fingerprint,))
        return datetime.fromisoformat(rows[0]["starts_at"]) if rows else None

    def close(self) -> None:
        """Closes the file for good."""
        self.database.close()

    def _select(self, query: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        return self.database.use(lambda c: c.execute(query, parameters).fetchall())

    def _json_objects(
        self, query: str, parameters: Parameters
    ) -> list[Mapping[str, Any]]:
        return self.database.use(
            lambda c: [json_object(found) for found in c.execute(query, parameters)]
        )

    def _shrink(self, connection: sqlite3.Connection) -> None:
        # Each bite by itself, because a full disk has no room for more in the log.
        with connection:
            for bite in self._retention.bites(connection, datetime.now(UTC)):
                connection.commit()
                self._count([bite])

    def _count(self, bites: Iterable[tuple[str, int]]) -> None:
        for reason, alerts in bites:
            self.deleted[reason] += alerts
