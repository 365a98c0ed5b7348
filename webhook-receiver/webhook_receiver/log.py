"""One JSON object a line: machines read it, and no value can forge a line."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from .alerts import Alert

LOGGER = logging.getLogger("webhook_receiver")


def log_alert(alert: Alert, received_at: datetime) -> None:
    """An alert that was news. Labels and annotations keep their own namespaces."""
    _log(
        logging.INFO,
        "alert",
        status=alert.status,
        alertname=alert.labels.get("alertname", ""),
        fingerprint=alert.fingerprint,
        starts_at=alert.starts_at.isoformat(),
        ends_at=alert.ends_at.isoformat() if alert.ends_at else None,
        received_at=received_at.isoformat(),
        labels=alert.labels,
        annotations=alert.annotations,
    )


def log_problem(outcome: str, detail: str) -> None:
    """A notification that was not stored."""
    _log(logging.WARNING, "notification", outcome=outcome, detail=detail)


def log_damage(path: Path, aside: Path, detail: str) -> None:
    """A history that was set aside."""
    _log(
        logging.ERROR,
        "history",
        outcome="set aside",
        detail=f"{path} is damaged ({detail}); it is now {aside}, a new one is used",
    )


def _log(level: int, event: str, **fields: object) -> None:
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    LOGGER.log(level, "%s", json.dumps({"time": time, "event": event, **fields}))
