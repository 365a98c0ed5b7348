"""How much of the history is kept, so that it never fills the disk."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import sql
from .rows import text

REASONS = ("age", "size")
MEGABYTE = 1_000_000
# Rows that are deleted at once. Some two of them share a page.
BITE = 100


@dataclass(frozen=True, slots=True)
class Retention:
    """Keeps alerts for `age` after they were last told, and at most `size` bytes.

    What exceeds `size` is deleted from the oldest on, first of what is resolved. The
    pages of what is deleted are used again, so the file stays as large as it once was:
    `size`, and for a moment the largest notification besides.
    """

    age: timedelta = timedelta(days=400)
    size: int = 256 * MEGABYTE

    def bites(
        self, connection: sqlite3.Connection, now: datetime
    ) -> Iterator[tuple[str, int]]:
        """Deletes what is too much, bite by bite; yields why, and how many alerts.

        Raises `sqlite3.Error` if it cannot.
        """
        aged = {"before": text(now - self.age), "bite": BITE}
        while deleted := connection.execute(sql.DELETE_OLDER, aged).rowcount:
            yield "age", deleted
        while _used(connection) > self.size:
            deleted = connection.execute(sql.DELETE_OLDEST, {"bite": BITE}).rowcount
            if not deleted:
                return
            yield "size", deleted


KEEP = Retention()


def _used(connection: sqlite3.Connection) -> int:
    """Bytes of the pages that hold something."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
