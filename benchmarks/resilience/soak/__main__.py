"""Drift and recovery for an hour, while components are killed, against the truth.

make soak
make soak ARGS="--minutes 3.5 --period 105 --kill-every 70 --out build/soak.md"

Prints the alerts that were expected and received, and writes them to results/soak.md.
Ends with status 1 if any was missed, duplicated, not expected, or not resolved.
"""

import argparse
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import requests

from benchmarks.machine import described
from stack.ports import HOST
from stack.process import wait_until
from stack.scenario_run import FIRING
from stack.system import PORTS, Stack

from . import plan
from .applicants import Applicants
from .chaos import Breaker
from .observed import Alert, alerts
from .report import Run, report
from .verdict import RESTARTS_SECONDS, judge

FOLDER = Path(__file__).parents[3] / "build" / "soak"
RESULT = Path(__file__).parents[2] / "results" / "soak.md"
# Restarts are counted for ten minutes; all else is over before.
RESOLVE_SECONDS = RESTARTS_SECONDS + 60.0


def _run(options: argparse.Namespace) -> Run:
    """Runs the system as planned, and judges the alerts."""
    scenario = plan.scenario(60 * options.minutes, options.period)
    begin = [drift.start for drift in plan.drifts(plan.starts(scenario))]
    kills = plan.kills(begin, scenario.seconds, options.kill_every, options.seed)
    # At ports that are free: a component that was killed comes back there.
    with Stack(FOLDER, ports=dict.fromkeys(PORTS, 0)) as stack:
        applicants = Applicants(stack.url("credit-analyzer:8000"))
        with Breaker(stack, kills) as breaker:
            applicants.send(scenario, options.rate, options.seed, breaker.check)
            received = _resolved(stack)
    happened = plan.drifts(applicants.phases)
    verdict = judge(happened, breaker.outages, received)
    return Run(described(), verdict, applicants, breaker)


def _resolved(stack: Stack) -> list[Alert]:
    """The alerts of the receiver, once all of them are over, or should be."""

    def quiet() -> bool:
        # A request that times out is repeated: an hour is behind us.
        with suppress(requests.RequestException):
            over = all(alert.ended for alert in _alerts(stack))
            return over and not stack.query(FIRING)
        return False

    with suppress(TimeoutError):
        wait_until(quiet, "all alerts to be over", RESOLVE_SECONDS, poll=1)
    return _alerts(stack)


def _alerts(stack: Stack) -> list[Alert]:
    log = FOLDER / "webhook-receiver.log"
    return alerts(stack.alerts(), log.read_text(errors="replace"))


def main() -> None:
    """Runs, writes and prints the report, and ends with 1 if there were faults."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.soak")
    parser.add_argument("--minutes", type=float, default=60.0, help="of applications")
    parser.add_argument("--rate", type=float, default=50.0, help="a second")
    parser.add_argument("--seed", type=int, default=0, help="of applicants and kills")
    parser.add_argument("--period", type=float, default=300.0, help="s, of drifts")
    parser.add_argument("--kill-every", type=float, default=120.0, help="s")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    # On SIGTERM, stop the system too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # No proxy for what happens on this machine.
    os.environ["NO_PROXY"] = HOST
    run = _run(options)
    text = "\n".join(report(run, options)) + "\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)
    sys.exit(1 if run.faults else 0)


if __name__ == "__main__":
    main()
