"""The signals that are watched, and what a reference population looks like."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .application import CATEGORIES, SIDES, USUAL_RANGE_BRL
from .decision import Decision

# On which side of its usual range an amount is, by the field of the amount.
RANGE_SIGNALS: Mapping[str, str] = {
    field: f"{field}_range" for field in USUAL_RANGE_BRL
}

CATEGORICAL_SIGNALS: Mapping[str, tuple[str, ...]] = {
    "decision": tuple(Decision),
    **CATEGORIES,
    **dict.fromkeys(RANGE_SIGNALS.values(), SIDES),
    # Whether what arrives is an application that can be decided on.
    "validity": ("valid", "invalid"),
}

# Upper edges of the histogram buckets. A test on buckets sees a shift only where an
# edge lies, so they lie densely where incomes do, rather than at 1, 2, 5, 10, ...
NUMERIC_SIGNALS: Mapping[str, tuple[float, ...]] = {
    "score": tuple(step / 20 for step in range(1, 21)),
    "monthly_income": (
        *(1_500.0, 2_000.0, 2_500.0, 3_000.0, 4_000.0, 5_000.0, 6_000.0, 7_000.0),
        *(8_000.0, 9_000.0, 10_000.0, 12_000.0, 15_000.0, 20_000.0, 30_000.0),
        *(50_000.0, 100_000.0),
    ),
    "loan_amount": tuple(float(brl) for brl in range(10_000, 50_001, 2_500)),
}

# Shares are written with six decimals; this is what rounding may add up to.
ROUNDING = 1e-5


class InvalidDistribution(ValueError):
    """Shares or edges that describe no distribution. The message says why."""


@dataclass(frozen=True, slots=True)
class Categorical:
    """The share of each category, in [0, 1], summing to one."""

    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        if not all(_is_ratio(share) for share in self.shares.values()):
            raise InvalidDistribution("every share must be a number from 0 to 1")
        total = math.fsum(self.shares.values())
        if abs(total - 1) > ROUNDING:
            raise InvalidDistribution(
                f"the shares must sum to 1, they sum to {total:g}"
            )

    @classmethod
    def measured(
        cls, values: Sequence[str], categories: Iterable[str]
    ) -> "Categorical":
        """The shares of `categories` among `values`, each of which is one of them."""
        return cls({c: round(values.count(c) / len(values), 6) for c in categories})


@dataclass(frozen=True, slots=True)
class Numeric:
    """A distribution function at the upper edges of histogram buckets.

    `cumulative[i]` is the share of values at or below `edges[i]`. At +Inf it is one,
    and not written down.
    """

    edges: tuple[float, ...]
    cumulative: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.edges or len(self.edges) != len(self.cumulative):
            raise InvalidDistribution(
                "there must be one cumulative share for each edge"
            )
        if not all(_is_finite(e) for e in self.edges) or not _is_rising(self.edges):
            raise InvalidDistribution("the edges must be finite and rising")
        if not all(_is_ratio(share) for share in self.cumulative):
            raise InvalidDistribution("every share must be a number from 0 to 1")
        if any(low > high for low, high in pairwise(self.cumulative)):
            raise InvalidDistribution("the cumulative shares must not fall")

    @classmethod
    def measured(cls, values: Sequence[float], edges: Sequence[float]) -> "Numeric":
        """The distribution of `values` at `edges`."""
        at_or_below = np.searchsorted(np.sort(values), edges, side="right")
        cumulative = (round(float(n) / len(values), 6) for n in at_or_below)
        return cls(tuple(edges), tuple(cumulative))


def _is_finite(value: object) -> bool:
    # JSON knows whole numbers that are larger than any float.
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # type: ignore[arg-type]


def _is_ratio(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


def _is_rising(edges: Sequence[float]) -> bool:
    # As floats, of which two may be one where the numbers written are not.
    return all(low < high for low, high in pairwise(map(float, edges)))
