"""How soon each alert fires, over many runs of a scenario on the real system.

python -m benchmarks.storyline --runs 10
python -m benchmarks.storyline --runs 1 --scenario baseline --seconds 600 --restart 300

Prints, for every alert, in how many runs it fired and resolved, in which phase, and how
long after that phase began. With --restart, the analyzer is restarted at that second of
the scenario. Each run has its own seed and starts from nothing.
"""

import argparse
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from statistics import median

from stack.follow import run
from stack.system import Stack
from stack.timeline import Row

FOLDER = Path(__file__).parents[1] / "build" / "storyline"


def summary(runs: Sequence[Sequence[Row]]) -> Iterator[str]:
    """A Markdown table of the runs."""
    found: dict[tuple[str, str, str], list[list[Row]]] = defaultdict(list)
    for rows in runs:
        of_run: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            of_run[row.name, row.signal, row.cause].append(row)
        for key, same in of_run.items():
            found[key].append(same)
    yield "| alert | signal | phase | runs | after the change | told after | resolved |"
    yield "|---|---|---|---|---|---|---|"
    for (name, moved, cause), per_run in sorted(
        found.items(), key=lambda item: median(rows[0].fired for rows in item[1])
    ):
        rows = [row for same in per_run for row in same]
        delays = [row.delay for row in rows]
        told = [row.delivered - row.fired for row in rows if row.delivered] or [nan]
        resolved = sum(row.resolved is not None for row in rows)
        yield (
            f"| `{name}` | {moved} | {cause} | {len(per_run)} of {len(runs)} "
            f"| {median(delays):.1f} s ({min(delays):.1f} to {max(delays):.1f}) "
            f"| {median(told):.1f} s | {resolved} of {len(rows)} |"
        )
    if not found:
        yield f"| none | | | 0 of {len(runs)} | | | |"


def _run(seed: int, arguments: Sequence[str], restart: float | None) -> list[Row]:
    with Stack(FOLDER) as stack:
        incidents = [(restart, stack.restart_analyzer)] if restart else []
        seeded = ["--seed", str(seed), *arguments]
        rows = run(stack, seeded, _say_nothing, incidents).rows
    alerts = ", ".join(f"{row.signal} {row.fired:.1f} s" for row in rows)
    print(f"run {seed + 1}: {len(rows)} alerts: {alerts}", flush=True)
    return rows


def _say_nothing(_: str) -> None:
    pass


def main() -> None:
    """Runs and prints; what is done is printed even if a run fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storyline")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--scenario", default="storyline")
    parser.add_argument("--restart", type=float, help="a second of the scenario")
    options, further = parser.parse_known_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runs: list[list[Row]] = []
    try:
        arguments = ["--scenario", options.scenario, *further]
        runs.extend(
            _run(seed, arguments, options.restart) for seed in range(options.runs)
        )
    finally:
        print("\n".join(summary(runs)))


if __name__ == "__main__":
    main()
