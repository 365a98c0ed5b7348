"""What a report is made from: figures and instants, as they were read.

Times are seconds since 1970, shares are in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stack.timeline import Phase, Row, seconds

# (time, value), in the order of time.
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The model that decided; `others` did as well, and are not reported on."""

    job: str
    name: str
    version: str
    sha256: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mix:
    """How it was decided: the share of each decision over `window`, and the expected.

    Both are by decision.
    """

    window: str
    shares: Mapping[str, Points]
    expected: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a signal is from its reference at a moment, and how sure that is.

    Distance and evidence, in nats, are of the window with the most evidence. A drift is
    significant from when both pass their thresholds, in any window, until it is over.
    """

    time: float
    distance: float
    nats: float
    window: str
    is_significant: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What distance (at least) and evidence (more than) have to pass for an alert."""

    distance: float
    nats: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """The shares of a signal's categories, or of its buckets, which are numeric.

    `edges` are the upper edges of the buckets, in `unit`; the last is infinite. Of
    `observed`, there is one for each stretch of the record, or None where nothing was
    decided.
    """

    signal: str
    unit: str
    categories: tuple[str, ...]
    edges: tuple[float, ...]
    reference: tuple[float, ...]
    observed: tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, with its instants as the receiver spells them.

    The seconds of `row` count from the record's origin.
    """

    row: Row
    summary: str
    fired_at: str
    delivered_at: str | None
    resolved_at: str | None

    @property
    def fired(self) -> float:
        """When it fired, in seconds since 1970."""
        return seconds(self.fired_at)

    @property
    def delivered(self) -> float | None:
        """When the receiver was told that it fires."""
        return seconds(self.delivered_at) if self.delivered_at else None

    @property
    def resolved(self) -> float | None:
        """When it was over, or None while it is not."""
        return seconds(self.resolved_at) if self.resolved_at else None


@dataclass(frozen=True, slots=True)
class Record:
    """One model in a span of time. Without a simulator there are no phases."""

    model: Model
    since: float
    until: float
    phases: tuple[Phase, ...]
    applications: float
    applications_by_stretch: tuple[float, ...]
    mix: Mix
    drift: Mapping[str, tuple[Drift, ...]]
    thresholds: Thresholds
    distributions: tuple[Distribution, ...]
    alerts: tuple[Alert, ...]
    prometheus_version: str

    @property
    def origin(self) -> float:
        """What seconds are counted from: the first phase, or the span's beginning."""
        return self.phases[0].start if self.phases else self.since

    @property
    def stretches(self) -> tuple[Phase, ...]:
        """The phases, or all of the span as one."""
        return self.phases or (Phase("", self.since, self.until),)
