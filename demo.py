"""The whole system on this machine, one scenario, one report.

    python demo.py --scenario storyline

Starts every component, sends loan applications, follows the alerts as they arrive, and
ends with a table of them: when each fired, how long after the change that caused it,
what it said, when it resolved. The same, drawn, is in build/demo/report.html.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import requests

import report
from report.sources import NoReport
from stack.binaries import BinariesMissing
from stack.follow import Undelivered, check_delivery, run
from stack.process import ProcessDied
from stack.system import AlreadyRunning, Stack
from stack.timeline import table

FOLDER = Path(__file__).parent / "build" / "demo"
REPORT = FOLDER / "report.html"


def demo(scenario: str, arguments: Sequence[str]) -> None:
    """Runs `scenario`; `arguments` go to the simulator. Raises what failed."""
    with Stack(FOLDER) as stack:
        print(f"Prometheus     {stack.url('prometheus:9090')}")
        print(f"Alertmanager   {stack.url('alertmanager:9093')}")
        print(f"alerts         {stack.url('webhook-receiver:8080')}")
        print(f"logs           {FOLDER}")
        print(f"scenario       {scenario}; Ctrl-C stops everything\n")
        say = partial(print, flush=True)
        done = run(stack, ["--scenario", scenario, *arguments], say)
        print(f"\n{done.printed}\n")
        print("\n".join(table(done.rows)))
        report.write(
            stack.url("prometheus:9090"), stack.url("webhook-receiver:8080"), REPORT
        )
        print(f"\nreport         {REPORT}")
        check_delivery(stack, done.suppressed)


def main() -> None:
    """Parses the command line; what goes wrong is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        description="Runs the whole system on this machine, and reports on its alerts.",
        epilog="Further arguments go to the simulator, such as --form get.",
    )
    parser.add_argument("--scenario", default="storyline")
    options, further = parser.parse_known_args()
    # However it ends, its components end with it.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        demo(options.scenario, further)
    except KeyboardInterrupt:
        sys.exit("\nstopped")
    except (
        AlreadyRunning,
        BinariesMissing,
        NoReport,
        ProcessDied,
        TimeoutError,
        Undelivered,
    ) as error:
        sys.exit(f"demo: {error}")
    except requests.RequestException as error:
        sys.exit(f"demo: a component does not answer: {error}")


if __name__ == "__main__":
    main()
