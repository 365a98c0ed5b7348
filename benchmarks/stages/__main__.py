"""Measures each stage from a change to the receiver, on the real system.

python -m benchmarks.stages --runs 5

Runs every case that often, each time from nothing and until its first alert about a
signal is told, and writes results/stages.md. About a minute a run.
"""

import argparse
import signal
from pathlib import Path
from typing import Any

from benchmarks.machine import described_system
from stack.process import wait_until
from stack.system import Stack

from .durations import durations
from .moments import first_alert, moments_of
from .needed import Needed
from .report import Run, report

FOLDER = Path(__file__).parents[2] / "build" / "stages"
RESULT = Path(__file__).parents[1] / "results" / "stages.md"
# Scenario, and applications a second: a change so large that hardly any are needed, and
# the storyline as it is shown.
CASES = (("wrong-unit", 50), ("storyline", 10))
ALERT_SECONDS = 120.0


def first_told(stack: Stack) -> dict[str, Any]:
    """Waits for the first alert. Raises `ProcessDied` or `TimeoutError`."""
    found: list[dict[str, Any]] = []

    def told() -> bool:
        stack.check()
        if alert := first_alert(stack):
            found.append(alert)
        return bool(found)

    wait_until(told, "the first alert about a signal", ALERT_SECONDS)
    return found[0]


def run(scenario: str, rate: int, seed: int) -> tuple[Run, Needed, str]:
    """One run, and what the rules and the machine were."""
    with Stack(FOLDER) as stack:
        simulator = stack.simulate(
            *("--scenario", scenario, "--rate", str(rate), "--seed", str(seed))
        )
        try:
            alert = first_told(stack)
            moments = moments_of(alert, stack)
            case = f"{scenario}, {rate}/s"
            name = f"{alert['alertname']} {alert['labels']['signal']}"
            done = Run(case, name, moments, durations(stack))
        finally:
            simulator.stop()
        return done, Needed.by(stack), described_system(stack)


def main() -> None:
    """Runs all cases, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runs = []
    for scenario, rate in CASES:
        for seed in range(options.runs):
            done, needed, machine = run(scenario, rate, seed)
            runs.append(done)
            taken = " ".join(f"{stage:.3f}" for stage in done.moments.stages)
            print(f"{done.case}, seed {seed}: {done.alert}: {taken}", flush=True)
    command = f"python -m benchmarks.stages --runs {options.runs}"
    text = "\n".join(report(runs, needed, command, machine)) + "\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
