"""How soon each alert fires, over many runs of a scenario on the real system.

python -m benchmarks.resilience.storyline --runs 10
python -m benchmarks.resilience.storyline --runs 1 --scenario baseline --seconds 600 --restart 300

Prints, for every alert, when it fired, in which phase, how long after that phase began,
how soon it was delivered, and in how many runs. With --restart, the analyzer is
restarted at that second of the scenario. Each run has its own seed and starts from
nothing.
"""

import argparse
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from math import nan
from pathlib import Path
from statistics import median

from stack.follow import run

from report.timeline import NO_SIGNAL, Row
from stack.system import Stack

FOLDER = Path(__file__).parents[2] / "build" / "storyline"


def summary(runs: Sequence[Sequence[Row]]) -> Iterator[str]:
    """The table of the README, and how many alerts were told to have resolved."""
    found: dict[tuple[str, str, str], list[list[Row]]] = defaultdict(list)
    for rows in runs:
        of_run: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            of_run[row.name, row.signal, row.cause].append(row)
        for key, same in of_run.items():
            found[key].append(same)
    yield (
        "| fires | alert | signal | after the change: median (range) "
        "| delivered | in runs |"
    )
    yield "|---|---|---|---|---|---|"
    for per_run in sorted(found.values(), key=_second):
        yield f"{_line(per_run)} {len(per_run)} of {len(runs)} |"
    if not found:
        yield f"| none | | | | | 0 of {len(runs)} |"
    every = [row for rows in runs for row in rows]
    resolved = sum(row.resolved is not None for row in every)
    yield f"\nresolved: {resolved} of {len(every)}"


def _second(per_run: Sequence[Sequence[Row]]) -> float:
    return median(rows[0].fired for rows in per_run)


def _line(per_run: Sequence[Sequence[Row]]) -> str:
    rows = [row for same in per_run for row in same]
    delays = [row.delay for row in rows]
    told = [row.delivered - row.fired for row in rows if row.delivered] or [nan]
    return (
        f"| second {_second(per_run):.0f}, {rows[0].cause.replace('-', ' ')} "
        f"| `{rows[0].name}` | {rows[0].signal} "
        f"| {median(delays):.1f} s ({min(delays):.1f} to {max(delays):.1f} s) "
        f"| {median(told):.1f} s later |"
    )


def _run(seed: int, arguments: Sequence[str], restart: float | None) -> list[Row]:
    with Stack(FOLDER) as stack:
        restarted = partial(stack.restart, "credit-analyzer")
        incidents = [(restart, restarted)] if restart else []
        seeded = ["--seed", str(seed), *arguments]
        rows = run(stack, seeded, _say_nothing, incidents).rows
    alerts = ", ".join(f"{_what(row)} {row.fired:.1f} s" for row in rows)
    print(f"run {seed + 1}: {len(rows)} alerts: {alerts}", flush=True)
    return rows


def _what(row: Row) -> str:
    return row.name if row.signal == NO_SIGNAL else f"{row.name} {row.signal}"


def _say_nothing(_: str) -> None:
    pass


def main() -> None:
    """Runs and prints; what is done is printed even if a run fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.storyline")
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
