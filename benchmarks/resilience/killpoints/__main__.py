"""Kills the receiver at random moments of a stream of notifications.

python -m benchmarks.resilience.killpoints --kills 1000
python -m benchmarks.resilience.killpoints --system --kills 50

The first kills a process that starts in milliseconds, so often that kills come in the
middle of everything it does; the second the receiver of the whole system, while
Alertmanager sends. They write results/killpoints.md and results/killpoints-system.md,
and take some two minutes each.
"""

import argparse
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import described
from benchmarks.resilience.killpoints.receiving import (
    KILLS_PER_HISTORY,
    interrupted,
    total,
)
from benchmarks.resilience.killpoints.serving import killed

FOLDER = Path(__file__).parents[3] / "build" / "killpoints"
RESULTS = Path(__file__).parents[2] / "results"


def alone(kills: int) -> Iterator[str]:
    """Kills the receiver and nothing else; the rows of its table."""
    rounds = range(0, kills, KILLS_PER_HISTORY)
    found = total(
        [
            interrupted(FOLDER / str(i), min(KILLS_PER_HISTORY, kills - i), seed=i)
            for i in rounds
        ]
    )
    yield f"| kills (SIGKILL), each at a random moment | {found.kills:,} |"
    yield f"| notifications, each sent until acknowledged | {found.notifications:,} |"
    yield f"| alerts that began or ended in them | {found.alerts:,} |"
    yield f"| of them missing in the history | {found.missing:,} |"
    yield f"| in the history twice | {found.twice:,} |"
    yield f"| in the history, and never sent | {found.invented:,} |"
    yield f"| kills that left half a notification | {found.halves:,} |"
    yield (
        "| kills between commit and acknowledgement, so that it was sent again | "
        f"{found.stored_unacknowledged:,} |"
    )
    yield f"| alerts missing in the log | {found.lines_missing:,} |"
    yield f"| alerts in the log twice | {found.lines_twice:,} |"
    yield f"| histories that a kill damaged | {found.set_aside:,} |"


def system(kills: int) -> Iterator[str]:
    """Kills the receiver while Alertmanager sends; the rows of its table."""
    found = killed(FOLDER / "system", kills, seed=kills)
    yield f"| kills (SIGKILL), each at a random moment | {found.kills:,} |"
    yield f"| alerts that began or ended, posted to Alertmanager | {found.posted:,} |"
    yield f"| of them missing in the history | {found.missing:,} |"
    yield f"| in the history twice | {found.twice:,} |"
    yield f"| in the history, and never posted | {found.invented:,} |"
    yield (
        "| requests of Alertmanager that failed, and were repeated | "
        f"{found.failed_requests:,} |"
    )


def main() -> None:
    """Kills as often as asked, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.killpoints")
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--system", action="store_true", help="with Alertmanager")
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    name = "killpoints-system" if options.system else "killpoints"
    flag = "--system " if options.system else ""
    rows = (system if options.system else alone)(options.kills)
    lines = [
        "# What a kill costs the receiver",
        "",
        f"`python -m benchmarks.resilience.killpoints {flag}--kills {options.kills}`",
        "",
        f"{described()}.",
        "",
        "| | |",
        "|---|---|",
        *rows,
    ]
    text = "\n".join(lines) + "\n"
    (RESULTS / f"{name}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
