"""Reads a history while the receiver writes it, or after it was killed."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from .stream import Change

CHANGES = """
SELECT fingerprint, starts_at, 'firing' FROM alerts
WHERE alertname = :name AND firing_received_at IS NOT NULL
UNION ALL
SELECT fingerprint, starts_at, 'resolved' FROM alerts
WHERE alertname = :name AND resolved_received_at IS NOT NULL AND ends_at IS NOT NULL
"""


def stored(history: Path, alertname: str) -> Counter[Change]:
    """How often each status of each alert of this name is in the history.

    Only reads, and leaves the write-ahead log to the receiver.
    """
    # Only its first transaction, which makes the log, has a journal to roll back.
    journal = history.with_name(f"{history.name}-journal")
    if journal.exists() or not history.exists():
        return Counter()
    with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as connection:
        tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'alerts'"
        if connection.execute(tables).fetchone() == (0,):
            return Counter()
        return Counter(connection.execute(CHANGES, {"name": alertname}).fetchall())
