"""The history: stores what was heard of alerts, and reads it for pages and the API."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .. import lifecycle
from ..alerts import Alert
from . import rows, schema
from .comparison import Differences, Listing, compare
from .event_writer import EventWriter, LogEntry
from .retention import KEEP, REASONS, Retention
from .sqlite_file import SqliteFile

Parameters = Sequence[object] | Mapping[str, object]
# Whether Alertmanager says that the alert with a fingerprint fires; None if it cannot.
Fires = Callable[[str], bool | None]
# Alertmanager repeats the notification of a firing alert so often (repeat_interval).
REPEAT = timedelta(hours=4)
MOST_SEARCHED = 20_000


class Contradicted(Exception):
    """A notification contradicts the history: Alertmanager has to be asked."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alerts a page shows: of a status, of a model, with words; None for all."""

    status: str | None = None
    model: str | None = None
    words: Sequence[str] = ()


class History:
    """The alerts in a file. Safe to use from several threads.

    Every method raises `sqlite3.Error` if the file cannot be read or written.
    """

    def __init__(
        self,
        path: Path,
        retention: Retention = KEEP,
        stale_after: timedelta = 2 * REPEAT,
    ) -> None:
        """Opens `path`, or creates it. A damaged file is set aside, also later.

        An event that was not confirmed for `stale_after` may have ended unnoticed.
        `deleted` counts the alerts that were deleted since, by reason.
        """
        self.file = SqliteFile(path)
        self.stale_after = stale_after
        self.deleted = dict.fromkeys(REASONS, 0)
        self._retention = retention
        self.file.use(self._shrink)

    def record(
        self,
        alerts: Sequence[Alert],
        received_at: datetime,
        fires: Fires | None = None,
    ) -> list[LogEntry]:
        """Stores the alerts of a notification, all or none, and what to log of them.

        On return they are durable. Raises `Contradicted` and stores nothing if the
        history says otherwise and `fires` is not given.
        """

        def record(connection: sqlite3.Connection) -> list[LogEntry]:
            writer = EventWriter(connection, received_at)
            with connection:
                # Before there are lines to log, which take space for a moment.
                deleted = self._retention.delete_in_batches(connection, received_at)
                batches = list(deleted)
                for alert in alerts:
                    self._record(writer, alert, fires)
            self._count(batches)
            return writer.entries

        return self.file.use(record)

    def reconcile(
        self, listing: Listing, asked_at: datetime, before: Differences
    ) -> tuple[list[LogEntry], Differences]:
        """Makes the history equal to what Alertmanager listed at `asked_at`.

        `before` are the differences of the last asking. Returns what to log, and the
        differences that remain. On return the changes are durable.
        """

        def reconcile(
            connection: sqlite3.Connection,
        ) -> tuple[list[LogEntry], Differences]:
            writer = EventWriter(connection, asked_at, notified=False)
            with connection:
                differences = compare(writer, listing, before)
            return writer.entries, differences

        return self.file.use(reconcile)

    def unlogged(self) -> list[LogEntry]:
        """What was stored and not `mark_logged`."""
        return [LogEntry(*row) for row in self._select(schema.UNLOGGED)]

    def mark_logged(self, entries: Sequence[LogEntry]) -> None:
        """Remembers that `entries` are in the log, but does not wait for the disk."""

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with connection:
                    ids = [(entry.id,) for entry in entries]
                    connection.executemany(schema.DELETE_UNLOGGED, ids)
            finally:
                connection.execute("PRAGMA synchronous = FULL")

        self.file.use(delete)

    def newest(self, limit: int) -> list[Mapping[str, Any]]:
        """The last `limit` events to begin, newest first, each as a JSON object."""
        return self._json_objects(schema.NEWEST_FIRST, (limit,))

    def page(self, chosen: Filter, limit: int, skip: int) -> list[Mapping[str, Any]]:
        """Up to `limit` alerts, as in `newest`, after the first `skip`.

        Those that fire come first, the most severe on top, those that are suppressed
        after them. Words are searched for in the first `MOST_SEARCHED` alerts.
        """
        resolved = rows.RESOLVED_RANK
        first, last = {
            "firing": (0, resolved - 1),
            "resolved": (resolved, resolved),
        }.get(chosen.status or "", (0, resolved))
        query = schema.PAGE if chosen.model is None else schema.PAGE_OF_MODEL
        return self._json_objects(
            schema.SEARCH if chosen.words else query,
            {
                "first_rank": first,
                "last_rank": last,
                "model": chosen.model,
                "words": "\n".join(chosen.words),
                "searched": MOST_SEARCHED,
                "limit": limit,
                "skip": skip,
            },
        )

    def firing(self) -> Mapping[str, int]:
        """How many alerts fire, by severity (`rows.SEVERITIES`) or suppressed."""
        counts = dict.fromkeys((*rows.SEVERITIES, "suppressed"), 0)
        for row in self._select(schema.FIRING_BY_RANK, (rows.RESOLVED_RANK,)):
            rank = row["sort_rank"]
            is_active = rank < len(rows.SEVERITIES)
            name = rows.SEVERITIES[rank] if is_active else "suppressed"
            counts[name] += row["alerts"]
        return counts

    def models(self, limit: int) -> list[str]:
        """The first `limit` models that alerts were about, in alphabetical order."""
        return [row["model"] for row in self._select(schema.MODELS, (limit,))]

    def firing_since(self, fingerprint: str) -> datetime | None:
        """When the alert began to fire, or None if it does not fire."""
        [*newest] = self._select(schema.NEWEST_EVENT, {"fingerprint": fingerprint})
        event = rows.event(newest[0]) if newest else None
        return event.starts_at if event and event.ends_at is None else None

    def close(self) -> None:
        """Closes the file for good."""
        self.file.close()

    def _record(self, writer: EventWriter, alert: Alert, fires: Fires | None) -> None:
        row = writer.event_of(alert)
        event, answer = rows.event(row), None
        if lifecycle.contradicts(event, alert):
            if fires is None:
                raise Contradicted
            answer = fires(alert.fingerprint)
        step = lifecycle.step(event, alert, writer.at, answer, self.stale_after)
        writer.write(step, row, alert)

    def _select(self, query: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        return self.file.use(lambda c: c.execute(query, parameters).fetchall())

    def _json_objects(
        self, query: str, parameters: Parameters
    ) -> list[Mapping[str, Any]]:
        return self.file.use(
            lambda c: [rows.json_object(row) for row in c.execute(query, parameters)]
        )

    def _shrink(self, connection: sqlite3.Connection) -> None:
        # Each batch by itself, because a full disk has no room for more in the log.
        with connection:
            now = datetime.now(UTC)
            for batch in self._retention.delete_in_batches(connection, now):
                connection.commit()
                self._count([batch])

    def _count(self, batches: Iterable[tuple[str, int]]) -> None:
        for reason, alerts in batches:
            self.deleted[reason] += alerts
