"""The same counts through the shipped rules in promtool, and through `rules`.

`write_case` writes a promtool test whose expectations are numpy's figures: it passes if
both come to the same, in every window and for every signal.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import yaml
from credit_analyzer.application import CATEGORIES
from credit_analyzer.decision import Decision
from credit_analyzer.signals import NUMERIC_SIGNALS
from numpy.typing import NDArray
from prometheus_client.utils import floatToGoString

from .populations import SIGNALS, Shares, Signal, shifted, signal
from .rules import RULES, Thresholds, latch, measure, raised, windows

SECONDS = 4_200
CHANGE = 3_900
RATE = 10
# Promtool evaluates all groups together; never where a scrape is, because Prometheus 2
# would count one scrape more than Prometheus 3.
TICK = 24.9
HISTOGRAMS = {
    "score": "credit_score_bucket",
    "monthly_income": "credit_monthly_income_brl_bucket",
    "loan_amount": "credit_loan_amount_brl_bucket",
}
MODEL = 'instance="a",model="m",model_version="1"'
TOLERANCE = 1e-9

Rows = NDArray[np.int64]


def _rows(rng: np.random.Generator, name: str, late: Shares) -> Rows:
    """The cell of each application, shape (SECONDS, RATE); from CHANGE on by `late`."""
    early = signal(name).reference
    cells = np.arange(len(early))
    before = rng.choice(cells, (CHANGE, RATE), p=early / early.sum())
    after = rng.choice(cells, (SECONDS - CHANGE, RATE), p=late / late.sum())
    return np.concatenate([before, after])


def _counts(rows: Rows, cells: int) -> Rows:
    """How many of each cell, each second, shape (SECONDS, cells)."""
    return np.stack([(rows == cell).sum(axis=1) for cell in range(cells)], axis=1)


def draw(seed: int, shift: str) -> Mapping[str, Rows]:
    """The cells of applications whose population shifts, by signal."""
    rng = np.random.default_rng(seed)
    return {name: _rows(rng, name, shifted(name, shift)) for name in SIGNALS}


def write_case(path: Path, seed: int, shift: str) -> None:
    """Writes the test, of applications whose population shifts."""
    rows = draw(seed, shift)
    expected = [
        {
            "expr": expression,
            "eval_time": f"{round(tick * TICK * 1000)}ms",
            "exp_samples": [{"labels": labels, "value": value}],
        }
        for name in SIGNALS
        for tick, expression, labels, value in _expectations(signal(name), rows[name])
    ]
    names = [file.name for file in sorted(RULES.glob("drift-*.yml"))]
    files = ["thresholds.yml", "reference.yml", *names]
    case = {
        "rule_files": [str(RULES / name) for name in files],
        "evaluation_interval": f"{round(TICK * 1000)}ms",
        "group_eval_order": [
            yaml.safe_load((RULES / name).read_text())["groups"][0]["name"]
            for name in files
        ],
        "tests": [
            {
                "interval": "1s",
                "input_series": [
                    {"series": series, "values": values}
                    for series, values in _series(rows)
                ],
                "promql_expr_test": expected,
            }
        ],
    }
    path.write_text(yaml.safe_dump(case, width=10_000))


def _expectations(of: Signal, rows: Rows) -> Iterator[tuple[int, str, str, float]]:
    """(tick, expression, labels, value) of what is compared for a signal."""
    counts = _counts(rows, len(of.reference))
    total = np.concatenate([np.zeros_like(counts[:1]), counts.cumsum(axis=0)])
    labels = f'{{model="m",model_version="1",signal="{of.name}"}}'
    # A scrape at second s has counted the seconds before it.
    ticks = np.array([k for k in range(1, int(SECONDS / TICK)) if k % 10])
    scrapes = np.floor(ticks * TICK).astype(int)
    for window in windows():
        full = scrapes >= window.seconds
        at = scrapes[full]
        distance, nats = measure(of, total[at] - total[at - window.counted])
        starts, holds = raised(distance, nats, Thresholds.shipped())
        held = latch(starts, holds)
        chosen = np.linspace(0, len(at) - 1, 9).astype(int)[1:]
        for i in chosen[at[chosen] > CHANGE - 300]:
            tick = int(ticks[full][i])
            for record, values in (("distance", distance), ("nats", nats)):
                metric = f"signal:credit_drift:{record}{window.name}"
                difference = f'{metric}{{signal="{of.name}"}} - {values[i]:.12f}'
                yield tick, f"abs({difference}) < bool {TOLERANCE}", labels, 1.0
            for record, verdict in (("raised", starts), ("significant", held)):
                metric = f"signal:credit_drift:{record}{window.name}"
                expression = f'count({metric}{{signal="{of.name}"}}) or vector(0)'
                yield tick, expression, "{}", float(verdict[i])


def _series(rows: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    yield f"credit_model_info{{{MODEL}}}", f"1x{SECONDS}"
    yield from _decisions(rows)
    for name, metric in HISTOGRAMS.items():
        edges = [*map(floatToGoString, NUMERIC_SIGNALS[name]), "+Inf"]
        cumulative = _counts(rows[name], len(edges)).cumsum(axis=1)
        reference = signal(name).reference.cumsum()
        for cell, le in enumerate(edges):
            yield f'{metric}{{{MODEL},le="{le}"}}', _counter(cumulative[:, cell])
            series = f'{MODEL},signal="{name}",le="{le}"'
            value = f"{reference[cell]:.12g}x{SECONDS}"
            yield f"credit_reference_cumulative_ratio{{{series}}}", value
    for name, categories in {"decision": [*Decision], **CATEGORIES}.items():
        for category, share in zip(categories, signal(name).reference, strict=True):
            series = f'{MODEL},signal="{name}",category="{category}"'
            yield f"credit_reference_ratio{{{series}}}", f"{share:.12g}x{SECONDS}"


def _decisions(rows: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    for d, decision in enumerate(Decision):
        for e, education in enumerate(CATEGORIES["education_level"]):
            for p, profession in enumerate(CATEGORIES["profession_type"]):
                is_one = (
                    (rows["decision"] == d)
                    & (rows["education_level"] == e)
                    & (rows["profession_type"] == p)
                )
                labels = (
                    f'{MODEL},decision="{decision}",education_level="{education}",'
                    f'profession_type="{profession}"'
                )
                yield f"credit_decisions_total{{{labels}}}", _counter(is_one.sum(1))


def _counter(added: NDArray[np.int64]) -> str:
    """The values of a counter. It begins high, so that none is taken for a birth."""
    return " ".join(map(str, [1_000_000, *(1_000_000 + added.cumsum())]))
