"""Command line of the simulator.

python -m loan_application_simulator send --url http://127.0.0.1:8000
python -m loan_application_simulator scenarios
python -m loan_application_simulator dataset --out applications.csv
"""

import argparse
import csv
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from tqdm import tqdm

from .applicants import past_applications
from .client import AnalyzerClient, AnalyzerUnavailable
from .metrics import SimulatorMetrics
from .scenarios import SCENARIOS, Phase, ReplayError, replay
from .sender import Sender, Sent
from .summary import Summary


def send(options: argparse.Namespace) -> None:
    """Sends a scenario and prints what came of it."""
    scenario = SCENARIOS[options.scenario]
    if options.replay:
        scenario = replay(options.replay)
    if options.seconds:
        scenario = scenario.lasting(options.seconds)
    registry = CollectorRegistry()
    metrics = SimulatorMetrics(scenario, registry)
    summary = Summary([phase.name for phase in scenario.phases])
    start_http_server(options.metrics_port, options.metrics_host, registry)
    client = AnalyzerClient(options.url, options.form)
    client.wait_until_ready(options.wait)

    began = time.monotonic()
    total = sum(1 for _ in scenario.applications(options.rate))
    # Without a terminal there is no bar, but each phase is still announced.
    with tqdm(total=total, unit="app", disable=not sys.stderr.isatty()) as bar:

        def on_phase(phase: Phase) -> None:
            metrics.began(phase.name)
            tqdm.write(f"{time.monotonic() - began:6.1f} s  phase {phase.name}")
            bar.set_description(phase.name)

        def on_sent(sent: Sent) -> None:
            metrics.counted(sent.phase, sent.outcome, sent.decision)
            summary.add(sent)
            bar.set_postfix_str(summary.mix(), refresh=False)
            bar.update()

        try:
            sender = Sender(client, on_phase=on_phase, on_sent=on_sent)
            sender.send(scenario, options.rate, options.seed)
        finally:
            bar.close()
            print(summary, flush=True)


def dataset(options: argparse.Namespace) -> None:
    """Writes past applications with their outcome, to train a model on."""
    rows = past_applications(options.rows, options.seed)
    with options.out.open("w", newline="", encoding="utf-8") as file:
        first = next(rows)
        writer = csv.DictWriter(file, first.keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def list_scenarios(_: argparse.Namespace) -> None:
    """Prints the name and the description of each scenario."""
    for scenario in SCENARIOS.values():
        print(f"{scenario.name}\t{scenario.description}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loan_application_simulator")
    commands = parser.add_subparsers(required=True)

    sending = commands.add_parser("send", help="send a scenario to an analyzer")
    sending.set_defaults(run=send)
    sending.add_argument("--url", default="http://127.0.0.1:8000")
    sending.add_argument(
        "--scenario",
        choices=SCENARIOS,
        default="storyline",
        help="; ".join(
            f"{scenario.name}: {scenario.description}"
            for scenario in SCENARIOS.values()
        ).replace("%", "%%"),
    )
    sending.add_argument(
        "--replay",
        nargs="+",
        metavar="FILE=SECONDS",
        help="phases of recorded applications instead: a JSON object a line",
    )
    sending.add_argument("--form", choices=("get", "post"), default="post")
    sending.add_argument("--rate", type=_positive, default=10.0, help="a second")
    sending.add_argument("--seconds", type=_positive, help="stretch the scenario to")
    sending.add_argument("--seed", type=int, default=0)
    sending.add_argument("--wait", type=float, default=60.0, help="s, for the analyzer")
    sending.add_argument("--metrics-host", default="127.0.0.1")
    sending.add_argument("--metrics-port", type=int, default=8002)

    listing = commands.add_parser("scenarios", help="list the scenarios")
    listing.set_defaults(run=list_scenarios)

    writing = commands.add_parser("dataset", help="write applications to train on")
    writing.set_defaults(run=dataset)
    writing.add_argument("--out", type=Path, required=True)
    writing.add_argument("--rows", type=_count, default=100_000)
    writing.add_argument("--seed", type=int, default=1)
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, it is {text}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, it is {text}")
    return value


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command. Without an analyzer it is a sentence and status 1."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (AnalyzerUnavailable, ReplayError, OSError) as error:
        sys.exit(f"loan-application-simulator: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    # Docker stops it with this signal: print what was sent so far, and end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
