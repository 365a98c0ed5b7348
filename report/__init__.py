"""The report of a run: one page, drawn from what Prometheus and the receiver know."""

from datetime import UTC, datetime
from pathlib import Path

from . import page
from .reading import read
from .sources import Prometheus, Receiver


def write(
    prometheus: str,
    receiver: str,
    out: Path,
    since: float | None = None,
    until: float | None = None,
) -> None:
    """Writes to `out` what the services at two URLs know of a span.

    It is in seconds since 1970. Raises `NoReport`.
    """
    record = read(Prometheus(prometheus), Receiver(receiver), since, until)
    out.write_text(page.render(record, datetime.now(UTC)), encoding="utf-8")
