"""Drift and recovery for an hour, while components are killed, against the truth.

make soak
make soak ARGS="--minutes 3.5 --period 105 --kill-every 70 --out build/soak.md"

Prints what was expected and what was told, and writes it to results/soak.md. Ends with
status 1 if anything was missed, told twice, not expected, or not told to be over.
"""

import argparse
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import requests
from credit_analyzer.model import load
from stack.follow import FIRING

from benchmarks.machine import described_system
from stack.ports import HOST
from stack.process import wait_until
from stack.system import PORTS, Stack

from . import plan
from .applicants import Applicants
from .breaker import Breaker
from .facts import Alert, alerts
from .report import Run, report
from .truth import drifts, merging
from .verdict import RESTARTS_SECONDS, judge

FOLDER = Path(__file__).parents[3] / "build" / "soak"
RESULT = Path(__file__).parents[2] / "results" / "soak.md"
# Restarts are counted for ten minutes. All else is over after half a minute until
# nobody applies any more, half a minute of keep_firing_for, and two minutes if a killed
# Prometheus forgot an alert that Alertmanager still remembers.
RESOLVE_SECONDS = RESTARTS_SECONDS + 60.0


def _run(options: argparse.Namespace) -> Run:
    """Runs the system as planned, and judges what it told."""
    scenario = plan.scenario(60 * options.minutes, options.period)
    model = load()
    planned = drifts(model, plan.starts(scenario), options.rate)
    if names := sorted(set(merging(planned))):
        sys.exit(f"these would drift again too soon, take a longer --period: {names}")
    begin = [drift.start for drift in planned]
    kills = plan.kills(begin, scenario.seconds, options.kill_every, options.seed)
    # At ports that nobody else wants: a component that was killed comes back there.
    with Stack(FOLDER, ports=dict.fromkeys(PORTS, 0)) as stack:
        machine = described_system(stack)
        applicants = Applicants(stack.url("credit-analyzer:8000"))
        with Breaker(stack, FOLDER, kills) as breaker:
            applicants.send(scenario, options.rate, options.seed, breaker.check)
        told = _resolved(stack)
    happened = drifts(model, applicants.phases, options.rate)
    verdict = judge(happened, breaker.outages, told)
    return Run(machine, verdict, applicants, breaker)


def _resolved(stack: Stack) -> list[Alert]:
    """What the receiver was told, once all of it is over, or should be."""

    def quiet() -> bool:
        # Who does not answer in time is asked again: an hour is behind us.
        with suppress(requests.RequestException):
            over = all(alert.ended for alert in _told(stack))
            return over and not stack.query(FIRING)
        return False

    with suppress(TimeoutError):
        wait_until(quiet, "all alerts to be over", RESOLVE_SECONDS, poll=1)
    return _told(stack)


def _told(stack: Stack) -> list[Alert]:
    log = FOLDER / "webhook-receiver.log"
    return alerts(stack.alerts(), log.read_text(errors="replace"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.soak")
    parser.add_argument("--minutes", type=float, default=60.0, help="of applications")
    parser.add_argument("--rate", type=float, default=50.0, help="a second")
    parser.add_argument("--seed", type=int, default=0, help="of applicants and kills")
    parser.add_argument("--period", type=float, default=300.0, help="s, of drifts")
    parser.add_argument("--kill-every", type=float, default=120.0, help="s")
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser


def main() -> None:
    """Runs, writes and prints the report, and ends with 1 if there were faults."""
    options = _parser().parse_args()
    # Told to stop, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A proxy has nothing to do with what happens on this machine.
    os.environ["NO_PROXY"] = HOST
    run = _run(options)
    text = "\n".join(report(run, options)) + "\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)
    sys.exit(1 if run.faults else 0)


if __name__ == "__main__":
    main()
