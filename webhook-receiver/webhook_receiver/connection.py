"""Opens the SQLite file of the history, once it is known to be sound and a history."""

import sqlite3
from pathlib import Path

from . import sql

# What is written is first in the write-ahead log, which is emptied into the file every
# 1,000 pages; only a large notification makes it longer than this, and for a moment.
LOG_BYTES = 4 * 1024 * 1024


class ForeignDatabase(sqlite3.Error):
    """The file is a database of something else."""


class Damaged(sqlite3.DatabaseError):
    """The file is no longer what was written to it. The message says what is wrong."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the history in `path`, which is made if nothing is there.

    Raises `ForeignDatabase`, and leaves the file as it is, `sqlite3.Error` that
    `is_damage` if the file is damaged, and other `sqlite3.Error` if it cannot be used.
    """
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = _text
        _check(connection)
        # A reader never waits for a writer; a commit is on the disk when it returns,
        # which is what lets us tell Alertmanager that it need not send again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.executescript(sql.SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is to blame, rather than the disk or who may use it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, Damaged) or code in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _check(connection: sqlite3.Connection) -> None:
    """Raises `ForeignDatabase`, or an error that `is_damage`. Writes nothing."""
    tables = [row["name"] for row in connection.execute(sql.TABLES)]
    if not tables:
        return
    columns = [row["name"] for row in connection.execute(sql.COLUMNS)]
    if columns != sql.COLUMN_NAMES:
        raise ForeignDatabase(f"it is a database of something else: {tables}")
    if connection.execute(sql.INVALID).fetchone():
        raise Damaged("labels or annotations of an alert are no JSON")
    for row in connection.execute("PRAGMA integrity_check(1)"):
        if row[0] != "ok":
            raise Damaged(row[0])


def _text(stored: bytes) -> str:
    """Whatever a damaged text became, what is left of it can be shown."""
    return stored.decode("utf-8", "replace")
