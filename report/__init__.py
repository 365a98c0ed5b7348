"""The report of a run: one HTML page, drawn from Prometheus and the receiver."""

from datetime import UTC, datetime
from pathlib import Path

from . import page
from .query.read_record import read
from .query.sources import NoReport, Prometheus, Receiver

__all__ = ["NoReport", "write"]


def write(
    prometheus: str,
    receiver: str,
    out: Path,
    *,
    since: float | None = None,
    until: float | None = None,
    model: str | None = None,
) -> None:
    """Writes the report of a time range, in seconds since 1970, to `out`.

    The services are given by their URLs. With `model`, only models of that name are
    shown. A page at `out` is replaced when the new one is complete. Raises `NoReport`.
    """
    record = read(Prometheus(prometheus), Receiver(receiver), since, until, model)
    text = page.render(record, datetime.now(UTC))
    part = out.with_name(f"{out.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)
