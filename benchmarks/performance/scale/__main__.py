"""What the monitor costs: a real Prometheus, the shipped rules, many models.

make scale ARGS="--models 1 10 100 --every 1"

Prometheus has one core, the exporter that plays the models another. Prints what each
size costs, from Prometheus' own metrics: medians, with the least and the most.
"""

import argparse
import os
import platform
import signal
import subprocess
import time
from pathlib import Path

from stack import binaries

from .configuration import RULES
from .fleet import Fleet
from .measurements import Cost, measure
from .monitor import Monitor
from .tables import group_table, table

FOLDER = Path(__file__).parents[3] / "build" / "scale"
# Until all groups have begun, and the windows of five minutes hold something.
SETTLE_SECONDS = 30


def run(fleet: Fleet, options: argparse.Namespace) -> Cost:
    """Runs a fleet, and measures it once it has settled."""
    prometheus = options.binaries or binaries.find()
    with Monitor(FOLDER, prometheus, fleet, options.rules, options.history) as monitor:
        time.sleep(SETTLE_SECONDS)
        before = monitor.waited()
        time.sleep(options.seconds)
        waited = (monitor.waited() - before) / options.seconds
        print(f"{fleet}: its core was not free for {waited:.0%} of the time")
        return measure(monitor, fleet, options.seconds)


def main() -> None:
    """Runs and prints; what is done is printed even if a run fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance.scale")
    parser.add_argument("--models", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--drifting", type=int, default=0, help="so many of them drift")
    parser.add_argument("--every", type=int, default=1, help="seconds between scrapes")
    parser.add_argument("--seconds", type=int, default=120, help="that are measured")
    parser.add_argument("--history", type=int, default=0, help="seconds of it")
    parser.add_argument("--rules", type=Path, default=RULES, help="a folder of rules")
    parser.add_argument("--binaries", type=Path, help="a folder with prometheus")
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prometheus = (options.binaries or binaries.find()) / "prometheus"
    version = subprocess.run(  # noqa: S603
        [prometheus, "--version"], capture_output=True, text=True, check=True
    )
    print(*(version.stdout + version.stderr).splitlines()[:1], platform.platform())
    print(f"{os.cpu_count()} cores, GOGC={os.environ.get('GOGC', 'as it comes')}\n")
    costs: list[Cost] = []
    try:
        for models in options.models:
            fleet = Fleet(models, options.drifting, options.every)
            before = os.getloadavg()[0]
            costs.append(run(fleet, options))
            load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
            print(load, flush=True)
    finally:
        if costs:
            print("", *table(costs), "", *group_table(costs), sep="\n")


if __name__ == "__main__":
    main()
