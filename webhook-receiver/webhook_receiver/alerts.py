"""From a notification of Alertmanager to records of alerts. Pure functions.

The form is version 4 of the webhook payload
(prometheus.io/docs/alerting/latest/configuration/#webhook_config). Fields that it
gains in time are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

VERSION = "4"
STATUSES = ("firing", "resolved")


class InvalidNotification(ValueError):
    """What arrived is no notification. The message names the field and the fix."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of a notification.

    `fingerprint` identifies its labels, `starts_at` the time that it fires;
    (`fingerprint`, `starts_at`, `status`) is told once, however often it arrives.
    `ends_at` is None while it fires. Times are UTC.
    """

    fingerprint: str
    status: str
    starts_at: datetime
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str


def parse(notification: object) -> list[Alert]:
    """The alerts in the JSON form of a notification.

    Raises `InvalidNotification`.
    """
    version = _field(notification, "version", str)
    if version != VERSION:
        raise InvalidNotification(f"version must be {VERSION!r}, it is {version!r:.20}")
    alerts = _field(notification, "alerts", list)
    if not alerts:
        raise InvalidNotification("alerts must hold at least one alert")
    return [_alert(alert, f"alerts[{i}].") for i, alert in enumerate(alerts)]


def _alert(fields: object, path: str) -> Alert:
    status = _field(fields, "status", str, path)
    if status not in STATUSES:
        raise InvalidNotification(f"{path}status must be firing or resolved")
    fingerprint = _field(fields, "fingerprint", str, path)
    if not 1 <= len(fingerprint) <= 64:
        raise InvalidNotification(f"{path}fingerprint must have 1 to 64 characters")
    return Alert(
        fingerprint=fingerprint,
        status=status,
        starts_at=_moment(fields, "startsAt", path),
        # While an alert fires, this is when it would time out, or the year 1.
        ends_at=_moment(fields, "endsAt", path) if status == "resolved" else None,
        labels=_strings(fields, "labels", path),
        annotations=_strings(fields, "annotations", path),
        generator_url=_field(fields, "generatorURL", str, path),
    )


def _field(fields: object, name: str, kind: type, path: str = "") -> Any:
    value = fields.get(name) if isinstance(fields, dict) else None
    if type(value) is not kind:
        raise InvalidNotification(f"{path}{name} must be of type {kind.__name__}")
    return value


def _strings(fields: object, name: str, path: str) -> Mapping[str, str]:
    value: Mapping[str, str] = _field(fields, name, dict, path)
    if not all(isinstance(text, str) for text in value.values()):
        raise InvalidNotification(f"{path}{name} must map names to strings")
    return value


def _moment(fields: object, name: str, path: str) -> datetime:
    text = _field(fields, name, str, path)
    try:
        # A time without a zone is none (RFC 3339), nor is one that UTC cannot express.
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidNotification(f"{path}{name} must be a time (RFC 3339)")
