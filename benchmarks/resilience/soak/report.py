"""The page of a soak."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from .applicants import Applicants
from .chaos import Breaker
from .observed import Delivered
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """What a soak came to, on which machine."""

    machine: str
    verdict: Verdict
    applicants: Applicants
    breaker: Breaker

    @property
    def unexplained(self) -> int:
        """Applications that were not answered although the analyzer was there."""
        return self.applicants.unexplained(self.breaker.outages)

    @property
    def faults(self) -> list[str]:
        """All that is not as it should be, in words."""
        lost = [f"{self.unexplained} applications not answered"]
        return [*self.verdict.faults, *(lost if self.unexplained else ())]


def report(run: Run, options: Namespace) -> Iterator[str]:
    """The lines of the page, in Markdown."""
    yield from ("# Drift, recovery and kills, against the truth", "")
    command = ["python", "-m", "benchmarks.resilience.soak", *sys.argv[1:]]
    yield from (f"`{shlex.join(command)}`", "")
    yield (
        f"{run.machine}. {options.minutes:g} minutes at {options.rate:g} applications "
        f"a second, a drift every {options.period:g} s, a kill every "
        f"{options.kill_every:g} s."
    )
    for table in (
        _alerts(run.verdict),
        _delays(run.verdict.received),
        _applications(run),
        _memory(run.breaker, options.minutes / 60),
        _faults(run.faults),
    ):
        yield ""
        yield from table


def _alerts(verdict: Verdict) -> Iterator[str]:
    yield from _two_columns(
        "alerts",
        {
            "expected": verdict.expected,
            "delivered while the drift was on": len(verdict.received),
            "missed": len(verdict.missed),
            "duplicated": len(verdict.duplicated),
            "unexpected": len(verdict.unexpected),
            "resolved too early": len(verdict.early),
            "never resolved": len(verdict.unresolved),
            "of signals that may drift or not": verdict.possible,
            "about components that were killed": verdict.consequences,
        },
    )


def _two_columns(what: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from (f"| {what} | |", "|---|---|")
    yield from (f"| {words} | {count:,} |" for words, count in counts.items())


def _delays(received: Sequence[Delivered]) -> Iterator[str]:
    yield "| from the change to the receiver | alerts | median | longest |"
    yield "|---|---|---|---|"
    for words, broken in (("all was up", False), ("something was down", True)):
        delays = [one.delay for one in received if one.broken is broken]
        figures = f"{median(delays):.1f} s | {max(delays):.1f} s" if delays else "- | -"
        yield f"| {words} | {len(delays)} | {figures} |"


def _applications(run: Run) -> Iterator[str]:
    outcomes = run.applicants.outcomes
    yield from _two_columns(
        "applications",
        {
            "sent": outcomes.total(),
            "decided": outcomes["decided"],
            "refused, as they should be": outcomes["refused"],
            "not answered while the analyzer was down": len(run.applicants.unanswered)
            - run.unexplained,
            "not answered otherwise": run.unexplained,
        },
    )


def _memory(breaker: Breaker, hours: float) -> Iterator[str]:
    yield (
        "| component | kills | down, mean | memory at start | highest | at end "
        "| growth an hour |"
    )
    yield "|---|---|---|---|---|---|---|"
    for name, start in breaker.memory[0].items():
        down = [o.back - o.killed for o in breaker.outages if o.component == name]
        held = [sample[name] for sample in breaker.memory if name in sample]
        yield (
            f"| {name} | {len(down)} | {f'{mean(down):.1f} s' if down else '-'} "
            f"| {start:.0f} MiB | {max(held):.0f} MiB | {held[-1]:.0f} MiB "
            f"| {(held[-1] - start) / hours:+.0f} MiB |"
        )


def _faults(faults: Sequence[str]) -> Iterator[str]:
    yield "What was not as it should be:" if faults else "All was as it should be."
    if faults:
        yield ""
        yield from (f"- {fault}" for fault in faults)
