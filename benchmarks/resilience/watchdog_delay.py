"""How long until the receiver notices that Prometheus or Alertmanager is dead.

    python -m benchmarks.resilience.watchdog_delay --runs 3

Starts the system, waits for the watchdog and for up to half a minute more, so that a
kill may come at any moment between two watchdogs, kills Prometheus or Alertmanager, and
waits for WatchdogSilent. Writes results/watchdog-delay.md. Two to four minutes a run.
"""

import argparse
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.machine import described
from benchmarks.parts import write_section
from report.timeline import seconds
from stack.process import local, wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[2] / "build" / "silence"
PAGE = Path(__file__).parents[1] / "results" / "watchdog-delay.md"
KILLED = ("prometheus", "alertmanager")
# How often Prometheus sends the watchdog again, and how long to wait for each.
RESEND_SECONDS = 30.0
WATCHDOG_SECONDS = 90.0
SILENT_SECONDS = 300.0


def silence(name: str, seed: int) -> float:
    """Seconds from the kill of a component to the alert."""
    with Stack(FOLDER) as stack:
        wait_until(lambda: _has_watchdog(stack), "the watchdog", WATCHDOG_SECONDS)
        time.sleep(random.Random(seed).uniform(0, RESEND_SECONDS))
        stack.processes[name].kill()
        killed = time.time()
        wait_until(lambda: bool(_silent(stack)), "WatchdogSilent", SILENT_SECONDS)
        return _silent(stack)[0] - killed


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


def rows(runs: int) -> Iterator[str]:
    """Kills each component so often: a line for each."""
    yield "| killed (SIGKILL) | runs | `WatchdogSilent` fires after: median (range) |"
    yield "|---|---|---|"
    for name in KILLED:
        waited = [silence(name, seed) for seed in range(runs)]
        yield (
            f"| {name} | {runs} | {median(waited):.0f} s "
            f"({min(waited):.0f} to {max(waited):.0f} s) |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = f"python -m benchmarks.resilience.watchdog_delay --runs {options.runs}"
    write_section(
        PAGE, "WatchdogSilent", f"`{command}`; {described()}.", rows(options.runs)
    )
