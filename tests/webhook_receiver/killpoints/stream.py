"""Notifications without end, and which of them were acknowledged."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 11, tzinfo=UTC)
ALERTNAME = "Killed"
# What a notification holds: one alert mostly, and groups of up to this many.
MOST = 20

# A change of an alert: its fingerprint, when it began, and its new status.
Change = tuple[str, str, str]


@dataclass(slots=True)
class Stream:
    """What a sender has to send: each notification until it is acknowledged, in order.

    `acknowledged` are the changes so far, of so many `notifications`. `current` is the
    notification that is sent.
    """

    random: random.Random
    acknowledged: set[Change] = field(default_factory=set)
    notifications: int = 0
    current: list[Mapping[str, object]] = field(default_factory=list)
    _firing: list[Mapping[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current = self._next()

    def body(self) -> bytes:
        """The notification, as Alertmanager sends it."""
        return json.dumps({"version": "4", "alerts": self.current}).encode()

    def in_flight(self) -> set[Change]:
        """The changes in the notification that is not acknowledged."""
        return set(map(_change, self.current))

    def acknowledge(self) -> None:
        """The notification was acknowledged: the next one is current."""
        self.acknowledged |= self.in_flight()
        self.notifications += 1
        self.current = self._next()

    def _next(self) -> list[Mapping[str, object]]:
        many = self.random.choice((1, 1, 2, MOST))
        if len(self._firing) > MOST and self.random.random() < 0.5:
            self.random.shuffle(self._firing)
            ended, self._firing = self._firing[:many], self._firing[many:]
            end = {"status": "resolved", "endsAt": _text(START + timedelta(days=1))}
            return [{**alert, **end} for alert in ended]
        began = [self._alert() for _ in range(many)]
        self._firing += began
        return began

    def _alert(self) -> Mapping[str, object]:
        fingerprint = f"{self.random.getrandbits(64):016x}"
        return {
            "status": "firing",
            "fingerprint": fingerprint,
            "startsAt": _text(START + timedelta(seconds=self.random.randrange(86_400))),
            "endsAt": "0001-01-01T00:00:00Z",
            "labels": {"alertname": ALERTNAME, "model": "tree", "signal": fingerprint},
            "annotations": {"summary": "It drifts.", "description": "x" * 300},
            "generatorURL": "",
        }


def _change(alert: Mapping[str, object]) -> Change:
    return (str(alert["fingerprint"]), str(alert["startsAt"]), str(alert["status"]))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
