"""Carries out the steps of `lifecycle` on the rows of the history."""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import datetime

from .. import log
from ..alerts import Alert
from ..lifecycle import Step
from . import schema
from .rows import RESOLVED_RANK, stored_alert, time_text, values

# What a step does to the row of an event, and what the log calls it, if it logs it.
UPDATES = {
    (Step.HEAR, "firing"): (schema.HEAR, ""),
    (Step.REOPEN, "firing"): (schema.REOPEN, "reopened"),
    (Step.END, "resolved"): (schema.END, "resolved"),
    (Step.CORRECT_END, "resolved"): (schema.CORRECT_END, ""),
}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line that has to be logged, and the status of the alert that it is about."""

    id: int
    status: str
    line: str


@dataclass(frozen=True, slots=True)
class EventWriter:
    """Writes what was heard at `at`. Each change of an alert becomes a log entry.

    `notified` is false for what Alertmanager did not send but listed when asked.
    Every method raises `sqlite3.Error`.
    """

    connection: sqlite3.Connection
    at: datetime
    notified: bool = True
    entries: list[LogEntry] = field(default_factory=list)

    def write(
        self, step: Step, row: sqlite3.Row | None, alert: Alert, suppressed: str = ""
    ) -> None:
        """Carries out `step` for `alert`, on the row of the event that it is about."""
        parameters = values(alert, self.at, suppressed)
        if self.notified:
            parameters[f"{alert.status}_received_at"] = parameters["heard_at"]
        if step in (Step.OPEN, Step.REPLACE, Step.INSERT_ENDED):
            if row and step is Step.REPLACE:
                self.end_unnoticed(row, datetime.fromisoformat(row["heard_at"]))
            self.connection.execute(schema.INSERT, parameters)
            self._log(alert, "resolved" if alert.ends_at else self._began())
        elif row and (update := UPDATES.get((step, alert.status))):
            statement, change = update
            self.connection.execute(statement, parameters | {"id": row["id"]})
            if change:
                # Whichever start a notification names, the event keeps its own.
                start = datetime.fromisoformat(row["starts_at"])
                self._log(replace(alert, starts_at=start), change)

    def event_of(self, alert: Alert) -> sqlite3.Row | None:
        """The row of the event that a notification of `alert` is about, if any."""
        query = schema.EVENT_OF_END if alert.ends_at else schema.NEWEST_EVENT
        parameters = values(alert, self.at)
        row: sqlite3.Row | None = self.connection.execute(query, parameters).fetchone()
        return row

    def end_unnoticed(self, row: sqlite3.Row, ends_at: datetime) -> None:
        """Ends the event of `row`, whose end was not notified."""
        parameters = {
            "id": row["id"],
            "ends_at": time_text(ends_at),
            "sort_rank": RESOLVED_RANK,
        }
        self.connection.execute(schema.END_UNNOTICED, parameters)
        self._log(stored_alert(row, "resolved", ends_at), "ended, not notified")

    def _began(self) -> str:
        return "fired" if self.notified else "added, not notified"

    def _log(self, alert: Alert, change: str) -> None:
        line = log.alert_line(alert, change, self.at)
        added = self.connection.execute(schema.ADD_UNLOGGED, (alert.status, line))
        self.entries.append(LogEntry(added.lastrowid or 0, alert.status, line))
