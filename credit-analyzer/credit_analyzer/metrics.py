"""Every metric of the analyzer's own, built on a given registry.

Counters exist, at zero, before the first application: a counter that is born at 50
has an increase of 0 for ever. All label values come from closed sets.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.utils import floatToGoString

from .application import (
    EDUCATION_LEVELS,
    FAULTS,
    PROFESSION_TYPES,
    USUAL_RANGE_BRL,
    Fault,
    LoanApplication,
)
from .card import Card
from .decision import Decision
from .shares import Shares
from .signals import Numeric

IDENTITY = ("model", "model_version")


class CreditMetrics:
    """What the analyzer tells about its decisions, and the reference for them.

    Raises `ValueError` if `registry` already holds these metrics.
    """

    def __init__(self, card: Card, registry: CollectorRegistry) -> None:
        self._card = card
        self._registry = registry
        self._decisions = self._counter(
            "credit_decisions_total",
            "Loan applications decided.",
            ("decision", "education_level", "profession_type"),
            product(Decision, EDUCATION_LEVELS, PROFESSION_TYPES),
        )
        self._invalid = self._counter(
            "credit_invalid_applications_total",
            "Applications refused, each counted once, under its first fault.",
            ("field", "reason"),
            FAULTS,
        )
        self._unusual = self._counter(
            "credit_unusual_applications_total",
            "Applications decided although an amount is outside its usual range.",
            ("field", "side"),
            product(USUAL_RANGE_BRL, ("below", "above")),
        )
        self._score = self._histogram(
            "credit_score",
            "Unrounded score, the probability that a loan is repaid.",
            card.numeric["score"],
        )
        self._income = self._histogram(
            "credit_monthly_income_brl",
            "Monthly income of applicants in BRL.",
            card.numeric["monthly_income"],
        )
        self._loan = self._histogram(
            "credit_loan_amount_brl",
            "Amount applied for in BRL.",
            card.numeric["loan_amount"],
        )
        self._export_reference()

    def decided(
        self, application: LoanApplication, score: float, decision: Decision
    ) -> None:
        """Counts an application, its score and the decision on it."""
        labels = (decision, application.education_level, application.profession_type)
        self._decisions[labels].inc()
        self._score.observe(score)
        self._income.observe(application.monthly_income)
        self._loan.observe(application.loan_amount)
        for field_and_side in application.unusual():
            self._unusual[field_and_side].inc()

    def refused(self, fault: Fault) -> None:
        """Counts an application that could not be scored, by its first fault."""
        self._invalid[fault.field, fault.reason].inc()

    def _export_reference(self) -> None:
        card = self._card
        ratio = self._gauge(
            "credit_reference_ratio",
            "Share of a category in the reference population; for decisions, expected.",
            ("signal", "category"),
        )
        for signal, categorical in card.categorical.items():
            for category, share in categorical.shares.items():
                ratio.labels(*self._identity, signal, category).set(share)
        cumulative_ratio = self._gauge(
            "credit_reference_cumulative_ratio",
            "Share of the reference population at or below a bucket's upper edge.",
            ("signal", "above", "le"),
        )
        for signal, numeric in card.numeric.items():
            for above, le, share in _cumulative(numeric):
                cumulative_ratio.labels(*self._identity, signal, above, le).set(share)
        self._gauge(
            "credit_model_info",
            "The model that decides; always 1.",
            ("sha256", "scikit_learn_version"),
        ).labels(*self._identity, card.sha256, card.scikit_learn).set(1)
        self._gauge(
            "credit_model_created_timestamp_seconds",
            "When the model was made, in seconds since 1970.",
        ).labels(*self._identity).set(card.created.timestamp())

    @property
    def _identity(self) -> tuple[str, str]:
        return self._card.name, self._card.version

    def _counter(
        self,
        name: str,
        documentation: str,
        labels: tuple[str, ...],
        values: Iterator[tuple[str, ...]] | tuple[tuple[str, ...], ...],
    ) -> Mapping[tuple[str, ...], Counter]:
        family = Counter(
            name, documentation, (*IDENTITY, *labels), registry=self._registry
        )
        return {v: family.labels(*self._identity, *v) for v in values}

    def _histogram(self, name: str, documentation: str, shape: Numeric) -> Shares:
        family = Shares(
            name, documentation, IDENTITY, buckets=shape.edges, registry=self._registry
        )
        return family.labels(*self._identity)

    def _gauge(
        self, name: str, documentation: str, labels: tuple[str, ...] = ()
    ) -> Gauge:
        return Gauge(name, documentation, (*IDENTITY, *labels), registry=self._registry)


def _cumulative(numeric: Numeric) -> Iterator[tuple[str, str, float]]:
    """(above, le, share) triples: the edges of a bucket, and the share at or below it.

    Edges are spelled as in the exposition of a histogram. No signal is negative, so the
    first bucket begins at 0. PromQL cannot tell which bucket is below another: `above`
    says so, and the share of one bucket can be had from cumulative ones.
    """
    edges = [*map(floatToGoString, numeric.edges), "+Inf"]
    shares = [*numeric.cumulative, 1.0]
    yield from zip(["0.0", *edges[:-1]], edges, shares, strict=True)
