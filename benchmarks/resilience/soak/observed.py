"""What happened: drifts, outages, and the alerts of the receiver.

All times are in seconds since 1970.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from report.timeline import seconds

# Failed scrapes of three minutes are reported when they are more than a third.
DOWN_SECONDS = 60.0
CONSEQUENCES = {
    "alertmanager": "MonitorAlertsNotSent",
    "webhook-receiver": "MonitorNotificationsFailing",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A phase of drift from `start` to `end`, in seconds since 1970."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Outage:
    """A component that was killed, and back later, in seconds since 1970."""

    component: str
    killed: float
    back: float

    def consequences(self) -> Iterator[str]:
        """The alerts that may fire because of it."""
        if self.component in CONSEQUENCES:
            yield CONSEQUENCES[self.component]
        if self.back - self.killed > DOWN_SECONDS:
            analyzer = self.component == "credit-analyzer"
            yield "ModelServiceDown" if analyzer else "MonitorTargetDown"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of the receiver's history; times in seconds since 1970.

    `about` are its labels segment and direction, if it has them. `received` and `ended`
    are when it was received as firing and as resolved, `logged` is how many lines of
    the log have it as firing.
    """

    name: str
    signal: str
    started: float
    received: float | None
    ended: float | None
    logged: int
    severity: str = "warning"
    about: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """Its name and its signal."""
        return self.name, self.signal


@dataclass(frozen=True, slots=True)
class Delivered:
    """A drift of which an alert was received.

    `delay` is from the change to the receiver, `broken` whether something was down
    meanwhile.
    """

    drift: str
    signal: str
    delay: float
    broken: bool


def alerts(history: Sequence[Mapping[str, Any]], log: str) -> list[Alert]:
    """Those of the receiver's `history` that ask for a response, with its `log`."""
    logged = Counter(_firing_in(log))
    return [
        Alert(
            name=alert["alertname"],
            signal=alert["labels"].get("signal", ""),
            started=seconds(alert["starts_at"]),
            received=_moment(alert["firing_received_at"]),
            ended=_moment(alert["resolved_received_at"]),
            severity=alert["severity"],
            about=_about(alert["labels"]),
            logged=logged[_key(alert["labels"], alert["starts_at"])],
        )
        for alert in history
        if alert["severity"] != "info"
    ]


def _firing_in(log: str) -> Iterator[tuple[str, float]]:
    for line in log.splitlines():
        # A process may write other things as it is killed.
        if line.startswith("{") and line.endswith("}"):
            fields = json.loads(line)
            if fields["event"] == "alert" and fields["status"] == "firing":
                yield _key(fields["labels"], fields["starts_at"])


def _key(labels: Mapping[str, str], starts_at: str) -> tuple[str, float]:
    return json.dumps(labels, sort_keys=True), seconds(starts_at)


def _about(labels: Mapping[str, str]) -> str:
    return " ".join(filter(None, map(labels.get, ("segment", "direction"))))


def _moment(text: str | None) -> float | None:
    return seconds(text) if text else None
