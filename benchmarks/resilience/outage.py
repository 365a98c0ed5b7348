"""What becomes of the alerts on a drift when Prometheus is down for ten minutes.

    python -m benchmarks.resilience.outage --minutes 10

Starts the system, sends applications of ordinary times and then of hard times without
end, stops Prometheus once the drift has settled, and starts it again. Writes
results/outage.md: how soon each alert fires again, and with which labels, severity and
beginning. The outage and three minutes.
"""

import argparse
import json
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from loan_application_simulator.scenarios import BASELINE, HARD_TIMES, Phase

from benchmarks.machine import described
from benchmarks.parts import write_section
from stack.process import wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[2] / "build" / "outage"
PAGE = Path(__file__).parents[1] / "results" / "outage.md"
ORDINARY_SECONDS = 30
# Until each alert of hard times fires, and has found its severity.
SETTLED_SECONDS = 60
AGAIN_SECONDS = 120
APPLICATIONS = 5_000
FIRING = 'ALERTS{alertname=~"Model.*Drift",alertstate="firing"}'
BEGAN = "signal_direction:model_drift:start_timestamp_seconds"

Labels = frozenset[tuple[str, str]]


def outage(minutes: float) -> Iterator[str]:
    """A line for each alert that fired before the outage."""
    with Stack(FOLDER) as stack, tempfile.TemporaryDirectory() as folder:
        files = [
            _recorded(BASELINE, Path(folder), ORDINARY_SECONDS),
            _recorded(HARD_TIMES, Path(folder), 60 * minutes + 1_000),
        ]
        simulator = stack.simulate("--replay", *files)
        time.sleep(ORDINARY_SECONDS + SETTLED_SECONDS)
        before, began = _firing(stack), _began(stack)
        stack.processes["prometheus"].stop()
        time.sleep(60 * minutes)
        started = time.time()
        stack.start("prometheus")
        again: dict[Labels, float] = {}

        def has_all() -> bool:
            for labels in _firing(stack) - again.keys():
                again[labels] = time.time() - started
            return before <= again.keys()

        wait_until(has_all, "the alerts to fire again", AGAIN_SECONDS, poll=0.5)
        kept = began.items() <= _began(stack).items()
        simulator.stop()
    yield "| alert, with the same labels and severity | fires again after |"
    yield "|---|---|"
    for labels in sorted(before, key=lambda labels: again[labels]):
        of = dict(labels)
        about = " ".join(filter(None, map(of.get, ("signal", "direction"))))
        name = f"`{of['alertname']}` {about}, {of['severity']}"
        yield f"| {name} | {again[labels]:.0f} s |"
    yield f"\nEach says that it began when it did: {'yes' if kept else 'no'}."
    others = again.keys() - before
    yield f"Alerts that did not fire before the outage: {len(others)}."


def _recorded(phase: Phase, folder: Path, seconds: float) -> str:
    """Applications of a phase, as the simulator replays them for so long."""
    rng = random.Random(0)
    file = folder / f"{phase.name}.jsonl"
    rows = (phase.application(rng, 0) for _ in range(APPLICATIONS))
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return f"{file}={seconds:g}"


def _firing(stack: Stack) -> set[Labels]:
    return {frozenset(sample["metric"].items()) for sample in stack.query(FIRING)}


def _began(stack: Stack) -> dict[Labels, str]:
    return {
        frozenset(sample["metric"].items()): sample["value"][1]
        for sample in stack.query(BEGAN)
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = f"python -m benchmarks.resilience.outage --minutes {options.minutes:g}"
    write_section(
        PAGE,
        "Prometheus is down",
        f"`{command}`; {described()}.",
        outage(options.minutes),
    )
