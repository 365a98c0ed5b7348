"""Runs a scenario on a running system, and reports alerts as they are delivered."""

import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from report.timeline import Phase, Row, row, seconds

from .system import Stack

POLL_SECONDS = 0.25
# What fires at the end of the last phase is notified about a second later.
DELIVERY_SECONDS = 10.0
# Info is context, not an event: it may fire for as long as it likes.
FIRING = 'ALERTS{alertstate="firing",severity!="info"}'
# From the first evaluation in which an alert fired to the last, in seconds. The
# watchdog has a way of its own.
FIRED_SECONDS = """
max_over_time(timestamp({0})[1h:1s]) - min_over_time(timestamp({0})[1h:1s])
""".format('ALERTS{alertstate="firing",alertname!="MonitorWatchdog"}')
# An alert that ends while Alertmanager waits (group_interval is 5 s) is never notified.
FIRED = f"{FIRED_SECONDS} > 5"
PHASES = "last_over_time(loan_simulator_phase_start_timestamp_seconds[1h]) > 0"
# Of one model: its decisions of the last ten seconds, what is expected, and the signal
# that has spent most of its false-alarm budget; an alert fires at 1.
CELLS = '{{role="decision",kind="category",model="{model}"}}'
DECISIONS = f"sum by (category) (increase(model_cells_total{CELLS}[10s]))"
EXPECTED = f"avg by (category) (model_cells_reference_ratio{CELLS})"
CLOSEST = 'topk(1, max by (signal) (signal:model_drift:spent_ratio{{model="{model}"}}))'
SHIPPED_MODEL = "credit-approval-tree"

WIDTH = 80


class Undelivered(Exception):
    """An alert fired that the receiver never got."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a scenario.

    The alerts in the order in which they fired, and what the simulator printed.
    """

    rows: list[Row]
    printed: str


class Screen:
    """Where a run is reported: lines that stay, and on a terminal one that changes."""

    COLOURS: Mapping[str, str] = {
        "critical": "31",
        "warning": "33",
        "info": "34",
        "resolved": "32",
    }

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._is_terminal = out.isatty()

    def write(self, text: str = "", colour: str = "") -> None:
        """Writes lines, which stay."""
        code = self.COLOURS.get(colour) if self._is_terminal else None
        shown = f"\x1b[{code}m{text}\x1b[0m" if code else text
        self._clear()
        print(shown, file=self._out, flush=True)

    def show(self, text: str) -> None:
        """Shows what is now, in the line that changes; on a terminal only."""
        if self._is_terminal:
            self._clear()
            print(text[: WIDTH - 1], end="", file=self._out, flush=True)

    def _clear(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", file=self._out)


class Follower:
    """Reports phases and alerts as they come."""

    def __init__(self, stack: Stack, screen: Screen, model: str) -> None:
        self._stack = stack
        self._screen = screen
        self._model = model
        self._phases: list[Phase] = []
        self._reported: set[tuple[str, str, str]] = set()

    @property
    def second(self) -> float:
        """Seconds since the first phase began, or 0 before it did."""
        return time.time() - self._phases[0].start if self._phases else 0.0

    def rows(self) -> list[Row]:
        """The alerts so far, in the order in which they fired."""
        alerts = sorted(self._stack.alerts(), key=lambda alert: str(alert["starts_at"]))
        return [row(alert, self._phases) for alert in alerts]

    def check(self) -> None:
        """Reports new phases and alerts, and shows the state of the moment."""
        started = [
            Phase(sample["metric"]["phase"], float(sample["value"][1]))
            for sample in self._stack.query(PHASES)
        ]
        for phase in sorted(started, key=lambda p: p.start):
            if phase not in self._phases:
                self._phases.append(phase)
                self._event(phase.start, f"-- {phase.name} --")
        for alert in reversed(self._stack.alerts()):
            for status in ("firing", "resolved"):
                received = alert[f"{status}_received_at"]
                key = (alert["fingerprint"], alert["starts_at"], status)
                # What ended before it was notified as firing is in the table only.
                is_notified = received and alert["firing_received_at"]
                if is_notified and key not in self._reported:
                    self._reported.add(key)
                    self._alert(seconds(received), status, alert)
        if self._phases:
            self._screen.show(self._state())

    def is_delivered(self) -> bool:
        """Whether the receiver knows each alert that fires."""
        return not undelivered(self._stack, FIRING)

    def _alert(self, moment: float, status: str, alert: Mapping[str, Any]) -> None:
        labels = alert["labels"]
        about = (labels.get(name) for name in ("signal", "segment", "direction"))
        name = " ".join([alert["alertname"], *filter(None, about)])
        colour = alert["severity"] if status == "firing" else "resolved"
        self._event(moment, f"{status:<8} {alert['severity']:<8} {name}", colour)
        if status == "firing":
            words = alert["annotations"].get("description", "").partition("\n")[0]
            for line in textwrap.wrap(words, WIDTH - 12):
                self._screen.write(" " * 11 + line)

    def _event(self, moment: float, words: str, colour: str = "") -> None:
        start = self._phases[0].start if self._phases else moment
        self._screen.write(f"{moment - start:7.1f} s  {words}", colour)

    def _state(self) -> str:
        """The second, the phase, the mix of decisions, and the nearest alert."""
        expected = self._query(EXPECTED, "category")
        counts = self._query(DECISIONS, "category")
        total = sum(counts.values())
        mix = [
            f"{name} {100 * counts.get(name, 0) / total:.0f} ({100 * share:.0f}) %"
            for name, share in expected.items()
            if total
        ]
        closest = [
            f"closest to an alert: {signal} {min(spent, 1):.1%}"
            for signal, spent in self._query(CLOSEST, "signal").items()
            if spent >= 0.001
        ]
        head = f"{self.second:7.1f} s  {self._phases[-1].name}"
        return "  ".join([head, *mix, *closest])

    def _query(self, promql: str, label: str) -> dict[str, float]:
        """The values of a query about the model, by a label."""
        return {
            sample["metric"][label]: float(sample["value"][1])
            for sample in self._stack.query(promql.format(model=self._model))
        }


def run(
    stack: Stack,
    arguments: Sequence[str],
    screen: Screen,
    *,
    model: str = SHIPPED_MODEL,
    incidents: Sequence[tuple[float, Callable[[], None]]] = (),
    until: Callable[[Sequence[Row]], bool] | None = None,
    seconds_after: float = DELIVERY_SECONDS,
) -> Run:
    """Runs the simulator with `arguments` until each alert that fires is delivered.

    `model` is the one whose state is shown.

    `incidents` are what is done to the system, each at a second of the scenario, in
    order. After the last application it waits until `until` is true of the alerts, for
    `seconds_after` at most. Raises `ProcessDied` if a component did.
    """
    simulator = stack.simulate(*arguments)
    follower = Follower(stack, screen, model)
    pending = list(incidents)
    try:
        while simulator.returncode is None:
            _check_and_wait(stack, follower)
            if pending and follower.second >= pending[0][0]:
                pending.pop(0)[1]()
        if simulator.returncode != 0:
            simulator.check()
        deadline = time.monotonic() + seconds_after
        while time.monotonic() < deadline and not (
            follower.is_delivered() and (until is None or until(follower.rows()))
        ):
            _check_and_wait(stack, follower)
        follower.check()
        screen.show("")
    finally:
        simulator.stop()
    printed = simulator.log.read_text().rstrip()
    return Run(follower.rows(), printed)


def undelivered(stack: Stack, fired: str = FIRED) -> list[dict[str, str]]:
    """The labels of alerts that fired, and that the receiver does not know."""
    known = [alert["labels"] for alert in stack.alerts()]
    found = []
    for sample in stack.query(fired):
        labels = dict(sample["metric"])
        del labels["alertstate"]
        labels.pop("__name__", None)
        if labels not in known:
            found.append(labels)
    return found


def check_delivery(stack: Stack) -> None:
    """Raises `Undelivered` if an alert fired that the receiver does not know."""
    for labels in undelivered(stack):
        raise Undelivered(f"{labels} fired, and was not delivered")


def _check_and_wait(stack: Stack, follower: Follower) -> None:
    stack.check()
    follower.check()
    time.sleep(POLL_SECONDS)
