"""What happened: drifts, outages, and what the receiver was told.

All times are in seconds since 1970.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from report.timeline import seconds

# A component that is away for this long may miss fifteen of a minute's scrapes.
DOWN_SECONDS = 12.0
WHO_NOTICES = {
    "alertmanager": "PrometheusNotificationsFailing",
    "webhook-receiver": "AlertmanagerNotificationsFailing",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A drift from `start` to `end`, in seconds since 1970.

    It moves the signals in `certain`, and perhaps those in `possible`.
    """

    name: str
    start: float
    end: float
    certain: frozenset[str]
    possible: frozenset[str]

    @property
    def signals(self) -> frozenset[str]:
        """All that it may move."""
        return self.certain | self.possible


@dataclass(frozen=True, slots=True)
class Outage:
    """A component that was killed, and back later, in seconds since 1970."""

    component: str
    killed: float
    back: float

    def consequences(self) -> Iterator[str]:
        """The alerts that may say so."""
        if self.component in WHO_NOTICES:
            yield WHO_NOTICES[self.component]
        if self.back - self.killed > DOWN_SECONDS:
            analyzer = self.component == "credit-analyzer"
            yield "CreditAnalyzerDown" if analyzer else "MonitorTargetDown"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of the receiver's history; times in seconds since 1970.

    `told` and `ended` are when it was received as firing and as resolved, `logged` is
    how many lines of the log tell that it fires.
    """

    name: str
    signal: str
    started: float
    told: float | None
    ended: float | None
    logged: int


@dataclass(frozen=True, slots=True)
class Told:
    """A drift that was told of a signal.

    `delay` is from the change to the receiver, `broken` whether something was down
    meanwhile.
    """

    drift: str
    signal: str
    delay: float
    broken: bool


def alerts(history: Sequence[Mapping[str, Any]], log: str) -> list[Alert]:
    """Those of the receiver's `history` that ask for a response, with its `log`."""
    told = Counter(_told_by(log))
    return [
        Alert(
            name=alert["alertname"],
            signal=alert["labels"].get("signal", ""),
            started=seconds(alert["starts_at"]),
            told=_moment(alert["firing_received_at"]),
            ended=_moment(alert["resolved_received_at"]),
            logged=told[_key(alert["labels"], alert["starts_at"])],
        )
        for alert in history
        if alert["severity"] != "info"
    ]


def _told_by(log: str) -> Iterator[tuple[str, float]]:
    for line in log.splitlines():
        # Whatever else a process may have said as it was killed.
        if line.startswith("{") and line.endswith("}"):
            fields = json.loads(line)
            if fields["event"] == "alert" and fields["status"] == "firing":
                yield _key(fields["labels"], fields["starts_at"])


def _key(labels: Mapping[str, str], starts_at: str) -> tuple[str, float]:
    return json.dumps(labels, sort_keys=True), seconds(starts_at)


def _moment(text: str | None) -> float | None:
    return seconds(text) if text else None
