"""Runs the study, or a part of it, and writes what came of it into `results/`.

    make detection [ARGS="characteristics | alternatives | plots"]

Without a part: all of it, about an hour on two cores.
"""

import argparse
import json
import platform
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import alternatives, plots
from .characteristics import Delay, FalseAlarms, delay, false_alarms
from .populations import (
    CATEGORY_SHIFTS,
    DECISION_SHIFTS,
    INPUT_SHIFTS,
    SIGNALS,
    Shares,
    divergence,
    off,
    shifted,
    signal,
)
from .rules import Thresholds
from .tables import delay_table, false_alarm_table

RESULTS = Path(__file__).parent / "results"
SEED = 2026
RATES = (1, 10, 100)
POINTS = (0, 1, 2)
# Simulated days: many where a false alarm is rare, fewer where a reference that is off
# makes them frequent.
DAYS = {(10, 0): 1_080, (1, 0): 360, (100, 0): 360}
DAYS_OFF = 60
REPLICATES = 400
PROCESSES = 2
# The curve of delay against false alarms: thresholds, and the shift that is waited for.
NATS = (7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.1)
SHIFT = (0.20, 0.60, 0.20)


def _false_alarms(name: str, rate: int, points: float) -> FalseAlarms:
    of = signal(name)
    return false_alarms(
        of,
        off(of.reference, points),
        rate=rate,
        points=points,
        days=DAYS.get((rate, int(points)), DAYS_OFF),
        seed=SEED,
        thresholds=Thresholds.shipped(),
    )


def _delay(name: str, change: str, shares: Shares, rate: int) -> Delay:
    of = signal(name)
    nats = divergence(shares, of.reference)
    # Six times as long as the best detector needs, within an hour or so.
    seconds = int(np.clip(6 * 18 / max(nats, 1e-9) / rate, 120, 5_400))
    return delay(
        of,
        shares,
        change=change,
        rate=rate,
        replicates=REPLICATES,
        seconds=seconds,
        seed=SEED,
        thresholds=Thresholds.shipped(),
    )


def _changes() -> Iterable[tuple[str, str, Shares, int]]:
    for mix in DECISION_SHIFTS:
        for rate in RATES:
            name = " / ".join(f"{100 * share:.0f}" for share in mix)
            yield "decision", name, np.array(mix), rate
    for of, moves in CATEGORY_SHIFTS.items():
        for points in moves:
            name = " ".join(f"{p:+d}" for p in points)
            yield of, name, signal(of).reference + np.array(points) / 100, 10
    for of, names in INPUT_SHIFTS.items():
        for name in names:
            yield of, name, shifted(of, name), 10


def _characteristics() -> Mapping[str, Any]:
    grid = [(n, r, p) for r in RATES for p in POINTS for n in SIGNALS]
    with ProcessPoolExecutor(PROCESSES) as pool:
        alarms = list(pool.map(_false_alarms, *zip(*grid, strict=True)))
        delays = list(pool.map(_delay, *zip(*_changes(), strict=True)))
        curve = list(pool.map(_operating_point, NATS))
    _write("false-alarms.md", false_alarm_table(alarms))
    _write("delays.md", delay_table(delays))
    return {
        "false_alarms": [asdict(row) for row in alarms],
        "delays": [asdict(row) for row in delays],
        "operating_curve": curve,
    }


def _operating_point(nats: float) -> Mapping[str, float]:
    """False alarms of the decisions and the delay of one shift, at a threshold."""
    of = signal("decision")
    thresholds = replace(Thresholds.shipped(), nats=nats)
    alarms = false_alarms(
        of,
        of.reference,
        rate=10,
        points=0,
        days=360,
        seed=SEED,
        thresholds=thresholds,
    )
    moved = delay(
        of,
        np.array(SHIFT),
        change="",
        rate=10,
        replicates=REPLICATES,
        seconds=600,
        seed=SEED,
        thresholds=thresholds,
    )
    return {
        "nats": nats,
        "days": alarms.days,
        "per_30_days": alarms.per_30_days,
        "median": moved.median,
    }


def _alternatives() -> Mapping[str, Any]:
    rows = alternatives.compare(seed=SEED)
    _write("alternatives.md", alternatives.table(rows))
    return {"rows": [asdict(row) for row in rows]}


def _save(name: str, measured: Mapping[str, Any]) -> None:
    made = {
        "command": f"make detection ARGS={name}",
        "seed": SEED,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    text = json.dumps({"made": made, **measured}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def _write(name: str, lines: Iterable[str]) -> None:
    text = "\n".join(lines) + "\n"
    (RESULTS / name).write_text(text)
    print(text)


PARTS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "characteristics": _characteristics,
    "alternatives": _alternatives,
}


def main() -> None:
    """Parses the command line and runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection")
    parser.add_argument("part", nargs="?", choices=[*PARTS, "plots"])
    part = parser.parse_args().part
    RESULTS.mkdir(exist_ok=True)
    for name, measure in PARTS.items():
        if part in (None, name):
            _save(name, measure())
    if part in (None, "plots"):
        plots.draw(RESULTS)


if __name__ == "__main__":
    main()
