"""The rules side by side with other detectors, on the same streams.

Ten applications a second. Each detector is measured at its defaults, and retuned to one
false alarm in 30 days: at most `ALLOWED` on a healthy stream of 90. False alarms are
counted on another one. Libraries run in environments of their own, in build/peers.
"""

import json
import random
import subprocess
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from credit_analyzer.signals import NUMERIC_SIGNALS
from loan_application_simulator.applicants import INCOME_RANGE_BRL, draw
from numpy.typing import NDArray

from .characteristics import DAY, HOUR, KEEP_FIRING, STUCK_SECONDS, WAIT
from .populations import (
    APPLICANTS,
    DECISION_SHIFTS,
    EXPECTED_DECISIONS,
    SEED,
    SHIFTS,
    Signal,
)
from .rules import FLOOR, Counts, Figures, Thresholds, Window, measure, windows

Values = NDArray[np.int32]

PEERS = Path(__file__).parent / "peers"
BUILD = Path(__file__).parents[2] / "build" / "peers"
PROCESSES = 2

RATE = 10
# False alarms of the retuned, on a stream that is as many times as long as the counted.
ALLOWED = 3
# How long a change is waited for.
LIMIT = 900
REFERENCE = 30_000
CHUNK = 300
WINDOW = 30
# alerts-drift.yml, which only decisions have: a window of its own.
STUCK = {"decision": (Window("4s", STUCK_SECONDS, 1),)}
STREAMING = ("river ADWIN", "frouros CUSUM", "river Page-Hinkley")
CHUNKED = ("Evidently", "NannyML")
DETECTORS = ("these rules", *STREAMING, *CHUNKED, "PSI", "a share is off")
INCOME_SHIFTS = (
    "incomes x 0.7",
    "incomes x 0.85",
    "incomes x 1.3",
    "30 % default incomes",
    "10 % default incomes",
)


@dataclass(frozen=True, slots=True)
class Streams:
    """What a signal's applications hold: categories 0, 1, 2, or amounts.

    `pool` is the healthy population, `tuning` and `counting` are healthy streams.
    Replicate r is the last `lengths[r]` of `before[r]`, an hour and up to half a minute
    so that a change is anywhere in a chunk, and then `after[shift, r]`.
    """

    name: str
    shifts: tuple[str, ...]
    bounds: tuple[int, ...]
    pool: Values
    tuning: Values
    counting: Values
    before: Values
    lengths: NDArray[np.int64]
    after: Values

    @property
    def days(self) -> float:
        """How long the healthy streams are."""
        return len(self.counting) / (DAY * RATE)

    def replicates(self) -> Iterator[tuple[int, int, Values]]:
        """Every shift and replicate: when it changes, in seconds, and its stream."""
        for s in range(len(self.shifts)):
            for r, length in enumerate(self.lengths):
                stream = np.concatenate([self.before[r, -length:], self.after[s, r]])
                yield s, int(length) // RATE, stream


@dataclass(frozen=True, slots=True)
class Delay:
    """Of one shift, in seconds; None is later than `LIMIT`, or never."""

    median: float | None
    p95: float | None
    detected: float

    @classmethod
    def of(cls, delays: Sequence[float | None]) -> "Delay":
        """Summarises replicates, of which None did not notice."""
        if not delays:
            return cls(median=None, p95=None, detected=0.0)
        late = [np.inf if d is None or d > LIMIT else d for d in delays]
        median, p95 = np.quantile(late, (0.5, 0.95), method="higher").tolist()
        return cls(
            median=median if np.isfinite(median) else None,
            p95=p95 if np.isfinite(p95) else None,
            detected=float(np.isfinite(late).mean()),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A detector on a stream: its false alarms in `days`, its delay for each shift."""

    detector: str
    stream: str
    setting: str
    parameter: str
    false_alarms: int
    days: float
    delays: Mapping[str, Delay]

    @property
    def per_30_days(self) -> float:
        """False alarms in 30 days."""
        return self.false_alarms * 30 / self.days


def pools(name: str) -> Mapping[str, Values]:
    """The populations of a stream, the healthy one first."""
    if name == "decision":
        mixes = (EXPECTED_DECISIONS, *DECISION_SHIFTS)
        return {
            " / ".join(f"{100 * share:.0f}" for share in mix): np.repeat(
                np.arange(3, dtype=np.int32), np.round(100 * np.array(mix)).astype(int)
            )
            for mix in mixes
        }
    found = {}
    for shift in ("ordinary times", *INCOME_SHIFTS):
        rng = random.Random(SEED)
        drawn = (draw(rng, SHIFTS[shift]) for _ in range(APPLICANTS))
        found[shift] = np.array([a.monthly_income for a in drawn], dtype=np.int32)
    return found


def make_streams(name: str, *, seed: int, days: float, replicates: int) -> Streams:
    """Draws the streams, with replacement, from the populations."""
    rng = np.random.default_rng(seed)
    (_, healthy), *moved = pools(name).items()
    length = int(days * DAY) * RATE
    offsets = rng.integers(0, CHUNK // RATE, size=replicates) * RATE
    return Streams(
        name=name,
        shifts=tuple(shift for shift, _ in moved),
        bounds=INCOME_RANGE_BRL if name in NUMERIC_SIGNALS else (),
        pool=healthy,
        tuning=rng.choice(healthy, ALLOWED * length),
        counting=rng.choice(healthy, length),
        before=rng.choice(healthy, (replicates, HOUR * RATE + CHUNK)),
        lengths=HOUR * RATE + offsets,
        after=np.stack([rng.choice(p, (replicates, LIMIT * RATE)) for _, p in moved]),
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """A figure every `step` seconds: it alarms where it is above a threshold.

    Of each of `cases`: the shift, the second at which it changes, and the figures.
    An alarm is told `wait` seconds later.
    """

    step: int
    tuning: Figures
    counting: Figures
    cases: Sequence[tuple[int, int, Figures]]
    wait: float = 0.0


def onsets(figures: Figures, threshold: float, step: int) -> NDArray[np.int64]:
    """The seconds at which alarms begin; what alarms again within 30 s is one."""
    at = (np.flatnonzero(figures > threshold) + 1) * step
    apart = np.diff(at, prepend=-KEEP_FIRING - 1) > KEEP_FIRING
    return at[apart]


def retuned(figures: Figures, step: int, wanted: int = ALLOWED) -> float:
    """The least threshold with at most `wanted` alarms, of those that make one."""
    candidates = np.unique(figures[np.isfinite(figures)])
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        if len(onsets(figures, candidates[middle], step)) <= wanted:
            high = middle
        else:
            low = middle + 1
    return float(candidates[high])


def delay(scores: Scores, threshold: float, change: int, figures: Figures) -> float:
    """From a change to the first alarm that begins after it; NaN if one was on."""
    began = onsets(figures, threshold, scores.step)
    alarming = (np.flatnonzero(figures > threshold) + 1) * scores.step
    if ((alarming > change - KEEP_FIRING) & (alarming <= change)).any():
        return np.nan
    after = began[began > change]
    return float(after[0]) - change + scores.wait if len(after) else np.inf


def judge(
    detector: str, streams: Streams, scores: Scores, default: float, said: str
) -> Iterator[Row]:
    """A row for the default threshold, and one for the retuned."""
    quiet = retuned(scores.tuning, scores.step)
    for setting, threshold in {"default": default, "retuned": quiet}.items():
        delays: list[list[float]] = [[] for _ in streams.shifts]
        for shift, change, figures in scores.cases:
            found = delay(scores, threshold, change, figures)
            if not np.isnan(found):
                delays[shift].append(found)
        yield Row(
            detector=detector,
            stream=streams.name,
            setting=setting,
            parameter=said.format(threshold),
            false_alarms=len(onsets(scores.counting, threshold, scores.step)),
            days=streams.days,
            delays=dict(zip(streams.shifts, map(Delay.of, delays), strict=True)),
        )


class Cells:
    """Counts a stream's applications by cell: a category, or what is between edges."""

    def __init__(self, streams: Streams, edges: Sequence[float]) -> None:
        self.edges = np.array(edges if streams.bounds else (0, 1))
        counts = np.bincount(self._of(streams.pool), minlength=len(self.edges) + 1)
        self.reference: Figures = counts / len(streams.pool)

    def _of(self, values: Values) -> NDArray[np.int64]:
        return np.searchsorted(self.edges, values, side="left")

    def each_second(self, values: Values) -> Counts:
        """Counts since the stream began, shape (seconds + 1, cells)."""
        k, seconds = len(self.reference), len(values) // RATE
        at = np.arange(len(values)) // RATE * k + self._of(values)
        counts = np.bincount(at, minlength=seconds * k).reshape(seconds, k)
        return np.concatenate([np.zeros((1, k), dtype=np.int64), counts.cumsum(axis=0)])


def evidence(cells: Cells, name: str, values: Values) -> Figures:
    """What the rules compare with their threshold: the most nats of any window."""
    of, total = Signal(name, cells.reference), cells.each_second(values)
    highest = np.full(len(total), -np.inf)
    for window in (*windows(), *STUCK.get(name, ())):
        at = np.arange(0, len(total), window.interval)
        at = at[at >= window.counted]
        counts = total[at] - total[at - window.counted]
        distance, nats = measure(of, counts)
        raised = distance >= Thresholds.shipped().distance
        if window in STUCK.get(name, ()):
            raised &= counts.max(axis=1) == counts.sum(axis=1)
        highest[at] = np.maximum(highest[at], np.where(raised, nats, -np.inf))
    return highest[1:]


def psi(shares: Figures, reference: Figures) -> Figures:
    """Population stability index, the sum of (p - q) ln(p / q)."""
    p, q = np.maximum(shares, FLOOR), np.maximum(reference, FLOOR)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def furthest(shares: Figures, reference: Figures) -> Figures:
    """How far off the share is that is furthest off."""
    return np.asarray(np.abs(shares - reference).max(axis=-1).round(9))


def sliding(
    cells: Cells, figure: Callable[[Figures, Figures], Figures], values: Values
) -> Figures:
    """A figure of the shares in the last `WINDOW` seconds, every second."""
    total = cells.each_second(values)
    shares = (total[WINDOW:] - total[:-WINDOW]) / (WINDOW * RATE)
    full = figure(shares, cells.reference)
    return np.concatenate([np.full(WINDOW - 1, -np.inf), full])


def every_second(score: Callable[[Values], Figures], streams: Streams) -> Scores:
    """Scores the streams, the healthy ones a day at a time."""

    def days(values: Values) -> Figures:
        parts = []
        for start in range(0, len(values), DAY * RATE):
            before = min(start, HOUR * RATE)
            part = score(values[start - before : start + DAY * RATE])
            parts.append(part[before // RATE :])
        return np.concatenate(parts)

    return Scores(
        step=1,
        tuning=days(streams.tuning),
        counting=days(streams.counting),
        cases=[(s, at, score(stream)) for s, at, stream in streams.replicates()],
        wait=WAIT,
    )


def by_the_rules(streams: Streams) -> Iterator[Row]:
    """The rules, with their threshold of nats."""
    cells = Cells(streams, NUMERIC_SIGNALS.get(streams.name, ()))
    scores = every_second(partial(evidence, cells, streams.name), streams)
    default = Thresholds.shipped().nats
    yield from judge("these rules", streams, scores, default, "{:.3g} nats")


def by_shares(streams: Streams) -> Iterator[Row]:
    """PSI, of deciles, and a share that is off, of quartiles."""
    for detector, figure, parts, default in (
        ("PSI", psi, 10, 0.2),
        ("a share is off", furthest, 4, 0.1),
    ):
        edges = np.quantile(streams.pool, np.arange(1, parts) / parts)
        score = partial(sliding, Cells(streams, edges.tolist()), figure)
        scores = every_second(score, streams)
        yield from judge(detector, streams, scores, default, "by {:.3g}")


def python_of(environment: str) -> Path:
    """The interpreter that has what `peers/{environment}.txt` requires."""
    folder = BUILD / environment
    wanted, installed = PEERS / f"{environment}.txt", folder / "installed.txt"
    python = folder / "bin" / "python"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "-q", "-r", str(wanted)]
        subprocess.run(pip, check=True)  # noqa: S603
        installed.write_text(wanted.read_text())
    return python


def ask(environment: str, script: str, *arguments: str | Path) -> Any:
    """What a script says that runs in an environment of its own."""
    command = [python_of(environment), PEERS / f"{script}.py", *arguments]
    run = subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd=BUILD,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def by_streaming(detector: str, setting: str, streams: Streams) -> Iterator[Row]:
    """A streaming detector of river or frouros."""
    name = detector.split()[-1].lower()
    file = BUILD / f"{streams.name}.npz"
    for found in ask("streaming", "streaming", file, name, setting):
        delays = dict(zip(streams.shifts, map(Delay.of, found["delays"]), strict=True))
        yield Row(
            **found | {"detector": detector, "stream": streams.name, "delays": delays}
        )


def by_chunks(detector: str, streams: Streams) -> Iterator[Row]:
    """A library's test of every chunk against the reference."""
    name = detector.lower()
    replicates = list(streams.replicates())
    healthy = (streams.tuning, streams.counting)
    parts = [
        values[: len(values) // CHUNK * CHUNK].reshape(-1, CHUNK)
        for values in (*healthy, *(stream for _, _, stream in replicates))
    ]
    file = BUILD / f"{streams.name}-{name}.npz"
    rng = np.random.default_rng(len(streams.pool))
    np.savez(
        file,
        chunks=np.concatenate(parts),
        reference=rng.choice(streams.pool, REFERENCE),
        bounds=streams.bounds,
    )
    found = ask(name, f"{name}_chunks", file)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    tuning, counting, *cases = np.split(np.array(found["scores"]), ends)
    changes = [(s, at, c) for (s, at, _), c in zip(replicates, cases, strict=True)]
    scores = Scores(CHUNK // RATE, tuning, counting, changes)
    unit = found["method"] + " {:.3g}"
    yield from judge(detector, streams, scores, found["threshold"], unit)


def compare(
    *, seed: int, days: float = 30, replicates: int = 100, libraries: bool = True
) -> list[Row]:
    """Every detector on both streams, with healthy streams of `days`."""
    both = [
        make_streams(name, seed=seed, days=days, replicates=replicates)
        for name in ("decision", "monthly_income")
    ]
    jobs = [partial(job, s) for s in both for job in (by_the_rules, by_shares)]
    if libraries:
        for environment in ("streaming", "evidently", "nannyml"):
            python_of(environment)
        for streams in both:
            np.savez(BUILD / f"{streams.name}.npz", **asdict(streams))
        # The slowest first.
        grid = product(STREAMING, ("default", "retuned"), both)
        jobs = (
            [partial(by_streaming, *each) for each in grid]
            + [partial(by_chunks, *each) for each in product(CHUNKED, both)]
            + jobs
        )
    with ThreadPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(lambda job: list(job()), jobs))
    rows = [row for part in found for row in part]
    return sorted(rows, key=lambda r: (r.stream, DETECTORS.index(r.detector)))


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Markdown: for each stream, a line for each detector and setting."""
    yield (
        "False alarms are in 30 days, counted on as many as stand beside them. Delays "
        "are the median / the 95th percentile, in seconds from a change to an alarm. "
        f"– is later than {LIMIT} s; the share that was noticed until then is given "
        "where it is not all. Where false alarms are minutes apart, a delay is that of "
        "the next one, change or not."
    )
    for stream in dict.fromkeys(row.stream for row in rows):
        of = [row for row in rows if row.stream == stream]
        heads = ["detector", "setting", "false alarms", "days", *of[0].delays]
        yield from ("", f"### {stream}", "", "| " + " | ".join(heads) + " |")
        yield "|---" * len(heads) + "|"
        for row in of:
            cells = [
                row.detector,
                f"{row.setting} ({row.parameter})",
                f"{row.per_30_days:,.0f}",
                f"{row.days:.2g}",
                *map(_cell, row.delays.values()),
            ]
            yield "| " + " | ".join(cells) + " |"


def _cell(delay: Delay) -> str:
    if not delay.detected:
        return "never"
    both = [f"{s:.0f}" if s is not None else "–" for s in (delay.median, delay.p95)]
    noticed = f" ({delay.detected:.0%})" if delay.detected < 1 else ""
    return " / ".join(both) + noticed
