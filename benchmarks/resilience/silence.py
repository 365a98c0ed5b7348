"""How long until the receiver notices that Prometheus or Alertmanager is dead.

python -m benchmarks.resilience.silence --runs 3

Starts the system, waits for the watchdog and for up to half a minute more, so that a
kill may come at any moment between two watchdogs, kills Prometheus or Alertmanager, and
waits for WatchdogSilent. Writes results/silence.md. Two to four minutes a run.
"""

import argparse
import random
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.machine import described_system
from report.timeline import seconds
from stack.process import local, wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[2] / "build" / "silence"
RESULT = Path(__file__).parents[1] / "results" / "silence.md"
KILLED = ("prometheus", "alertmanager")
# How often Prometheus sends the watchdog again, and how long to wait for each.
RESEND_SECONDS = 30.0
WATCHDOG_SECONDS = 90.0
SILENT_SECONDS = 300.0


def report(
    found: Mapping[str, Sequence[float]], command: str, machine: str
) -> Iterator[str]:
    """The whole page; `found` holds the seconds of each run, by what was killed."""
    yield from ("# How long until silence is noticed", "", f"`{command}`", "")
    yield from (f"{machine}.", "")
    yield "| killed (SIGKILL) | runs | `WatchdogSilent` fires after: median (range) |"
    yield "|---|---|---|"
    for name, waited in found.items():
        yield (
            f"| {name} | {len(waited)} | {median(waited):.0f} s "
            f"({min(waited):.0f} to {max(waited):.0f} s) |"
        )


def silence(name: str, seed: int) -> tuple[float, str]:
    """Seconds from the kill of a component to the alert, and what it ran on."""
    with Stack(FOLDER) as stack:
        wait_until(lambda: _has_watchdog(stack), "the watchdog", WATCHDOG_SECONDS)
        machine = described_system(stack)
        time.sleep(random.Random(seed).uniform(0, RESEND_SECONDS))
        stack.processes[name].kill()
        killed = time.time()
        wait_until(lambda: bool(_silent(stack)), "WatchdogSilent", SILENT_SECONDS)
        return _silent(stack)[0] - killed, machine


def _has_watchdog(stack: Stack) -> bool:
    url = stack.url("webhook-receiver:8080") + "/metrics"
    lines = local().get(url, timeout=5).text.splitlines()
    metric = "webhook_receiver_watchdog_timestamp_seconds "
    return any(float(line.split()[1]) for line in lines if line.startswith(metric))


def _silent(stack: Stack) -> list[float]:
    return [
        seconds(alert["starts_at"])
        for alert in stack.alerts()
        if alert["alertname"] == "WatchdogSilent"
    ]


def main() -> None:
    """Kills each as often as asked, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.silence")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found: dict[str, list[float]] = {name: [] for name in KILLED}
    for name in KILLED:
        for seed in range(options.runs):
            waited, machine = silence(name, seed)
            found[name].append(waited)
            print(f"{name}, run {seed + 1}: {waited:.1f} s", flush=True)
    command = f"python -m benchmarks.resilience.silence --runs {options.runs}"
    text = "\n".join(report(found, command, machine)) + "\n"
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
