"""How soon each alert fires, over many runs of a scenario on the real system.

    python -m benchmarks.resilience.demo_latency --runs 10
    python -m benchmarks.resilience.demo_latency --scenario baseline --seconds 600

Writes into results/demo-latency.md, for every alert, when it fired, how long after its
phase began, how soon it was delivered, and in how many runs; of the storyline also the
moments of the decisions. Each run has its own seed and starts from nothing.
"""

import argparse
import io
import shlex
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import nan
from pathlib import Path
from statistics import median

from benchmarks.machine import described
from benchmarks.parts import write_section
from report.timeline import Row
from stack.scenario_run import Screen, run
from stack.system import Stack

PAGE = Path(__file__).parents[1] / "results" / "demo-latency.md"
FOLDER = Path(__file__).parents[2] / "build" / "storyline"
DENIED_FIRES = "DENIED fires after hard times begin"
DENIED_ENDS = "DENIED ends after the flip"
APPROVED_FIRES = "APPROVED fires after the flip"


def summary(runs: Sequence[Sequence[Row]]) -> Iterator[str]:
    """A table of all alerts, and how many of them have resolved."""
    found: dict[tuple[str, str, str, str], list[list[Row]]] = defaultdict(list)
    for rows in runs:
        of_run: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            of_run[row.name, row.severity, row.subject, row.cause].append(row)
        for key, same in of_run.items():
            found[key].append(same)
    yield (
        "| fires | alert | severity | about | after the change: median (range) "
        "| delivered | in runs |"
    )
    yield "|---|---|---|---|---|---|---|"
    for per_run in sorted(found.values(), key=_second):
        yield f"{_line(per_run)} {len(per_run)} of {len(runs)} |"
    if not found:
        yield f"| none | | | | | | 0 of {len(runs)} |"
    every = [row for rows in runs for row in rows]
    resolved = sum(row.resolved is not None for row in every)
    yield f"\nresolved: {resolved} of {len(every)}"


def _second(per_run: Sequence[Sequence[Row]]) -> float:
    return median(rows[0].fired for rows in per_run)


def _line(per_run: Sequence[Sequence[Row]]) -> str:
    rows = [row for same in per_run for row in same]
    delays = [row.delay for row in rows]
    delivered = [row.delivered - row.fired for row in rows if row.delivered] or [nan]
    return (
        f"| second {_second(per_run):.0f}, {rows[0].cause.replace('-', ' ')} "
        f"| `{rows[0].name}` | {rows[0].severity} | {rows[0].subject} "
        f"| {median(delays):.1f} s ({min(delays):.1f} to {max(delays):.1f} s) "
        f"| {median(delivered):.1f} s later |"
    )


def moments(runs: Sequence[Sequence[Row]]) -> Iterator[str]:
    """The decisions of the storyline: the seconds after each change."""
    found: dict[str, list[float]] = defaultdict(list)
    for rows in runs:
        decisions = [row for row in rows if row.name == "ModelDecisionDrift"]
        denied, approved = (
            [r for r in decisions if (r.direction, r.cause) == wanted]
            for wanted in (("DENIED", "hard-times"), ("APPROVED", "gold-rush"))
        )
        if denied:
            found[DENIED_FIRES].append(min(row.delay for row in denied))
        if approved:
            found[APPROVED_FIRES].append(min(row.delay for row in approved))
            flip = approved[0].fired - approved[0].delay
            if ends := [row.resolved for row in denied if row.resolved]:
                found[DENIED_ENDS].append(max(ends) - flip)
    yield "| the decisions | median (range) | in runs |"
    yield "|---|---|---|"
    for what in (DENIED_FIRES, DENIED_ENDS, APPROVED_FIRES):
        delays = found[what] or [nan]
        yield (
            f"| {what} | {median(delays):.1f} s ({min(delays):.1f} to "
            f"{max(delays):.1f} s) | {len(found[what])} of {len(runs)} |"
        )


def _run(seed: int, arguments: Sequence[str]) -> list[Row]:
    with Stack(FOLDER) as stack:
        seeded = ["--seed", str(seed), *arguments]
        rows = run(stack, seeded, Screen(io.StringIO())).rows
    alerts = ", ".join(f"{row.name} {row.subject} {row.fired:.1f} s" for row in rows)
    print(f"run {seed + 1}: {len(rows)} alerts: {alerts}", flush=True)
    return rows


def main() -> None:
    """Runs and prints; what is done is printed even if a run fails."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resilience.demo_latency"
    )
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--scenario", default="storyline")
    options, further = parser.parse_known_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runs: list[list[Row]] = []
    try:
        arguments = ["--scenario", options.scenario, *further]
        runs.extend(_run(seed, arguments) for seed in range(options.runs))
    finally:
        command = shlex.join(["python", "-m", __spec__.name, *sys.argv[1:]])
        write_section(
            PAGE, options.scenario, f"`{command}`; {described()}.", _page(runs)
        )


def _page(runs: Sequence[Sequence[Row]]) -> Iterator[str]:
    yield from summary(runs)
    flips = [row for rows in runs for row in rows if row.cause == "gold-rush"]
    if flips:
        yield ""
        yield from moments(runs)


if __name__ == "__main__":
    main()
