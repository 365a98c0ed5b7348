"""The metric families of a model: for the rules, and for people.

Each sample of a counter is a range of the counts; so a category, "at most 2500" and
"all" are the same thing. Both kinds of families are views of one list of counts, and
never disagree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .card import Card
from .card.inputs import Numeric
from .card.parts import metric_name
from .card.signals import Signal

IDENTITY = ("model", "model_version")
SIGNAL = (*IDENTITY, "signal", "role")
START = "model_counting_start_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric. Each of `samples` has the values of its labels, and what it measures.

    A counter measures the counts from `low` to before `high`; a gauge is a constant; a
    histogram begins at count `low` and has `edges`.
    """

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    help: str
    labels: tuple[str, ...]
    samples: tuple["Sampled", ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One sample of a family, or of a histogram all of its samples."""

    values: tuple[str, ...]
    low: int = 0
    high: int = 0
    constant: float = 0.0
    edges: tuple[float, ...] = ()

    def labels(self, family: Family) -> dict[str, str]:
        """The labels, but for those that are empty: to Prometheus they are absent."""
        pairs = zip(family.labels, self.values, strict=True)
        return {name: value for name, value in pairs if value}


def families(card: Card, started: float) -> Iterator[Family]:
    """The families of a model that has counted since `started` (seconds since 1970)."""
    yield from _for_rules(card, started)
    yield from _for_people(card)


def _for_rules(card: Card, started: float) -> Iterator[Family]:
    who = (card.name, card.version)
    cell = (*SIGNAL, "kind", "category", "segment")
    cells = [
        (_key(who, signal, c.kind, c.category), c)
        for signal in card.signals
        for c in signal.cells
    ]
    yield Family(
        "counter",
        "model_cells",
        "Observations in a cell (a category or a range) of a signal.",
        cell,
        tuple(Sampled(key, c.low, c.high) for key, c in cells),
    )
    yield _gauge(
        "model_cells_reference_ratio",
        "Share of the cell in the reference of the model.",
        cell,
        {key: c.share for key, c in cells},
    )
    watched = [signal for signal in card.signals if signal.cells]
    yield _gauge(
        "model_signal_info",
        "A signal that is watched, and the unit of its values; always 1.",
        (*SIGNAL, "segment", "unit"),
        {(*who, s.name, s.role, s.segment, s.unit): 1.0 for s in watched},
    )
    yield _gauge(
        "model_signal_tolerance_ratio",
        "How far a share of the signal may be off its reference.",
        (*SIGNAL, "segment"),
        {
            (*who, s.name, s.role, s.segment): tolerance
            for s in watched
            if (tolerance := card.tolerance_of(s)) is not None
        },
    )
    yield _gauge(
        "model_signal_critical_ratio",
        "How far off its reference a share of the signal is critical.",
        (*SIGNAL, "segment"),
        {
            (*who, s.name, s.role, s.segment): critical
            for s in watched
            if (critical := card.critical_of(s)) is not None
        },
    )
    if card.false_alarm_days is not None:
        yield _gauge(
            "model_false_alarm_days",
            "At most one false alarm of the model is expected in so many days.",
            IDENTITY,
            {who: card.false_alarm_days},
        )
    library = ", ".join(f"{name} {card.library[name]}" for name in card.library)
    yield _gauge(
        "model_info",
        "The model that decides, by the hash of its file; always 1.",
        (*IDENTITY, "sha256", "library"),
        {(*who, card.sha256, library): 1.0},
    )
    yield _gauge(
        "model_created_timestamp_seconds",
        "When the model was made, in seconds since 1970.",
        IDENTITY,
        {who: card.created.timestamp()},
    )
    yield _gauge(
        START,
        "When the cells were at zero, in seconds since 1970.",
        IDENTITY,
        {who: started},
    )


def _for_people(card: Card) -> Iterator[Family]:
    who, space = (card.name, card.version), card.namespace
    signals = {signal.name: signal for signal in card.signals if not signal.segment}
    decision = signals["decision"]
    yield Family(
        "counter",
        metric_name(space, "decisions"),
        "Applications decided.",
        (*IDENTITY, "decision"),
        tuple(_one_each(who, decision, card.decisions.names)),
    )
    for field in card.segments:
        yield Family(
            "counter",
            metric_name(space, "decisions_by", field),
            f"Applications decided, by {field}.",
            (*IDENTITY, metric_name(field), "decision"),
            tuple(
                sampled
                for signal in card.signals
                if signal.segment and signal.name == f"decision_by_{field}"
                for sampled in _one_each(
                    (*who, signal.segment), signal, card.decisions.names
                )
            ),
        )
    yield _histogram(
        metric_name(space, "score"),
        card.score_description or "Unrounded score of the model.",
        who,
        signals["score"],
    )
    for name, found in card.inputs.items():
        if isinstance(found, Numeric):
            unit = f", in {found.unit}" if found.unit else ""
            yield _histogram(
                metric_name(space, name, found.unit),
                found.description or f"Values of {name}{unit}.",
                who,
                signals[name],
            )
    first = signals["validity"].base + 1
    yield Family(
        "counter",
        metric_name(space, "refused_applications"),
        "Applications refused, each counted once, under its first fault.",
        (*IDENTITY, "field", "reason"),
        tuple(
            Sampled((*who, *key), first + place, first + place + 1)
            for place, key in enumerate(card.refusals)
        ),
    )


def _key(
    who: tuple[str, str], signal: Signal, kind: str, category: str
) -> tuple[str, ...]:
    return (*who, signal.name, signal.role, kind, category, signal.segment)


def _one_each(
    labels: tuple[str, ...], signal: Signal, categories: tuple[str, ...]
) -> Iterator[Sampled]:
    for place, category in enumerate(categories, start=signal.base):
        yield Sampled((*labels, category), place, place + 1)


def _gauge(
    name: str,
    description: str,
    labels: tuple[str, ...],
    values: Mapping[tuple[str, ...], float],
) -> Family:
    samples = tuple(Sampled(key, constant=value) for key, value in values.items())
    return Family("gauge", name, description, labels, samples)


def _histogram(
    name: str, description: str, who: tuple[str, str], signal: Signal
) -> Family:
    sampled = Sampled(who, signal.base, edges=signal.edges)
    return Family("histogram", name, description, IDENTITY, (sampled,))
