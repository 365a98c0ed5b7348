"""Runs a scenario on a running system, and follows the alerts as they arrive."""

import time
from collections.abc import Callable, Sequence

from .system import Stack
from .timeline import Phase, Row, row, seconds

# After the last application the 30 s window has to empty, and alerts keep firing for
# another 30 s. More means that one will not resolve by itself.
RESOLVE_SECONDS = 90.0
POLL_SECONDS = 0.25
PHASES = "last_over_time(loan_simulator_phase_start_timestamp_seconds[1h]) > 0"


class Undelivered(Exception):
    """An alert fired that the receiver never heard of."""


class Follower:
    """Tells what happens, as it happens."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say
        self._phases: list[Phase] = []
        self._told: set[tuple[str, str, str]] = set()

    def rows(self) -> list[Row]:
        """The alerts so far, in the order in which they fired."""
        alerts = sorted(self._stack.alerts(), key=lambda alert: str(alert["starts_at"]))
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

    def is_quiet(self) -> bool:
        """Whether nothing fires and every alert is told to be resolved."""
        told = all(alert["ends_at"] for alert in self._stack.alerts())
        return told and not self._stack.query('ALERTS{alertstate="firing"}')

    def _tell(self, moment: float, words: str) -> None:
        start = self._phases[0].start if self._phases else moment
        self._say(f"{moment - start:7.1f} s  {words}")


def run(
    stack: Stack, arguments: Sequence[str], say: Callable[[str], None]
) -> tuple[list[Row], str]:
    """Runs the simulator with `arguments` until every alert is resolved, or should be.

    Returns the alerts and what the simulator printed. Raises `ProcessDied` if a
    component did.
    """
    simulator = stack.simulate(*arguments)
    follower = Follower(stack, say)
    try:
        while simulator.returncode is None:
            _look_and_wait(stack, follower)
        if simulator.returncode != 0:
            simulator.check()
        say("the applications are sent; waiting for alerts to resolve")
        deadline = time.monotonic() + RESOLVE_SECONDS
        while not follower.is_quiet() and time.monotonic() < deadline:
            _look_and_wait(stack, follower)
        follower.look()
    finally:
        simulator.stop()
    return follower.rows(), simulator.log.read_text().rstrip()


def check_delivery(stack: Stack) -> None:
    """Raises `Undelivered` if an alert fired that the receiver does not know."""
    known = [alert["labels"] for alert in stack.alerts()]
    for sample in stack.query('last_over_time(ALERTS{alertstate="firing"}[1h])'):
        labels = dict(sample["metric"])
        del labels["alertstate"]
        labels.pop("__name__", None)
        if labels not in known:
            raise Undelivered(f"{labels} fired, and was not delivered")


def _look_and_wait(stack: Stack, follower: Follower) -> None:
    stack.check()
    follower.look()
    time.sleep(POLL_SECONDS)
