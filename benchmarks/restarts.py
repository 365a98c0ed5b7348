"""Kills everything, again and again, at random moments of a drift.

python -m benchmarks.restarts --kills 5

Starts the system and a drift that goes on, kills each component (SIGKILL) so many
times, in random order and at random moments, starts it again each time, and counts what
was told: a drift is one alert of each signal, whatever is killed. Writes
results/restarts.md. About twelve seconds a kill.
"""

import argparse
import random
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.machine import described_system
from stack.process import wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[1] / "build" / "restarts"
RESULT = Path(__file__).parent / "results" / "restarts.md"
KILLED = ("prometheus", "alertmanager", "webhook-receiver", "credit-analyzer")
# Between one component's return and the next kill, at most.
PAUSE_SECONDS = 12.0
# Prometheus sends an alert that fires again after 30 s, also to those who forgot it.
RESEND_SECONDS = 35.0
RATE = 50
SECONDS_A_KILL = 16
SCENARIO = "slow-decline"  # of which the first ninth is healthy
HEALTHY = 1 / 9


def report(
    away: Mapping[str, Sequence[float]],
    told: Sequence[Mapping[str, str | None]],
    command: str,
    machine: str,
) -> Iterator[str]:
    """The whole page: for how long each was away, and the receiver's history."""
    yield from ("# What is told while everything is killed", "", f"`{command}`", "")
    yield from (f"{machine}.", "", "| killed (SIGKILL) | times | ready again after |")
    yield "|---|---|---|"
    for name, waited in away.items():
        span = f"{median(waited):.1f} s ({min(waited):.1f} to {max(waited):.1f} s)"
        yield f"| {name} | {len(waited)} | {span} |"
    yield from (
        "",
        "| told | signal | times | told to have ended |",
        "|---|---|---|---|",
    )
    events = [(str(row["alertname"]), row["signal"] or "") for row in told]
    for event in sorted(set(events)):
        ends = [
            row["ends_at"] for row, e in zip(told, events, strict=True) if e == event
        ]
        ended = sum(end is not None for end in ends)
        yield f"| `{event[0]}` | {event[1]} | {len(ends)} | {ended} |"


def survive(
    kills: int, seed: int
) -> tuple[dict[str, list[float]], list[dict[str, str | None]], str]:
    """How long each was away, what was told, and what it ran on."""
    rng = random.Random(seed)
    order = [name for name in KILLED for _ in range(kills)]
    rng.shuffle(order)
    away: dict[str, list[float]] = {name: [] for name in KILLED}
    lasts = (len(order) * SECONDS_A_KILL + RESEND_SECONDS) / (1 - HEALTHY)
    arguments = ("--scenario", SCENARIO, "--seconds", str(lasts), "--rate", str(RATE))
    with Stack(FOLDER) as stack:
        simulator = stack.simulate(*arguments)
        wait_until(lambda: bool(_drifts(stack)), "a drift", lasts)
        machine = described_system(stack)
        for name in order:
            time.sleep(rng.uniform(0, PAUSE_SECONDS))
            killed = time.monotonic()
            stack.processes[name].kill()
            stack.start(name)
            away[name].append(time.monotonic() - killed)
            print(f"{name} was away for {away[name][-1]:.1f} s", flush=True)
        time.sleep(RESEND_SECONDS)
        stack.check()
        told = _told(stack)
        simulator.stop()
    return away, told, machine


def _told(stack: Stack) -> list[dict[str, str | None]]:
    return [
        {
            "alertname": alert["alertname"],
            "signal": alert["labels"].get("signal"),
            "ends_at": alert["ends_at"],
        }
        for alert in stack.alerts()
        if alert["severity"] != "info"
    ]


def _drifts(stack: Stack) -> list[dict[str, str | None]]:
    return [alert for alert in _told(stack) if alert["signal"]]


def main() -> None:
    """Kills, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restarts")
    parser.add_argument("--kills", type=int, default=5, help="of each component")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    away, told, machine = survive(options.kills, options.seed)
    command = f"python -m benchmarks.restarts --kills {options.kills}"
    text = "\n".join(report(away, told, command, machine)) + "\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
