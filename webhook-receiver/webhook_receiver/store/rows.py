"""An alert as a row of the history, and a row as an event, an alert or JSON."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..alerts import Alert
from ..lifecycle import Event
from .sqlite_file import Damaged

# Alerts that fire come first on the page: critical, warning, any other severity, info,
# and after them in the same order those that are suppressed; then resolved ones.
SEVERITIES = ("critical", "warning", "other", "info")
RESOLVED_RANK = 9
# Of no use to readers of the JSON form.
INTERNAL = {"id", "sort_rank"}


def values(alert: Alert, at: datetime, suppressed: str = "") -> dict[str, Any]:
    """The parameters of the statements that store `alert`, heard of at `at`."""
    severity = alert.labels.get("severity", "")
    return {
        "fingerprint": alert.fingerprint,
        "starts_at": time_text(alert.starts_at),
        "ends_at": time_text(alert.ends_at) if alert.ends_at else None,
        "sort_rank": RESOLVED_RANK if alert.ends_at else rank(severity, suppressed),
        "alertname": alert.labels.get("alertname", ""),
        "severity": severity,
        "labels": _json_text(alert.labels),
        "annotations": _json_text(alert.annotations),
        "generator_url": alert.generator_url,
        "suppressed": suppressed,
        "firing_received_at": None,
        "resolved_received_at": None,
        "heard_at": time_text(at),
    }


def rank(severity: str, suppressed: str) -> int:
    """Where an alert that fires stands on the page."""
    place = SEVERITIES.index(severity if severity in SEVERITIES else "other")
    return place + (len(SEVERITIES) if suppressed else 0)


def event(row: sqlite3.Row | None) -> Event | None:
    """The event of a row."""
    if row is None:
        return None
    return Event(
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=_time(row["ends_at"]),
        heard_at=datetime.fromisoformat(row["heard_at"]),
        previous_end=_time(row["previous_end"]),
        end_notified=row["resolved_received_at"] is not None,
    )


def json_object(row: sqlite3.Row) -> dict[str, Any]:
    """An alert of the history as JSON.

    Raises `Damaged` if its labels or annotations are not what was stored.
    """
    fields = {name: value for name, value in dict(row).items() if name not in INTERNAL}
    try:
        labels, annotations = json.loads(row["labels"]), json.loads(row["annotations"])
        first = json.loads(row["first_annotations"] or row["annotations"])
    except ValueError as error:
        raise Damaged("labels or annotations of an alert are not JSON") from error
    return fields | {
        "status": "firing" if row["ends_at"] is None else "resolved",
        "labels": labels,
        "annotations": annotations,
        "first_annotations": first,
    }


def stored_alert(row: sqlite3.Row, status: str, ends_at: datetime | None) -> Alert:
    """The alert of a row. Raises `Damaged` as `json_object` does."""
    fields = json_object(row)
    return Alert(
        fingerprint=fields["fingerprint"],
        status=status,
        starts_at=datetime.fromisoformat(fields["starts_at"]),
        ends_at=ends_at,
        labels=fields["labels"],
        annotations=fields["annotations"],
        generator_url=fields["generator_url"],
    )


def time_text(time: datetime) -> str:
    """RFC 3339 in UTC, of one width, so that it sorts as time does."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _json_text(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, sort_keys=True, ensure_ascii=False)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
