"""Runs a scenario on a running system, and follows the alerts as they arrive."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .system import Stack
from .timeline import Phase, Row, row, seconds

# After the last application it takes half a minute to know that nobody applies, and
# alerts keep firing for another. More means that one will not resolve by itself.
RESOLVE_SECONDS = 90.0
POLL_SECONDS = 0.25
# Info is context, not an event: it may fire for as long as it likes.
FIRING = 'ALERTS{alertstate="firing",severity!="info"}'
# The watchdog has a way of its own.
FIRED = 'last_over_time(ALERTS{alertstate="firing",alertname!="Watchdog"}[1h])'
PHASES = "last_over_time(loan_simulator_phase_start_timestamp_seconds[1h]) > 0"


class Undelivered(Exception):
    """An alert fired that the receiver never heard of."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a scenario.

    The alerts in the order in which they fired, what the simulator printed, and the
    labels of alerts that were not told because another was.
    """

    rows: list[Row]
    printed: str
    suppressed: list[dict[str, str]]


class Follower:
    """Tells what happens, as it happens."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say
        self._phases: list[Phase] = []
        self._told: set[tuple[str, str, str]] = set()
        self.suppressed: list[dict[str, str]] = []

    @property
    def second(self) -> float:
        """Seconds since the first phase began, or 0 before it did."""
        return time.time() - self._phases[0].start if self._phases else 0.0

    def rows(self) -> list[Row]:
        """The alerts so far that were notified, in the order in which they fired."""
        alerts = sorted(_notified(self._stack), key=lambda a: str(a["starts_at"]))
        return [row(alert, self._phases) for alert in alerts]

    def look(self) -> None:
        """Looks for a new phase and for new alerts, and tells."""
        started = [
            Phase(sample["metric"]["phase"], float(sample["value"][1]))
            for sample in self._stack.query(PHASES)
        ]
        for phase in sorted(started, key=lambda p: p.start):
            if phase not in self._phases:
                self._phases.append(phase)
                self._tell(phase.start, f"-- {phase.name} --")
        for alert in reversed(self._stack.alerts()):
            for status in ("firing", "resolved"):
                received = alert[f"{status}_received_at"]
                key = (alert["fingerprint"], alert["starts_at"], status)
                if received and key not in self._told:
                    self._told.add(key)
                    signal = alert["labels"].get("signal", "")
                    words = f"{status:<8}  {alert['alertname']} {signal}"
                    self._tell(seconds(received), words)

        self.suppressed += [
            labels
            for labels in self._stack.suppressed()
            if labels not in self.suppressed
        ]

    def is_quiet(self) -> bool:
        """Whether nothing fires and every alert is told to be resolved."""
        told = all(
            alert["ends_at"]
            for alert in _notified(self._stack)
            if alert["severity"] != "info"
        )
        return told and not self._stack.query(FIRING)

    def _tell(self, moment: float, words: str) -> None:
        start = self._phases[0].start if self._phases else moment
        self._say(f"{moment - start:7.1f} s  {words}")


def run(
    stack: Stack,
    arguments: Sequence[str],
    say: Callable[[str], None],
    incidents: Sequence[tuple[float, Callable[[], None]]] = (),
    resolve_seconds: float = RESOLVE_SECONDS,
) -> Run:
    """Runs the simulator with `arguments` until every alert is resolved, or should be.

    `incidents` are what is done to the system, each at a second of the scenario, in
    order. After the last application it waits for at most `resolve_seconds`. Raises
    `ProcessDied` if a component did.
    """
    simulator = stack.simulate(*arguments)
    follower = Follower(stack, say)
    pending = list(incidents)
    try:
        while simulator.returncode is None:
            _look_and_wait(stack, follower)
            if pending and follower.second >= pending[0][0]:
                pending.pop(0)[1]()
        if simulator.returncode != 0:
            simulator.check()
        say("the applications are sent; waiting for alerts to resolve")
        deadline = time.monotonic() + resolve_seconds
        while not follower.is_quiet() and time.monotonic() < deadline:
            _look_and_wait(stack, follower)
        follower.look()
    finally:
        simulator.stop()
    printed = simulator.log.read_text().rstrip()
    return Run(follower.rows(), printed, follower.suppressed)


def check_delivery(stack: Stack, suppressed: Sequence[dict[str, str]] = ()) -> None:
    """Raises `Undelivered` if an alert fired that the receiver does not know.

    `suppressed` are the labels of those that it need not know.
    """
    known = [*suppressed, *(alert["labels"] for alert in stack.alerts())]
    for sample in stack.query(FIRED):
        labels = dict(sample["metric"])
        del labels["alertstate"]
        labels.pop("__name__", None)
        if labels not in known:
            raise Undelivered(f"{labels} fired, and was not delivered")


def _notified(stack: Stack) -> list[dict[str, Any]]:
    """The alerts of the receiver that are not there because it asked Alertmanager.

    It adds those that are suppressed, because an alert about the same fires.
    """
    return [alert for alert in stack.alerts() if alert["firing_received_at"]]


def _look_and_wait(stack: Stack, follower: Follower) -> None:
    stack.check()
    follower.look()
    time.sleep(POLL_SECONDS)
