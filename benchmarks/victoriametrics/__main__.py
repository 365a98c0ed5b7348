"""The storyline, judged by Prometheus and by vmalert at the same time.

PYTHONPATH=. .venv/bin/python -m benchmarks.victoriametrics --runs 3

Prometheus scrapes, and writes what it scraped to VictoriaMetrics; vmalert evaluates the
same rule files there. Prints when each alert fired on both, how many applications both
count, and what both cost. Each run has its own seed and starts from nothing.
"""

import argparse
import os
import platform
import re
import signal
import time
from pathlib import Path

from stack.follow import PHASES
from stack.process import local
from stack.system import Stack

from .comparison import Key, Moment, against, counted, first_firing, table
from .engine import RULES, Engine
from .visibility import delays

FOLDER = Path(__file__).parents[2] / "build" / "victoriametrics"
# Rules that read each other's results have their first one after the other: until all
# are there, ordinary times.
WARM_UP_SECONDS = 240
# An alert of vmalert may come late.
WAIT_SECONDS = 90


def run(seed: int, rules: Path) -> tuple[dict[Key, Moment], list[str]]:
    """When each alert fired on both, and what else there is to say, as lines."""
    with Stack(FOLDER) as stack, Engine(stack, FOLDER, rules) as engine:
        warm_up = ("--scenario", "baseline", "--seconds", str(WARM_UP_SECONDS))
        _simulate(stack, *warm_up)
        start = time.time()
        before = _cpu(stack, engine)
        _simulate(stack, "--scenario", "storyline", "--seed", str(seed))
        end = time.time()
        after = _cpu(stack, engine)
        time.sleep(WAIT_SECONDS)
        phases = sorted(
            (
                (sample["metric"]["phase"], float(sample["value"][1]))
                for sample in stack.query(PHASES)
            ),
            key=lambda phase: phase[1],
        )
        fired = first_firing(stack.query, start), first_firing(engine.query, start)
        lines = [
            *counted(stack.query, engine.query, [end - back for back in range(5, 65)]),
            "",
            *(
                f"{name}: {(after[name] - before[name]) / (end - start):.2f} cores"
                for name in after
            ),
            *delays(engine),
        ]
        return against(*fired, phases), lines


def _simulate(stack: Stack, *arguments: str) -> None:
    simulator = stack.simulate(*arguments)
    while simulator.returncode is None:
        stack.check()
        time.sleep(1)


def _cpu(stack: Stack, engine: Engine) -> dict[str, float]:
    """CPU seconds of each process so far."""
    urls = {
        "Prometheus": stack.url("prometheus:9090"),
        "VictoriaMetrics": engine.url,
        "vmalert": engine.vmalert,
    }
    pattern = re.compile(r"^process_cpu_seconds_total (\S+)", re.MULTILINE)
    found = {}
    for name, url in urls.items():
        match = pattern.search(local().get(f"{url}/metrics", timeout=5).text)
        found[name] = float(match[1]) if match else float("nan")
    return found


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.victoriametrics")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rules", type=Path, default=RULES, help="a folder of rules")
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()}\n")
    runs = []
    for seed in range(options.runs):
        moments, lines = run(seed, options.rules)
        runs.append(moments)
        print(f"run {seed + 1}, load {os.getloadavg()[0]:.1f}:\n", *lines, sep="\n")
        print(flush=True)
    print("\n".join(table(runs)))


if __name__ == "__main__":
    main()
