"""A model that exports cells, as exposition text and as series of promtool."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

import numpy as np

DECISIONS = ("DENIED", "ANALYST", "APPROVED")
EXPECTED = (0.5, 0.2, 0.3)
EDUCATION = ("Bachelor", "High School", "Illiterate", "Master or Doctoral")
EDUCATED = (0.36, 0.44, 0.06, 0.14)
# Of the ranges between these incomes.
INCOMES = (1000, 2000, 3000, 4000, 5000)
EARNING = (0.1, 0.15, 0.25, 0.25, 0.15, 0.1)
SCORES = (0.2, 0.4, 0.65, 0.8)
# A score decides: below 0.4 denied, from 0.65 approved.
SCORING = (0.3, 0.2, 0.2, 0.2, 0.1)

HARD_TIMES = {
    "decision": (0.87, 0.08, 0.05),
    "score": (0.6, 0.27, 0.08, 0.04, 0.01),
    "monthly_income": (0.3, 0.25, 0.2, 0.15, 0.06, 0.04),
}
GOLD_RUSH = {
    "decision": (0.12, 0.13, 0.75),
    "score": (0.05, 0.07, 0.13, 0.45, 0.3),
    "monthly_income": (0.03, 0.07, 0.15, 0.25, 0.25, 0.25),
}


@dataclass(frozen=True)
class Cell:
    """Counts the observations with one of `outcomes`."""

    kind: str
    category: str
    outcomes: tuple[int, ...]


@dataclass(frozen=True)
class Signal:
    """What is watched: `reference` has the share of each outcome."""

    name: str
    role: str
    reference: Sequence[float]
    cells: tuple[Cell, ...]
    segment: str = ""
    unit: str = ""
    tolerance: float | None = None
    critical: float | None = None

    @property
    def key(self):
        return (self.name, self.segment)

    @property
    def labels(self):
        segment = {"segment": self.segment} if self.segment else {}
        return {"signal": self.name, "role": self.role, **segment}

    @property
    def all_cells(self):
        everything = tuple(range(len(self.reference)))
        return (*self.cells, Cell("all", "all", everything))


def categories(names):
    return tuple(Cell("category", name, (i,)) for i, name in enumerate(names))


def ranges(edges):
    """Cells of a number with these edges: below each, the middle, and each bucket."""
    below = tuple(
        Cell("below", f"at most {edge:g}", tuple(range(i + 1)))
        for i, edge in enumerate(edges)
    )
    middle = Cell(
        "middle", f"{edges[0]:g} to {edges[-1]:g}", tuple(range(1, len(edges)))
    )
    names = [
        f"at most {edges[0]:g}",
        *(f"{low:g} to {high:g}" for low, high in pairwise(edges)),
        f"above {edges[-1]:g}",
    ]
    buckets = tuple(Cell("bucket", name, (i,)) for i, name in enumerate(names))
    return (*below, middle, *buckets)


DECISION = Signal("decision", "decision", EXPECTED, categories(DECISIONS))
INCOME = Signal("monthly_income", "input", EARNING, ranges(INCOMES), unit="brl")
CREDIT = (
    DECISION,
    Signal("score", "score", SCORING, ranges(SCORES)),
    INCOME,
    Signal("education_level", "input", EDUCATED, categories(EDUCATION)),
    Signal("validity", "validity", (1.0, 0.0), categories(("valid", "refused"))),
    Signal(
        "monthly_income_range",
        "range",
        (0.0, 1.0, 0.0),
        categories(("below", "usual", "above")),
    ),
    *(
        replace(
            DECISION, name="decision_by_education_level", role="segment", segment=name
        )
        for name in EDUCATION
    ),
)


@dataclass(frozen=True)
class Phase:
    """So many seconds of traffic.

    `mixes` are the shares of the outcomes of signals that are not as in the reference,
    by the name of the signal, or by (signal, segment). Each `every` seconds, `rate`
    applications a second of that time arrive at once.
    """

    seconds: int
    mixes: Mapping[object, Sequence[float]] = field(default_factory=dict)
    rate: float = 10
    every: int = 1


def _arrivals(phases, rng, step):
    """How many applications arrive in each step, and the mixes of each step."""
    numbers, mixes = [], []
    for phase in phases:
        for second in range(0, phase.seconds, step):
            batch = second % max(phase.every, step) == 0
            mean = phase.rate * max(phase.every, step) if batch else 0
            numbers.append(round(mean) if rng is None else rng.poisson(mean))
            mixes.append(phase.mixes)
    return numbers, mixes


def _random(rng, numbers, shares):
    return np.array(
        [rng.multinomial(n, share) for n, share in zip(numbers, shares, strict=True)]
    )


def _exact(numbers, shares):
    """Each application has the outcome that is furthest behind its share."""
    rows, owed = [], 0
    for n, share in zip(numbers, shares, strict=True):
        row = np.zeros(len(share), int)
        for _ in range(n):
            owed = owed + np.array(share)
            row[owed.argmax()] += 1
            owed[owed.argmax()] -= 1
        rows.append(row)
    return np.array(rows)


@dataclass
class Model:
    """A model and what its replicas count."""

    signals: Sequence[Signal] = CREDIT
    name: str = "tree"
    version: str = "1"
    sha256: str = "abc"
    days: float | None = None

    def counts(self, phases, rng=None, step=1):
        """Counts of each outcome after each `step` seconds: {signal key: (T + 1, k)}.

        Without `rng`, so many applications arrive as are expected, and all shares are
        as exact as whole numbers can be.
        """
        draw = _exact if rng is None else partial(_random, rng)
        numbers, mixes = _arrivals(phases, rng, step)
        drawn = {}
        for signal in self.signals:
            if signal.role != "segment":
                shares = [mix.get(signal.name, signal.reference) for mix in mixes]
                drawn[signal.key] = draw(numbers, shares)
        self._draw_segments(drawn, mixes, draw)
        return {
            key: np.concatenate([np.zeros((1, rows.shape[1]), int), rows.cumsum(0)])
            for key, rows in drawn.items()
        }

    def _draw_segments(self, drawn, mixes, draw):
        """Of each category of a field, the decisions; all of them are the decisions."""
        segments = [signal for signal in self.signals if signal.role == "segment"]
        if not segments:
            return
        fields = drawn[(segments[0].name.removeprefix("decision_by_"), "")]
        for i, signal in enumerate(segments):
            usual = [mix.get("decision", signal.reference) for mix in mixes]
            shares = [
                mix.get(signal.key, u) for mix, u in zip(mixes, usual, strict=True)
            ]
            drawn[signal.key] = draw(fields[:, i], shares)
        drawn[("decision", "")] = sum(drawn[signal.key] for signal in segments)

    def samples(self, counts, start=None) -> Iterator[tuple[str, dict, Sequence]]:
        """Name, labels and values over time of every metric.

        `start` is when the replica began to count (each time), if it exports that.
        """
        model = {"model": self.name, "model_version": self.version}
        length = len(next(iter(counts.values())))

        def constant(value):
            return np.full(length, value)

        yield (
            "model_info",
            model | {"sha256": self.sha256, "library": "x"},
            constant(1),
        )
        if start is not None:
            starts = np.broadcast_to(start, length)
            yield "model_counting_start_timestamp_seconds", model, starts
        if self.days is not None:
            yield "model_false_alarm_days", model, constant(self.days)
        for signal in self.signals:
            labels = model | signal.labels
            yield "model_signal_info", labels | {"unit": signal.unit}, constant(1)
            for name in ("tolerance", "critical"):
                if (value := getattr(signal, name)) is not None:
                    yield f"model_signal_{name}_ratio", labels, constant(value)
            for cell in signal.all_cells:
                of = labels | {"kind": cell.kind, "category": cell.category}
                share = sum(signal.reference[i] for i in cell.outcomes)
                yield "model_cells_reference_ratio", of, constant(round(share, 9))
                rows = counts[signal.key]
                yield "model_cells_total", of, rows[:, list(cell.outcomes)].sum(1)


def text(name, labels):
    quoted = {name: json.dumps(v, ensure_ascii=False) for name, v in labels.items()}
    inside = ",".join(f"{name}={value}" for name, value in quoted.items())
    return f"{name}{{{inside}}}"


def series(samples, target, gone=()):
    """promtool's input_series, of a target with these labels.

    Scrapes whose number is in `gone` failed.
    """
    return [
        {
            "series": text(name, target | labels),
            "values": " ".join(
                "stale" if i in gone else str(value) for i, value in enumerate(values)
            ),
        }
        for name, labels, values in samples
    ]


def exposition(samples):
    """What a replica exports last, in Prometheus' text format."""
    return "".join(
        f"{text(name, labels)} {values[-1]}\n" for name, labels, values in samples
    )
