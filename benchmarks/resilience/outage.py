"""What becomes of the alerts on a drift when Prometheus is down for ten minutes.

    python -m benchmarks.resilience.outage --minutes 10

Starts the system in hard times, stops Prometheus once the drift has settled, and starts
it again. Writes results/outage.md: when each alert fires again as it did. The outage
and two minutes.
"""

import argparse
import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from loan_application_simulator.scenarios import HARD_TIMES

from benchmarks.machine import described
from benchmarks.parts import write_section
from stack.process import wait_until
from stack.system import Stack

FOLDER = Path(__file__).parents[2] / "build" / "outage"
PAGE = Path(__file__).parents[1] / "results" / "outage.md"
# Until each alert of hard times fires, and has found its severity.
SETTLED_SECONDS = 60
AGAIN_SECONDS = 120
APPLICATIONS = 5_000
# What fires, with which labels; and when each direction of a drift began.
STATE = """
ALERTS{alertname=~"Model.*Drift",alertstate="firing"}
or signal_direction:model_drift:start_timestamp_seconds
"""


def outage(minutes: float) -> Iterator[str]:
    """Stops Prometheus for so long. Raises `TimeoutError` if an alert is not back."""
    with Stack(FOLDER) as stack:
        simulator = stack.simulate("--replay", _recorded(60 * minutes + 1_000))
        time.sleep(SETTLED_SECONDS)
        before = _state(stack)
        stack.processes["prometheus"].stop()
        time.sleep(60 * minutes)
        started = time.time()
        stack.start("prometheus")
        wait_until(
            lambda: before.items() <= _state(stack).items(),
            "the alerts to fire again as before",
            AGAIN_SECONDS,
        )
        waited = time.time() - started
        simulator.stop()
    alerts = [of for labels in before if "alertname" in (of := dict(labels))]
    names = sorted(f"{of['alertname']} ({of['severity']})" for of in alerts)
    yield f"{len(names)} alerts fired before: {', '.join(names)}."
    yield (
        f"All of them fire again {waited:.0f} s after Prometheus was started, with the "
        "same labels and severity, and as of the same time."
    )


def _recorded(seconds: float) -> str:
    """Applications of hard times, as the simulator replays them for so long."""
    rng = random.Random(0)
    file = FOLDER.parent / "hard-times.jsonl"
    rows = (HARD_TIMES.application(rng, 0) for _ in range(APPLICATIONS))
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return f"{file}={seconds:g}"


def _state(stack: Stack) -> dict[frozenset[tuple[str, str]], str]:
    return {
        frozenset(sample["metric"].items()): sample["value"][1]
        for sample in stack.query(STATE)
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # For five minutes Prometheus answers with what it had.
    parser.add_argument("--minutes", type=float, default=10, help="more than 5")
    minutes = parser.parse_args().minutes
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = f"python -m benchmarks.resilience.outage --minutes {minutes:g}"
    head = f"`{command}`; {described()}."
    write_section(PAGE, "Prometheus is down", head, outage(minutes))
