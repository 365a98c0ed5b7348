"""Kills the receiver at random moments of a stream of notifications.

python -m benchmarks.resilience.killpoints --kills 1000

Kills a process that starts in milliseconds, so often that kills come in the middle of
everything it does, and writes results/killpoints.md. The soak kills the receiver of the
whole system, while Alertmanager sends.
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

FOLDER = Path(__file__).parents[3] / "build" / "killpoints"
PAGE = Path(__file__).parents[2] / "results" / "killpoints.md"


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


def main() -> None:
    """Kills as often as asked, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.killpoints")
    parser.add_argument("--kills", type=int, default=1_000)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    lines = [
        "# What a kill costs the receiver",
        "",
        f"`python -m benchmarks.resilience.killpoints --kills {options.kills}`",
        "",
        f"{described()}.",
        "",
        "| | |",
        "|---|---|",
        *alone(options.kills),
    ]
    text = "\n".join(lines) + "\n"
    PAGE.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
