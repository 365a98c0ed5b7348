"""Alerts as Alertmanager writes them, in its notifications and in its API.

Pure functions. Notifications are version 4 of the webhook payload
(prometheus.io/docs/alerting/latest/configuration/#webhook_config), lists of alerts are
those of `GET /api/v2/alerts`. Fields that either gains in time are ignored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

VERSION = "4"
# No group is larger; a sum of such numbers is still exact in a metric.
MAX_TRUNCATED = 1_000_000_000
STATUSES = ("firing", "resolved")
# Of the receiver's own alert (see `watchdog`). Those of Alertmanager are 16 hexadecimal
# digits.
OWN_FINGERPRINT = "watchdog-silent"
# Why Alertmanager does not notify an alert, by the field that lists what suppresses it.
SUPPRESSIONS = {
    "silencedBy": "silenced",
    "inhibitedBy": "inhibited",
    "mutedBy": "muted",
}


class InvalidPayload(ValueError):
    """A body has another form. The message names the field and what it must be."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `fingerprint` identifies its labels. Times are UTC.

    `ends_at` is None while it fires.
    """

    fingerprint: str
    status: str
    starts_at: datetime
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What Alertmanager sends: the alerts of a group, some of which it may leave out.

    `truncated` is how many it left out (`max_alerts` of its configuration).
    """

    alerts: list[Alert]
    truncated: int


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """An alert that Alertmanager lists: it fires, notified or not.

    `receivers` are the names of those that it is routed to. `suppressed` is "silenced",
    "inhibited" or "muted", or empty if Alertmanager notifies it.
    """

    alert: Alert
    receivers: frozenset[str]
    suppressed: str


def parse_notification(body: bytes) -> Notification:
    """The notification in `body`. Raises `InvalidPayload`."""
    fields = parse_json(body)
    version = _field(fields, "version", str)
    if version != VERSION:
        raise InvalidPayload(f"version must be {VERSION!r}, it is {version!r:.20}")
    alerts = _field(fields, "alerts", list)
    if not alerts:
        raise InvalidPayload("alerts must hold at least one alert")
    truncated = _field(fields, "truncatedAlerts", int, default=0)
    if truncated < 0:
        raise InvalidPayload("truncatedAlerts must not be negative")
    if truncated > MAX_TRUNCATED:
        raise InvalidPayload(f"truncatedAlerts must be at most {MAX_TRUNCATED:,}")
    return Notification(
        [_notified(alert, f"alerts[{i}].") for i, alert in enumerate(alerts)],
        truncated,
    )


def parse_list(body: bytes) -> list[ListedAlert]:
    """The alerts that Alertmanager lists in `body`. Raises `InvalidPayload`."""
    alerts = parse_json(body)
    if not isinstance(alerts, list):
        raise InvalidPayload("the body must be a list of alerts")
    return [_listed(alert, f"[{i}].") for i, alert in enumerate(alerts)]


def parse_json(body: bytes) -> object:
    """JSON that can be stored as text. Raises `InvalidPayload`."""
    try:
        value: object = json.loads(body)
        # Half of a surrogate pair is a string to Python, but no text to store.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidPayload("the body must be JSON (RFC 8259)") from error
    return value


def parse_time(text: str) -> datetime | None:
    """An RFC 3339 time in UTC, or None if `text` is none that UTC can express."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _notified(fields: object, path: str) -> Alert:
    status = _field(fields, "status", str, path)
    if status not in STATUSES:
        raise InvalidPayload(f"{path}status must be firing or resolved")
    # While an alert fires, endsAt is when it would time out, or the year 1.
    ends_at = _time(fields, "endsAt", path) if status == "resolved" else None
    return _alert(fields, path, status, ends_at)


def _listed(fields: object, path: str) -> ListedAlert:
    status = _field(fields, "status", dict, path)
    receivers = _field(fields, "receivers", list, path)
    suppressions = [word for key, word in SUPPRESSIONS.items() if status.get(key)]
    return ListedAlert(
        _alert(fields, path, "firing", None),
        frozenset(_field(each, "name", str, f"{path}receivers.") for each in receivers),
        suppressions[0] if suppressions else "",
    )


def _alert(fields: object, path: str, status: str, ends_at: datetime | None) -> Alert:
    fingerprint = _field(fields, "fingerprint", str, path)
    if not 1 <= len(fingerprint) <= 64:
        raise InvalidPayload(f"{path}fingerprint must have 1 to 64 characters")
    return Alert(
        fingerprint=fingerprint,
        status=status,
        starts_at=_time(fields, "startsAt", path),
        ends_at=ends_at,
        labels=_strings(fields, "labels", path),
        annotations=_strings(fields, "annotations", path),
        generator_url=_field(fields, "generatorURL", str, path, default=""),
    )


def _field(
    fields: object, name: str, kind: type, path: str = "", default: object = None
) -> Any:
    value = fields.get(name, default) if isinstance(fields, dict) else None
    if type(value) is not kind:
        raise InvalidPayload(f"{path}{name} must be of type {kind.__name__}")
    return value


def _strings(fields: object, name: str, path: str) -> Mapping[str, str]:
    value: Mapping[str, str] = _field(fields, name, dict, path)
    if not all(isinstance(text, str) for text in value.values()):
        raise InvalidPayload(f"{path}{name} must map names to strings")
    return value


def _time(fields: object, name: str, path: str) -> datetime:
    time = parse_time(_field(fields, name, str, path))
    if time is None:
        raise InvalidPayload(f"{path}{name} must be a time (RFC 3339)")
    return time
