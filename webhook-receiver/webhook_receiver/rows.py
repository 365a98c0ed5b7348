"""An alert as a row of the history, and a row as a JSON object."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .alerts import Alert
from .connection import Damaged


def row(alert: Alert, received_at: datetime) -> Mapping[str, str | None]:
    """The row that `sql.INSERT` stores."""
    received = text(received_at)
    firing = alert.status == "firing"
    return {
        "fingerprint": alert.fingerprint,
        "starts_at": text(alert.starts_at),
        "ends_at": text(alert.ends_at) if alert.ends_at else None,
        "alertname": alert.labels.get("alertname", ""),
        "severity": alert.labels.get("severity", ""),
        "labels": json.dumps(alert.labels, sort_keys=True),
        "annotations": json.dumps(alert.annotations, sort_keys=True),
        "generator_url": alert.generator_url,
        "firing_received_at": received if firing else None,
        "resolved_received_at": None if firing else received,
    }


def key(alert: Alert) -> Mapping[str, str]:
    """What is told once."""
    starts_at = text(alert.starts_at)
    return {
        "fingerprint": alert.fingerprint,
        "starts_at": starts_at,
        "status": alert.status,
    }


def news(row: sqlite3.Row) -> tuple[Alert, datetime]:
    """An alert as it was told with the `status` of the row, and when.

    Raises `Damaged` if that is not what was stored.
    """
    fields = json_object(row)
    firing = row["status"] == "firing"
    alert = Alert(
        fingerprint=fields["fingerprint"],
        status=row["status"],
        starts_at=datetime.fromisoformat(fields["starts_at"]),
        ends_at=None if firing else datetime.fromisoformat(fields["ends_at"]),
        labels=fields["labels"],
        annotations=fields["annotations"],
        generator_url=fields["generator_url"],
    )
    return alert, datetime.fromisoformat(fields[f"{row['status']}_received_at"])


def json_object(row: sqlite3.Row) -> Mapping[str, Any]:
    """An alert of the history. Raises `Damaged` if that is not what was stored."""
    try:
        labels, annotations = json.loads(row["labels"]), json.loads(row["annotations"])
    except ValueError as error:
        raise Damaged("labels or annotations of an alert are no JSON") from error
    return {
        **dict(row),
        "status": "firing" if row["ends_at"] is None else "resolved",
        "labels": labels,
        "annotations": annotations,
    }


def text(moment: datetime) -> str:
    """RFC 3339 in UTC, of one width, so that it sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
