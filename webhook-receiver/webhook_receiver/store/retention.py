"""How much of the history is kept, so that it never fills the disk."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import schema
from .rows import time_text

REASONS = ("age", "size")
MEGABYTE = 1_000_000
# Rows deleted per statement. About two of them share a page.
BATCH_ROWS = 100


@dataclass(frozen=True, slots=True)
class Retention:
    """Keeps alerts for `age` after they were last confirmed, and at most `size` bytes.

    Beyond `size` the oldest are deleted, resolved ones first. SQLite reuses the pages
    of deleted rows, so the file stays as large as it once was: `size`, and for a moment
    twice the largest notification as well, which is stored with its lines of the log.
    """

    age: timedelta = timedelta(days=400)
    size: int = 256 * MEGABYTE

    def delete_in_batches(
        self, connection: sqlite3.Connection, now: datetime
    ) -> Iterator[tuple[str, int]]:
        """Deletes alerts beyond the bounds; yields the reason and count of each batch.

        Raises `sqlite3.Error`.
        """
        aged = {"before": time_text(now - self.age), "rows": BATCH_ROWS}
        while deleted := connection.execute(schema.DELETE_OLDER, aged).rowcount:
            yield "age", deleted
        while _used(connection) > self.size:
            oldest = connection.execute(schema.DELETE_OLDEST, {"rows": BATCH_ROWS})
            if not oldest.rowcount:
                return
            yield "size", oldest.rowcount


KEEP = Retention()


def _used(connection: sqlite3.Connection) -> int:
    """Bytes of the pages that hold something."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
