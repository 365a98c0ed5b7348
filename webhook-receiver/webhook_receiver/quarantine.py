"""Sets a damaged file aside, so that the receiver goes on without it.

What it holds, a person can recover: sqlite3 FILE .recover
"""

from datetime import UTC, datetime
from pathlib import Path

MARK = ".damaged-"
# The files that SQLite keeps beside a database. The database goes last: as long as it
# is there, its log never comes to lie beside another.
SUFFIXES = ("-wal", "-shm", "-journal", "")


def set_aside(path: Path) -> Path:
    """Renames the database `path` and what belongs to it; nothing is overwritten.

    It must not be open. Returns where it is now. Raises `OSError` if it stays.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(path.name + MARK + stamp)
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    return aside


def found(path: Path) -> list[Path]:
    """The databases that were set aside from `path` and are still there."""
    pattern = path.name.translate({ord(c): f"[{c}]" for c in "[*?"})
    beside = path.parent.glob(f"{pattern}{MARK}*Z")
    return sorted(beside)
