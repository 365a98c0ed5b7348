"""What is told when the clock steps by an hour in the middle of a drift.

python -m benchmarks.clock

Starts the system, waits until a drift is told, sets the clock of every component an
hour forward or back (a real step, stack/clock.py), and follows for a minute and a half
what is told. Writes results/clock.md.
"""

import argparse
import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import described_system
from report.timeline import seconds
from stack.clock import set_clock
from stack.process import wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[1] / "build" / "clock"
RESULT = Path(__file__).parent / "results" / "clock.md"
HOUR = 3600
STEPS = {"forward": HOUR, "back": -HOUR}
FOLLOW_SECONDS = 90.0
# Goes on until after the last look; its drift is told after about a minute.
ARGUMENTS = ("--scenario", "slow-decline", "--seconds", "270", "--rate", "50")


@dataclass(frozen=True, slots=True)
class Told:
    """A line that the receiver logged, `after` seconds from the step."""

    after: float
    status: str
    name: str
    signal: str


def report(
    found: Mapping[str, Sequence[Told]], command: str, machine: str
) -> Iterator[str]:
    """The whole page; `found` holds what was told, by the direction of the step."""
    yield from ("# What is told when the clock steps by an hour", "", f"`{command}`")
    yield from ("", f"{machine}.", "")
    yield "| step | seconds after it | told | alert | signal |"
    yield "|---|---|---|---|---|"
    for direction, lines in found.items():
        for told in lines:
            yield (
                f"| {direction} | {told.after:.0f} | {told.status} "
                f"| `{told.name}` | {told.signal} |"
            )
        if not lines:
            yield f"| {direction} | | nothing | | |"


def step(by: int) -> tuple[list[Told], str]:
    """What is told after a step by so many seconds, and what it ran on."""
    with Stack(FOLDER) as stack:
        simulator = stack.simulate(*ARGUMENTS)
        wait_until(lambda: bool(_drifts(stack)), "a drift", 200)
        time.sleep(5)  # all that is going to be told of it
        machine = described_system(stack)
        before = _told(stack, 0.0)
        stepped = time.time()
        for process in (*stack.processes.values(), simulator):
            set_clock(process.pid, by)
        time.sleep(FOLLOW_SECONDS)
        stack.check()
        simulator.stop()
        return _told(stack, stepped + by)[len(before) :], machine


def _drifts(stack: Stack) -> list[object]:
    return [alert for alert in stack.alerts() if "signal" in alert["labels"]]


def _told(stack: Stack, since: float) -> list[Told]:
    """In the order in which the receiver logged it."""
    log = stack.processes["webhook-receiver"].log
    return [
        Told(
            seconds(line["received_at"]) - since,
            line["status"],
            line["alertname"],
            line["labels"].get("signal", ""),
        )
        for line in map(json.loads, log.read_text().splitlines())
        if line["event"] == "alert"
    ]


def main() -> None:
    """Steps in both directions, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clock")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found = {}
    for direction in options.steps:
        found[direction], machine = step(STEPS[direction])
    text = "\n".join(report(found, "python -m benchmarks.clock", machine)) + "\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
