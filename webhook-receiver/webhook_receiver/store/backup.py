"""Copies the history to a file, and puts a copy in its place."""

import sqlite3
from contextlib import closing
from pathlib import Path

from .sqlite_file import ForeignDatabase, check, is_damage, set_aside, tables

REPLACED_MARK = ".replaced-"


def back_up(history: Path, copy: Path) -> int:
    """Copies the history to the new file `copy`, also while the receiver writes.

    The copy is one moment of the history, and on the disk on return. Returns how many
    alerts it holds. Raises `OSError` if `copy` exists, and `sqlite3.Error`.
    """
    if copy.exists():
        raise FileExistsError(f"{copy} exists")
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    try:
        alerts = _copy(history, part)
        part.rename(copy)
    finally:
        part.unlink(missing_ok=True)
    return alerts


def restore(copy: Path, history: Path) -> tuple[int, Path | None]:
    """Puts `copy` in the place of the history, which no receiver may use.

    The history that was there is renamed. Returns how many alerts were restored, and
    the new path of the former history. Raises `OSError`, and `sqlite3.Error` if the
    copy is no history, or the history is in use.
    """
    part = history.with_name(f"{history.name}.part")
    part.unlink(missing_ok=True)
    try:
        alerts = _copy(copy, part)
        former = None
        if history.exists():
            _check_unused(history)
            former = set_aside(history, REPLACED_MARK)
        part.rename(history)
    finally:
        part.unlink(missing_ok=True)
    return alerts, former


def _copy(source: Path, target: Path) -> int:
    # Opened by a URI, because a path that does not exist would be created.
    uri = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as opened,
        closing(sqlite3.connect(target)) as written,
    ):
        opened.backup(written)
        # One file, without a log beside it, that also a read-only folder may hold.
        written.execute("PRAGMA journal_mode = DELETE")
        if not tables(written):
            raise ForeignDatabase("it holds no alerts: it is empty")
        check(written)
        [alerts] = written.execute("SELECT count(*) FROM alerts").fetchone()
        return int(alerts)


def _check_unused(history: Path) -> None:
    """Raises `sqlite3.OperationalError` if another process has the file open."""
    with closing(sqlite3.connect(history, timeout=0)) as connection:
        try:
            # SQLite only leaves the write-ahead log if nothing else uses the file.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
