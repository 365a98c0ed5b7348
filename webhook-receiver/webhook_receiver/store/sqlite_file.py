"""The SQLite file of the history: opened durably, set aside when it is damaged."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from ..log import log_damage
from . import schema

T = TypeVar("T")

# Writes go to the write-ahead log first. SQLite empties it into the file every 1,000
# pages; only a large notification makes it longer than this, and for a moment.
LOG_BYTES = 4 * 1024 * 1024
DAMAGE_MARK = ".damaged-"
# The files that SQLite keeps beside a database. The database is renamed last: as long
# as it is there, its log never comes to lie beside another.
SUFFIXES = ("-wal", "-shm", "-journal", "")


class ForeignDatabase(sqlite3.Error):
    """The file is a sound database of another program."""


class Damaged(sqlite3.DatabaseError):
    """The file no longer holds what was written to it. The message names the damage."""


class SqliteFile:
    """One connection to the history in the file `path`, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def use(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """What `operation` returns.

        A file that turns out to be damaged is set aside, and `operation` is repeated on
        a new one. Raises `sqlite3.Error` if that is impossible, or for any other
        failure of the operation.
        """
        with self._lock:
            try:
                return operation(self._open())
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.close()
                self._connection = None
                self._set_aside(error)
            return operation(self._open())

    def size(self) -> int:
        """Bytes of the file and its write-ahead log."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def damaged_files(self) -> list[Path]:
        """The damaged files that were set aside and are still there."""
        pattern = self._path.name.translate({ord(c): f"[{c}]" for c in "[*?"})
        return sorted(self._path.parent.glob(f"{pattern}{DAMAGE_MARK}*Z"))

    def close(self) -> None:
        """Closes the file for good."""
        if self._connection:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path)
        return self._connection

    def _set_aside(self, error: sqlite3.Error) -> None:
        try:
            aside = set_aside(self._path, DAMAGE_MARK)
        except OSError as failure:
            raise Damaged(f"{error}, and it cannot be set aside: {failure}") from error
        log_damage(self._path, aside, str(error))


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the history in `path`, which is created if it does not exist.

    Raises `ForeignDatabase` and leaves the file as it is, `sqlite3.Error` that
    `is_damage`, and other `sqlite3.Error` if the file cannot be used.
    """
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        # A damaged text is shown as far as it is readable.
        connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
        connection.create_function("has_words", 3, schema.has_words, deterministic=True)
        check(connection)
        # A reader never waits for a writer. A commit is on the disk when it returns:
        # only then does the receiver acknowledge a notification.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.executescript(schema.SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Raises `ForeignDatabase`, or an error that `is_damage`. Writes nothing."""
    found = tables(connection)
    if not found:
        return
    columns = [row[0] for row in connection.execute(schema.COLUMNS)]
    if columns != schema.COLUMN_NAMES:
        raise ForeignDatabase(
            f"it is no history of this version, its tables are {', '.join(found)}"
        )
    if connection.execute(schema.INVALID_JSON).fetchone():
        raise Damaged("labels or annotations of an alert are not JSON")
    for row in connection.execute("PRAGMA integrity_check(1)"):
        if row[0] != "ok":
            raise Damaged(row[0])


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of the tables."""
    return [row[0] for row in connection.execute(schema.TABLES)]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is the cause, rather than the disk or permissions."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, Damaged) or code in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def set_aside(path: Path, mark: str) -> Path:
    """Renames the database `path` and its log; nothing is overwritten.

    It must not be open. Returns its new path, which contains `mark` and the time. A
    person can recover what it holds: sqlite3 FILE .recover. Raises `OSError`.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}{mark}{stamp}")
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    return aside
