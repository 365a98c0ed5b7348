"""How soon the shipped rules find a shift, and how often they are wrong.

    make detection [ARGS="delays | false-alarms | scenarios | peers"]

Simulates the rules (evidence.py, twin.py; tests/rules/test_twin.py holds them to
promtool) on the signals of the shipped card. Writes the parts into
benchmarks/results/detection.md. All of it takes half an hour on one core.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks import parts
from benchmarks.machine import described

from . import libraries
from .delays import Delay, Traffic, measure
from .evidence import Signal
from .false_alarms import FalseAlarms, count, count_with_resets
from .population import INPUT_SHIFTS, RATES, SHIFTS, credit, limit, shifted, signal
from .scenarios import DAY, Batches, Mix, constant, ramp, swing, watch

PAGE = Path(__file__).parents[1] / "results" / "detection.md"
RUNS = 400
# Of what lasts for days.
FEW = 200
SEED = 7
DAYS = 1_050
# Runs of a week, or of a month where applications are rare.
WORLDS, RARE_WORLDS = 150, 35
RESET_RATES = ("1/min", "10/s")
# The credit card has 16 signals; one of 20 inputs has about so many.
MANY_SIGNALS = 36


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _decision(tolerance: float) -> Signal:
    return replace(signal("decision"), tolerance=tolerance)


def _head(first: str, columns: Iterator[str]) -> Iterator[str]:
    names = list(columns)
    yield f"| {first} | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 1) + "|"


def _cell(delay: Delay) -> str:
    return f"{delay.ratio:.2f} ({delay.late / delay.limit:.2f})"


def _duration(seconds: float) -> str:
    for size, unit in ((DAY, "days"), (3600, "h"), (60, "min")):
        if np.isinf(seconds):
            return "never"
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def delays() -> Iterator[str]:
    """Sudden shifts of the decisions and of inputs."""
    yield "Median delay (and the 90th percentile) as a multiple of the limit: the"
    yield "logarithm of the number of applications in 90 days over the relative entropy"
    yield "of the shift, or three evaluations, if that is longer. Evaluations of 1 s."
    sharing = len(credit())
    first: dict[str, list[str]] = {}
    for name, tolerance, signals, every in (
        ("Tolerance 0.01, as on the shipped card", 0.01, sharing, 1),
        ("Tolerance 0.02", 0.02, sharing, 1),
        (f"Tolerance 0.01, {MANY_SIGNALS} signals (20 inputs)", 0.01, MANY_SIGNALS, 1),
        ("Tolerance 0.01, evaluations of 15 s", 0.01, sharing, 15),
    ):
        yield from ("", f"{name}:", "")
        yield from _head("approved/denied/analyst", iter(RATES))
        decision = _decision(tolerance)
        for shift, shares in SHIFTS.items():
            measured = [
                measure(decision, shares, _traffic(rate, every), signals)
                for rate in RATES.values()
            ]
            yield f"| {shift} | " + " | ".join(map(_cell, measured)) + " |"
            first.setdefault(shift, [_duration(delay.median) for delay in measured])
    yield from ("", "Medians of the first table:", "")
    yield from _head("approved/denied/analyst", iter(RATES))
    for shift, medians in first.items():
        yield f"| {shift} | " + " | ".join(medians) + " |"
    yield from ("", "Inputs and the score, tolerance 0.02, as a multiple of their own")
    yield from ("limit:", "")
    yield from _head("shift", iter(RATES))
    for shift, (name, population) in INPUT_SHIFTS.items():
        found = shifted(name, population)
        # Buckets that the reference does not have would make the limit zero.
        known = np.where(np.array(signal(name).reference) > 0, found, 0)
        mix = (known / known.sum()).tolist()
        cells = [
            _cell(measure(signal(name), mix, _traffic(rate, 1), sharing))
            for rate in RATES.values()
        ]
        yield f"| {shift} | " + " | ".join(cells) + " |"


def _traffic(rate: float, every: float, runs: int = RUNS) -> Traffic:
    return Traffic(rate, every, runs, _rng())


def false_alarms() -> Iterator[str]:
    """Every share within its tolerance, at the edges too."""
    yield "All 16 signals of the shipped card, drawn independently of each other. Each"
    yield "share is within its tolerance: in a third of the runs at an edge all the"
    yield "time, in a third anywhere within, in a third swinging over the day between"
    yield "opposite edges. Evaluations of 60 s: 1 s would take sixty times as long."
    yield ""
    yield "| traffic | simulated days | alarms | in 90 days | 95 % certain: at most |"
    yield "|---|---|---|---|---|"
    for name, rate in RATES.items():
        worlds = WORLDS if rate >= RATES["1/min"] else RARE_WORLDS
        yield _alarms(name, count(_traffic(rate, 60, worlds), DAYS))
    for name in RESET_RATES:
        found = count_with_resets(_traffic(RATES[name], 60, WORLDS), DAYS)
        yield _alarms(f"{name}, two replicas that restart every ten minutes", found)


def _alarms(name: str, found: FalseAlarms) -> str:
    return (
        f"| {name} | {found.days:,.0f} | {found.alarms} "
        f"| {90 * found.alarms / found.days:.2f} | {found.at_most:.2f} |"
    )


def scenarios() -> Iterator[str]:
    """Batches, ramps, swings, and shifts that last."""
    yield "Tolerance 0.01 unless another is named. An alert is of one direction, from"
    yield "when it fires until it ends. Evaluations of 15 s, or of 60 s for ten days."
    yield ""
    yield "| decisions | traffic | first alert | DENIED, a run | others | firing |"
    yield "|---|---|---|---|---|---|"
    for plan in plans():
        decision, seconds = _decision(plan.tolerance), plan.days * DAY
        found = watch(decision, plan.mix, plan.traffic, len(credit()), seconds)
        denied, *others = found.alerts.mean(0)
        yield (
            f"| {plan.name} | {plan.rate} | {_duration(found.median_first)} "
            f"| {denied:.2f} | {sum(others):.2f} | {found.firing:.0%} |"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to the decisions, for how many days."""

    name: str
    rate: str
    mix: Mix
    traffic: Traffic
    days: float
    tolerance: float = 0.01


def plans() -> Iterator[Plan]:
    """Those of the table."""
    decision = signal("decision")
    for points in (0.06, 0.10, 0.20):
        for rate, days in (("1/min", 30), ("1/s", 3), ("10/s", 1)):
            name = f"{100 * points:.0f} points for {days} days"
            traffic = _traffic(RATES[rate], 15, FEW)
            yield Plan(name, rate, constant(decision, points), traffic, days)
    for size, period in ((100, 60), (300, 120), (5_000, DAY)):
        for points, days in ((0.0, 90), (0.20, 10)):
            rate = f"{size:,} every {_duration(period)}"
            name = f"{100 * points:.0f} points, in batches, for {days} days"
            batches = Batches(0, period, FEW, _rng(), size)
            yield Plan(name, rate, constant(decision, points), batches, days)
    for rate, part in (("1/min", 10.0), ("1/s", 1.0), ("10/s", 1 / 24), ("10/s", 1.0)):
        name = f"a ramp of 20 points over {_duration(part * DAY)}"
        mix = ramp(decision, 0.20, part * DAY)
        yield Plan(name, rate, mix, _traffic(RATES[rate], 15, FEW), part)
    for tolerance in (0.01, 0.02, 0.05):
        for rate in ("1/min", "10/s"):
            name = f"±4 points over the day for 10 days, tolerance {tolerance:g}"
            traffic = _traffic(RATES[rate], 60, FEW)
            yield Plan(name, rate, swing(decision, 0.04), traffic, 10, tolerance)


def peers() -> Iterator[str]:
    """What others do on the same decisions."""
    rates = ("1/min", "1/s", "10/s")
    yield "Median delay in applications, and false alarms in 90 days on a mix that is"
    yield "exactly the reference. The delay of a detector with hundreds of false alarms"
    yield "may be that of the next one."
    yield ""
    alarms_at = [f"false alarms at {rate}" for rate in rates]
    yield from _head("detector", iter([*libraries.SHIFTED, *alarms_at]))
    for rate in rates:
        for tolerance in (0.01, 0.02):
            yield _ours(rate, tolerance, rates)
    for peer in libraries.all_peers(_rng()):
        cells = " | ".join(
            "–" if np.isinf(d.median) else f"{d.median:,.0f}" for d in peer.delays
        )
        alarms = " | ".join(f"{peer.in_90_days(RATES[r]):,.1f}" for r in rates)
        yield f"| {peer.name} | {cells} | {alarms} |"
    needed = [
        limit(SHIFTS[s], signal("decision").reference, 1) for s in libraries.SHIFTED
    ]
    yield (
        "| the limit at 1/s | " + " | ".join(f"{n:,.0f}" for n in needed) + " | | 1 | |"
    )


def _ours(rate: str, tolerance: float, rates: Sequence[str]) -> str:
    decision, traffic = _decision(tolerance), _traffic(RATES[rate], 1)
    delays = [
        measure(decision, SHIFTS[shift], traffic, len(credit())).median * RATES[rate]
        for shift in libraries.SHIFTED
    ]
    cells = " | ".join(f"{delay:,.0f}" for delay in delays)
    alarms = " | ".join("at most 1" if other == rate else "" for other in rates)
    return f"| these rules at {rate}, tolerance {tolerance} | {cells} | {alarms} |"


PARTS: parts.Parts = {
    "delays": delays,
    "false-alarms": false_alarms,
    "scenarios": scenarios,
    "peers": peers,
}


def main() -> None:
    """Simulates, prints and writes the parts that the command line names."""
    names = parts.chosen("benchmarks.detection", PARTS)
    for name in names:
        head = f"`make detection ARGS={name}`; {described('numpy')}."
        parts.write_section(PAGE, name, head, PARTS[name]())


if __name__ == "__main__":
    main()
