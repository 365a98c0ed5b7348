"""What the monitor costs: a real Prometheus, the shipped rules, many models.

    make scale ARGS="--models 1 10 100 --every 1 5 15"

Prometheus has one core, the exporter that plays the models another. Writes
benchmarks/results/scale.md: medians, with the least and the most.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from credit_analyzer.model import ARTIFACTS

from benchmarks.machine import described
from stack.downloads import binaries

from .exporter import Fleet
from .measurements import Cost, measure, tables
from .monitor import Monitor

FOLDER = Path(__file__).parents[3] / "build" / "scale"
PAGE = Path(__file__).parents[2] / "results" / "scale.md"
# Until all groups have begun, and the reference is recorded.
SETTLE_SECONDS = 45


def run(fleet: Fleet, options: argparse.Namespace) -> Cost:
    """Runs a fleet, and measures it once it has settled."""
    prometheus = options.binaries or binaries.find()
    with Monitor(FOLDER, prometheus, fleet) as monitor:
        time.sleep(SETTLE_SECONDS + options.seconds)
        return measure(monitor, fleet, options.seconds)


def page(costs: Sequence[Cost], prometheus: str) -> Iterator[str]:
    """The page, in Markdown."""
    yield from ("# What the monitor costs", "")
    yield from (f"`make scale ARGS='{shlex.join(sys.argv[1:])}'`", "")
    gc = os.environ.get("GOGC", "not set")
    yield from (f"{prometheus}; {described()}; GOGC {gc}.", "")
    yield from tables(costs)


def main() -> None:
    """Runs and prints; what is done is written even if a run fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance.scale")
    parser.add_argument("--models", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--every", type=int, nargs="+", default=[1, 5, 15], help="s")
    parser.add_argument("--seconds", type=int, default=120, help="that are measured")
    parser.add_argument("--model", type=Path, default=ARTIFACTS, help="its folder")
    parser.add_argument("--binaries", type=Path, help="a folder with prometheus")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prometheus = (options.binaries or binaries.find()) / "prometheus"
    version = subprocess.run(  # noqa: S603
        [prometheus, "--version"], capture_output=True, text=True, check=True
    )
    [first, *_] = (version.stdout + version.stderr).splitlines()
    costs: list[Cost] = []
    try:
        for every in options.every:
            for models in options.models:
                fleet = Fleet(models, every, options.model)
                costs.append(run(fleet, options))
                print(f"{models} models, every {every} s: done", flush=True)
    finally:
        if costs:
            text = "\n".join(page(costs, first.partition(" (")[0])) + "\n"
            options.out.write_text(text)
            print(text)


if __name__ == "__main__":
    main()
