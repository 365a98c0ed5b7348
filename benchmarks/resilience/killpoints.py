"""Kills the receiver at random moments of a stream of notifications.

    python -m benchmarks.resilience.killpoints --kills 1000

Kills a process that starts in milliseconds, so often that kills come in the middle of
everything it does, and writes results/killpoints.md, in some two minutes. The soak
kills the receiver of the whole system, while Alertmanager sends.
"""

import argparse
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import described
from benchmarks.parts import write_section
from tests.webhook_receiver.killpoints.receiving import (
    KILLS_PER_HISTORY,
    interrupted,
    total,
)

FOLDER = Path(__file__).parents[2] / "build" / "killpoints"
PAGE = Path(__file__).parents[1] / "results" / "killpoints.md"
WORDS = {
    "kills": "kills (SIGKILL), each at a random moment",
    "notifications": "notifications, each sent until acknowledged",
    "alerts": "alerts that began or ended in them",
    "missing": "of them missing in the history",
    "twice": "in the history twice",
    "invented": "in the history, and never sent",
    "halves": "kills that left half a notification",
    "stored_unacknowledged": "kills between commit and acknowledgement: sent again",
    "lines_missing": "alerts missing in the log",
    "lines_twice": "alerts in the log twice",
    "set_aside": "histories that a kill damaged",
}


def rows(kills: int) -> Iterator[str]:
    """Kills the receiver; the rows of its table."""
    rounds = range(0, kills, KILLS_PER_HISTORY)
    outcome = total(
        [
            interrupted(FOLDER / str(i), min(KILLS_PER_HISTORY, kills - i), seed=i)
            for i in rounds
        ]
    )
    yield from ("| | |", "|---|---|")
    for name, words in WORDS.items():
        yield f"| {words} | {getattr(outcome, name):,} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1_000)
    options = parser.parse_args()
    # On SIGTERM, stop the receiver too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = f"python -m benchmarks.resilience.killpoints --kills {options.kills}"
    write_section(
        PAGE, "the receiver", f"`{command}`; {described()}.", rows(options.kills)
    )
