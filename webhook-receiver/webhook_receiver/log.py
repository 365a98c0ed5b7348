"""The log: one JSON object a line. Machines read it, and no value can forge a line."""

import json
import logging
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from .alerts import Alert

LOGGER = logging.getLogger("webhook_receiver")


def start_log(stream: TextIO) -> None:
    """Logs to `stream` from now on, on a line of its own.

    A receiver that is killed can leave half a line in a file. Without its end, the
    first line of the next receiver would be part of it, and no JSON.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=stream)
    with suppress(OSError):
        if _ends_in_half_a_line(stream.fileno()):
            stream.write("\n")
            stream.flush()


def _ends_in_half_a_line(descriptor: int) -> bool:
    """Whether it is a file, and its last byte ends no line."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return False
    # Opened again, because a log is open for writing only.
    with Path(f"/dev/fd/{descriptor}").open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def alert_line(alert: Alert, change: str, at: datetime) -> str:
    """The line for a change of an alert that was received, or noticed, at `at`.

    Labels and annotations keep their own namespaces.
    """
    return _line(
        at,
        "alert",
        status=alert.status,
        change=change,
        alertname=alert.labels.get("alertname", ""),
        fingerprint=alert.fingerprint,
        starts_at=alert.starts_at.isoformat(),
        ends_at=alert.ends_at.isoformat() if alert.ends_at else None,
        received_at=at.isoformat(),
        labels=alert.labels,
        annotations=alert.annotations,
    )


def log_line(line: str) -> None:
    """Logs a line that was made before."""
    LOGGER.info("%s", line)


def log_problem(outcome: str, detail: str) -> None:
    """Logs a notification that was not stored, or not whole."""
    _log(logging.WARNING, "notification", outcome=outcome, detail=detail)


def log_alertmanager(url: str, error: str) -> None:
    """Logs that an Alertmanager stopped answering, or answers again (no `error`)."""
    outcome = "unreachable" if error else "reachable"
    level = logging.WARNING if error else logging.INFO
    _log(level, "alertmanager", outcome=outcome, url=url, detail=error)


def log_reconciliation_failure(detail: str) -> None:
    """Logs that the history could not be compared with Alertmanager."""
    _log(logging.WARNING, "reconciliation", outcome="failed", detail=detail)


def log_damage(path: Path, aside: Path, detail: str) -> None:
    """Logs that a damaged history was set aside."""
    _log(
        logging.ERROR,
        "history",
        outcome="set aside",
        detail=f"{path} is damaged ({detail}); it is now {aside}, a new one is used",
    )


def _log(level: int, event: str, **fields: object) -> None:
    LOGGER.log(level, "%s", _line(datetime.now(UTC), event, **fields))


def _line(time: datetime, event: str, **fields: object) -> str:
    stamp = time.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": stamp, "event": event, **fields})
