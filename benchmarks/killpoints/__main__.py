"""Kills the receiver at random moments of a stream of notifications.

python -m benchmarks.killpoints --kills 1000 --system-kills 50

First in a process that starts in milliseconds, so often that kills come in the middle
of whatever it does; then in the whole system, told by the real Alertmanager. Writes
results/killpoints.md. Five minutes.
"""

import argparse
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from benchmarks.killpoints.receiving import (
    KILLS_PER_HISTORY,
    Outcome,
    interrupted,
    total,
)
from benchmarks.killpoints.serving import Delivery, killed
from benchmarks.machine import described

FOLDER = Path(__file__).parents[2] / "build" / "killpoints"
RESULT = Path(__file__).parents[1] / "results" / "killpoints.md"


def report(
    outcome: Outcome, delivery: Delivery, command: str, machine: str
) -> Iterator[str]:
    """The whole page."""
    yield from ("# What a kill costs the receiver", "", f"`{command}`", "")
    yield from (f"{machine}.", "")
    yield "A sender that sends each notification until it is answered:"
    yield from ("", "| | |", "|---|---|")
    yield f"| kills (SIGKILL), each at a random moment | {outcome.kills:,} |"
    yield f"| notifications answered | {outcome.notifications:,} |"
    yield f"| alerts begun or ended, in them | {outcome.alerts:,} |"
    yield f"| of them missing in the history | {outcome.missing:,} |"
    yield f"| in the history twice | {outcome.twice:,} |"
    yield f"| in the history, and never sent | {outcome.invented:,} |"
    yield f"| kills that left half a notification | {outcome.halves:,} |"
    yield (
        "| kills between the commit and the answer, so that it was sent again | "
        f"{outcome.stored_unanswered:,} |"
    )
    yield f"| alerts missing in the log | {outcome.lines_missing:,} |"
    yield f"| alerts logged again after a kill | {outcome.lines_twice:,} |"
    yield f"| histories damaged by a kill | {outcome.set_aside:,} |"
    yield from ("", "The whole system, told by Alertmanager as it is configured:")
    yield from ("", "| | |", "|---|---|")
    yield f"| kills (SIGKILL), each at a random moment | {delivery.kills:,} |"
    yield f"| alerts begun or ended, posted to Alertmanager | {delivery.posted:,} |"
    yield f"| of them missing in the history | {delivery.missing:,} |"
    yield f"| in the history twice | {delivery.twice:,} |"
    yield f"| in the history, and never posted | {delivery.invented:,} |"
    yield f"| requests of Alertmanager that failed | {delivery.failed_requests:,} |"


def main() -> None:
    """Kills as often as asked, and writes and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killpoints")
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--system-kills", type=int, default=50)
    options = parser.parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    rounds = range(0, options.kills, KILLS_PER_HISTORY)
    outcomes = [
        interrupted(FOLDER / str(i), min(KILLS_PER_HISTORY, options.kills - i), i)
        for i in rounds
    ]
    machine = described()
    delivery = killed(FOLDER / "system", options.system_kills, options.kills)
    command = (
        f"python -m benchmarks.killpoints --kills {options.kills} "
        f"--system-kills {options.system_kills}"
    )
    text = "\n".join(report(total(outcomes), delivery, command, machine)) + "\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
