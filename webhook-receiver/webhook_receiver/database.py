"""The file that the history is in, replaced by a new one when it is damaged."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from . import quarantine
from .connection import Damaged, connect, is_damage
from .log import log_damage

T = TypeVar("T")


class Database:
    """One connection to the file `path`, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def use(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """What `operation` returns.

        If the file turns out to be damaged, it is set aside, and `operation` is tried
        again on a new one. Raises `sqlite3.Error` if there cannot be one, or for
        whatever else prevents the operation.
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
        """Bytes that the file takes, with its write-ahead log."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def set_aside(self) -> list[Path]:
        """The damaged files that were set aside and are still there."""
        return quarantine.found(self._path)

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
            aside = quarantine.set_aside(self._path)
        except OSError as stays:
            raise Damaged(f"{error}, and it cannot be set aside: {stays}") from error
        log_damage(self._path, aside, str(error))
