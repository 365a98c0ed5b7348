"""Reads how a signal was distributed: in the reference, and in stretches of time."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from stack.timeline import Phase

from .record import Distribution, Points
from .sources import Labels, Prometheus

# What is counted of each signal, and the label that tells its categories apart.
COUNTERS = {
    "decision": ("credit_decisions_total", "decision"),
    "score": ("credit_score_bucket", "le"),
    "monthly_income": ("credit_monthly_income_brl_bucket", "le"),
    "loan_amount": ("credit_loan_amount_brl_bucket", "le"),
    "education_level": ("credit_decisions_total", "education_level"),
    "profession_type": ("credit_decisions_total", "profession_type"),
}
# So long after a stretch began, what was scraped last was scraped in it.
SCRAPE_SECONDS = 1.0


def grown(points: Points) -> float:
    """By how much a counter grew. One that falls has begun again at 0."""
    return sum(
        after - before if after >= before else after
        for (_, before), (_, after) in pairwise(points)
    )


def distributions(
    prometheus: Prometheus, of_model: str, stretches: Sequence[Phase]
) -> tuple[Distribution, ...]:
    """Of each signal. `of_model` are the label matchers of the model."""
    return tuple(
        _distribution(prometheus, signal, of_model, stretches) for signal in COUNTERS
    )


def _distribution(
    prometheus: Prometheus, signal: str, of_model: str, stretches: Sequence[Phase]
) -> Distribution:
    metric, label = COUNTERS[signal]
    reference = _reference(prometheus, signal, of_model, stretches)
    counts = [
        _counts(
            prometheus.between(
                stretch.start + SCRAPE_SECONDS,
                stretch.end,
                f"sum by (instance, {label}) ({metric}{{{of_model}}})",
            ),
            label,
        )
        for stretch in stretches
    ]
    if label == "le":
        edges = sorted(reference, key=float)
        return Distribution(
            signal=signal,
            unit="BRL" if "_brl_" in metric else "",
            categories=(),
            edges=tuple(map(float, edges)),
            reference=_buckets(reference, edges) or (),
            observed=tuple(_buckets(counted, edges) for counted in counts),
        )
    names = sorted(reference, key=lambda name: -reference[name])
    return Distribution(
        signal=signal,
        unit="",
        categories=tuple(names),
        edges=(),
        reference=_categories(reference, names) or (),
        observed=tuple(_categories(counted, names) for counted in counts),
    )


def _reference(
    prometheus: Prometheus, signal: str, of_model: str, stretches: Sequence[Phase]
) -> Mapping[str, float]:
    """By category, or, cumulative, by the upper edge of a bucket."""
    key = "le" if COUNTERS[signal][1] == "le" else "category"
    start, end = stretches[0].start, stretches[-1].end
    recorded = f'signal_{key}:credit_reference:ratio{{signal="{signal}",{of_model}}}'
    found = prometheus.at(end, f"last_over_time({recorded}[{end - start:.0f}s])")
    return {labels[key]: share for labels, share in found}


def _counts(
    counters: Sequence[tuple[Labels, Points]], label: str
) -> Mapping[str, float]:
    """What was counted, by `label`, of all instances together."""
    counts: dict[str, float] = {}
    for labels, points in counters:
        counts[labels[label]] = counts.get(labels[label], 0.0) + grown(points)
    return counts


def _categories(
    counts: Mapping[str, float], names: Sequence[str]
) -> tuple[float, ...] | None:
    total = sum(counts.values())
    if not total:
        return None
    return tuple(counts.get(name, 0.0) / total for name in names)


def _buckets(
    counts: Mapping[str, float], edges: Sequence[str]
) -> tuple[float, ...] | None:
    """The shares between the edges. Counts are cumulative."""
    total = counts.get("+Inf")
    if not total:
        return None
    cumulative = [0.0, *(counts.get(edge, 0.0) / total for edge in edges)]
    return tuple(high - low for low, high in pairwise(cumulative))
