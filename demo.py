"""The whole system on this machine, one scenario, one report.

    python demo.py --scenario storyline
    python demo.py --model card_fraud

Starts every component, sends applications, shows the alerts as they arrive, and ends
with a table of them: when each fired, how long after the change that caused it, what it
said, when it resolved. The same, drawn, is in build/demo/report.html.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

import report
from report import NoReport
from report.timeline import table
from stack import example_models
from stack.downloads.binaries import BinariesMissing
from stack.example_models import EXAMPLES, ExampleModel
from stack.process import ProcessDied
from stack.scenario_run import (
    SHIPPED_MODEL,
    Screen,
    Undelivered,
    check_delivery,
    run,
)
from stack.system import AlreadyRunning, Stack, scenarios
from stack.tied import tie

ROOT = Path(__file__).parent
FOLDER = ROOT / "build" / "demo"
REPORT = FOLDER / "report.html"


def demo(scenario: str, example: ExampleModel | None, arguments: Sequence[str]) -> None:
    """Runs a scenario; `arguments` go to the simulator. Raises what failed.

    With `example`, another model decides beside the bank's, on its own applications.
    """
    screen = Screen()
    models = {example.service: example.folder} if example else {}
    analyzer = f"{example.service if example else 'credit-analyzer'}:8000"

    def show_addresses(stack: Stack) -> None:
        for what, where in (
            ("alerts", stack.url("webhook-receiver:8080")),
            ("analyzer", stack.url(analyzer)),
            ("Prometheus", stack.url("prometheus:9090")),
            ("Alertmanager", stack.url("alertmanager:9093")),
            ("logs", str(FOLDER / "system")),
        ):
            screen.write(f"{what:<13} {where}")
        screen.write("Ctrl-C stops everything.\n")
        screen.write("waiting for the first evidence (up to 25 s)")

    with Stack(FOLDER / "system", models=models, on_reachable=show_addresses) as stack:
        sent = [*arguments, "--url", stack.url(analyzer)]
        sent += example.replay() if example else ["--scenario", scenario]
        model = example.name if example else SHIPPED_MODEL
        done = run(stack, sent, screen, model=model)
        screen.write(f"\n{done.printed}\n")
        screen.write("\n".join(table(done.rows)))
        report.write(
            stack.url("prometheus:9090"), stack.url("webhook-receiver:8080"), REPORT
        )
        screen.write(f"\nreport: {REPORT}")
        check_delivery(stack)


def main() -> None:
    """Parses the command line; what goes wrong is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        description="Runs the whole system on this machine, and reports on its alerts.",
        epilog="Further arguments go to the simulator, such as --form get.",
    )
    parser.add_argument("--scenario", default="storyline")
    parser.add_argument("--model", choices=EXAMPLES, help="another than the bank's")
    options, further = parser.parse_known_args()
    known = scenarios()
    if options.scenario not in known:
        parser.error(f"there is no scenario {options.scenario}: {', '.join(known)}")
    # However the runner ends, its components end with it.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    tie()
    try:
        example = None
        if options.model:
            print(f"making {options.model}: its data, its model and its card")
            example = example_models.make(options.model, ROOT / "build" / "models")
        demo(options.scenario, example, further)
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
