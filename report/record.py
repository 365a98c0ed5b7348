"""The data of a report: numbers and times, as Prometheus and the receiver have them.

Times are in seconds since 1970, shares in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .timeline import Phase, Row, seconds

# (time, value), in the order of time.
Points = tuple[tuple[float, float], ...]
# (start, end).
Period = tuple[float, float]

# A signal reaches this part of its model's false-alarm budget, and its alert fires.
ALARM = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model version at one site.

    `site` has the labels that locate it, such as job and cluster. `hashes` are the
    sha256 of its file: one, unless its replicas run different models.
    """

    name: str
    version: str
    site: Mapping[str, str] = field(default_factory=dict)
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mix:
    """The share of each decision over time, among the last `window` applications.

    Both are by decision; `expected` has the largest first.
    """

    window: int
    shares: Mapping[str, Points]
    expected: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of a model: where it moved to, and the evidence that it drifts.

    `cells` are its categories, or ranges in rising order if it is numeric, in `unit`.
    `reference` has the share of each. `observed` has the same for each interval of the
    record, or None where nothing was observed. `spent` is the part of the false-alarm
    budget that is spent; `drifting` and `critical` are when the drift was significant,
    and critical.
    """

    name: str
    role: str
    segment: str
    unit: str
    is_numeric: bool
    cells: tuple[str, ...]
    reference: tuple[float, ...]
    observed: tuple[tuple[float, ...] | None, ...]
    spent: Points = ()
    drifting: tuple[Period, ...] = ()
    critical: tuple[Period, ...] = ()

    @property
    def peak(self) -> float:
        """The largest part of the budget that was spent at once."""
        return max((value for _, value in self.spent), default=0.0)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, with its times as the receiver spells them.

    The seconds of `row` count from the record's origin. `last_words` is the newest
    description, if that is not the one it fired with.
    """

    row: Row
    summary: str
    last_words: str
    fired_at: str
    delivered_at: str | None
    resolved_at: str | None

    @property
    def fired(self) -> float:
        """When it fired, in seconds since 1970."""
        return seconds(self.fired_at)

    @property
    def delivered(self) -> float | None:
        """When the receiver got its notification."""
        return seconds(self.delivered_at) if self.delivered_at else None

    @property
    def resolved(self) -> float | None:
        """When it resolved, or None while it fires."""
        return seconds(self.resolved_at) if self.resolved_at else None


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model in the time range of the record."""

    model: Model
    applications: float
    applications_by_interval: tuple[float, ...]
    mix: Mix
    signals: tuple[Signal, ...]
    alerts: tuple[Alert, ...]
    false_alarm_days: float | None

    @property
    def moved(self) -> list[Signal]:
        """Signals with an alert or a significant drift, the first that moved first.

        Segments follow the decisions, so they count only if they have an alert.
        """
        moments = {}
        for signal in self.signals:
            moved = [alert.fired for alert in self.alerts_of(signal)]
            if signal.role != "segment":
                moved += [start for start, _ in signal.drifting]
            if moved:
                moments[signal] = min(moved)
        return sorted(moments, key=moments.__getitem__)

    @property
    def quiet(self) -> list[Signal]:
        """The other signals, the closest to an alert first."""
        moved = self.moved
        quiet = (signal for signal in self.signals if signal not in moved)
        return sorted(quiet, key=lambda signal: -round(signal.peak, 4))

    def alerts_of(self, signal: Signal) -> list[Alert]:
        """The alerts on a signal."""
        key = signal.name, signal.segment
        return [a for a in self.alerts if (a.row.signal, a.row.segment) == key]


@dataclass(frozen=True, slots=True)
class Record:
    """The models of a Prometheus in a time range.

    Without a simulator there are no phases. `omitted` models are not shown, for a
    reason such as "decided nothing". `alerts` are those of no model in `models`.
    """

    since: float
    until: float
    phases: tuple[Phase, ...]
    models: tuple[ModelRecord, ...]
    omitted: tuple[tuple[Model, str], ...]
    alerts: tuple[Alert, ...]
    prometheus_version: str

    @property
    def origin(self) -> float:
        """Where seconds count from: the first phase, or the start of the time range."""
        return self.phases[0].start if self.phases else self.since

    @property
    def intervals(self) -> tuple[Phase, ...]:
        """The phases, or the halves of the time range."""
        return intervals(self.phases, self.since, self.until)


def intervals(
    phases: tuple[Phase, ...], since: float, until: float
) -> tuple[Phase, ...]:
    """The phases or, without any, the halves of the time range."""
    middle = (since + until) / 2
    halves = Phase("first half", since, middle), Phase("second half", middle, until)
    return phases or halves
