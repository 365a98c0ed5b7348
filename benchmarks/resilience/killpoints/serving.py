"""The whole system, whose receiver is killed while the real Alertmanager sends.

The truth is what was posted to Alertmanager's API; it decides itself when to send what,
and when again, with the configuration that is shipped.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stack.process import local, wait_until
from stack.system import Stack

from .history_reader import stored

ALERTNAME = "Posted"
POST_SECONDS = 0.05
# No alert of the rules on drift is shorter (keep_firing_for). Alertmanager does not
# notify the end of one that is over before its beginning was acknowledged.
ALERT_SECONDS = 30.0
LIFE_SECONDS = 1.5
DRAIN_SECONDS = 180.0
RECEIVER = "webhook-receiver"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What Alertmanager was given, and what of it is in the history."""

    kills: int
    posted: int
    missing: int
    twice: int
    invented: int
    failed_requests: int


@dataclass(slots=True)
class Poster:
    """Posts alerts to Alertmanager, as a Prometheus would, until it is stopped."""

    url: str
    history: Path
    began: dict[str, datetime] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Begins an alert, and ends those that are old enough, again and again."""
        while not self.stop.wait(POST_SECONDS):
            name = f"{len(self.began):08d}"
            self.began[name] = datetime.now(UTC)
            self._post([name], None)
            if len(self.began) % 20 == 0:
                self.end()

    def end(self) -> None:
        """Ends every alert that was notified and is old enough."""
        latest = datetime.now(UTC) - timedelta(seconds=ALERT_SECONDS)
        notified = {starts_at for _, starts_at, _ in stored(self.history, ALERTNAME)}
        names = [
            name
            for name, at in self.began.items()
            if name not in self.ended and at <= latest and _text(at) in notified
        ]
        if names:
            self._post(names, datetime.now(UTC))
            self.ended |= set(names)

    def expected(self) -> set[tuple[str, str]]:
        """The beginning and the status of each change that should be notified."""
        firing = {(_text(at), "firing") for at in self.began.values()}
        return firing | {(_text(self.began[name]), "resolved") for name in self.ended}

    def _post(self, names: Sequence[str], ended: datetime | None) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        alerts = [
            {
                "labels": {"alertname": ALERTNAME, "signal": name},
                "annotations": {"summary": "It drifts."},
                "startsAt": _text(self.began[name]),
                "endsAt": _text(ended or later),
            }
            for name in names
        ]
        local().post(f"{self.url}/api/v2/alerts", json=alerts).raise_for_status()


def killed(folder: Path, kills: int, seed: int) -> Delivery:
    """Kills the receiver so often while alerts begin and end.

    Raises `TimeoutError` if what was posted is not there some minutes after.
    """
    chance = random.Random(seed)
    with Stack(folder) as stack:
        poster = Poster(stack.url("alertmanager:9093"), folder / "alerts.sqlite")
        posting = threading.Thread(target=poster.run)
        posting.start()
        try:
            for _ in range(kills):
                time.sleep(chance.uniform(0, LIFE_SECONDS))
                stack.processes[RECEIVER].kill()
                stack.start(RECEIVER)
        finally:
            poster.stop.set()
            posting.join()
        wait_until(
            lambda: poster.expected() <= _notified(poster).keys(),
            "alerts",
            DRAIN_SECONDS,
        )
        time.sleep(ALERT_SECONDS)
        poster.end()
        wait_until(
            lambda: poster.expected() <= _notified(poster).keys(),
            "the end of each alert",
            DRAIN_SECONDS,
        )
        return _judged(stack, poster, kills)


def _notified(poster: Poster) -> Counter[tuple[str, str]]:
    changes = Counter[tuple[str, str]]()
    for (_, starts_at, status), times in stored(poster.history, ALERTNAME).items():
        changes[starts_at, status] += times
    return changes


def _judged(stack: Stack, poster: Poster, kills: int) -> Delivery:
    changes, expected = _notified(poster), poster.expected()
    name = "alertmanager_notification_requests_failed_total"
    metrics = local().get(stack.url("alertmanager:9093") + "/metrics").text
    failed = [
        float(line.split()[-1])
        for line in metrics.splitlines()
        if line.startswith(f'{name}{{integration="webhook"')
    ]
    return Delivery(
        kills=kills,
        posted=len(expected),
        missing=len(expected - changes.keys()),
        twice=sum(times > 1 for times in changes.values()),
        invented=len(changes.keys() - expected),
        failed_requests=int(sum(failed)),
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
