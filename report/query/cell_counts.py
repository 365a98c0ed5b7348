"""The observations in each cell of a model's signals, phase by phase."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from ..timeline import Phase
from .sources import Labels, Prometheus


class Cell(NamedTuple):
    """A category or a range of a signal; all of the signal, if `kind` is all."""

    signal: str
    role: str
    segment: str
    kind: str
    category: str


def cell(labels: Labels) -> Cell:
    """The cell that the labels of a series name."""
    return Cell(*(labels.get(name, "") for name in Cell._fields))


def decision(name: str) -> Cell:
    """The cell of a decision."""
    return Cell("decision", "decision", "", "category", name)


# The simulator may send to another model. What it received is believed if the counters
# agree, but for requests under way and for clocks.
SLACK_SECONDS = 1.0

ALL_DECISIONS = Cell("decision", "decision", "", "all", "all")


@dataclass(frozen=True, slots=True)
class History:
    """A counter of one replica: how far it had grown at each of its scrapes."""

    scrapes: Sequence[float]
    growth: Sequence[float]

    def at(self, moment: float) -> float:
        """The growth up to `moment`, evenly divided between two scrapes."""
        after = bisect_left(self.scrapes, moment)
        if after == 0 or after == len(self.scrapes):
            return self.growth[max(after - 1, 0)]
        start, end = self.scrapes[after - 1 : after + 1]
        low, high = self.growth[after - 1 : after + 1]
        return low + (high - low) * (moment - start) / (end - start)

    def before(self, moment: float) -> float:
        """The growth up to the last scrape before `moment`."""
        return self.growth[max(bisect_left(self.scrapes, moment) - 1, 0)]

    def after(self, moment: float) -> float:
        """The growth up to the first scrape from `moment` on."""
        last = len(self.scrapes) - 1
        return self.growth[min(bisect_left(self.scrapes, moment), last)]

    def within(self, interval: Phase, *, follows: bool, is_followed: bool) -> float:
        """The growth between the first and the last scrape in `interval`.

        If it does not follow another, or is not followed by one, to the next scrape
        outside of it. If there are no two scrapes, in proportion to the time.
        """
        start = bisect_left(self.scrapes, interval.start)
        end = bisect_left(self.scrapes, interval.end)
        first = start if follows else max(start - 1, 0)
        last = end - 1 if is_followed else min(end, len(self.scrapes) - 1)
        if first < last:
            return self.growth[last] - self.growth[first]
        return self.at(interval.end) - self.at(interval.start)


def history(scrapes: Sequence[float], values: Sequence[float]) -> History:
    """The history of a counter. A value that falls was counted from 0 again."""
    moments, growth = [scrapes[0]], [0.0]
    samples = zip(scrapes, values, strict=True)
    for (_, value), (moment, following) in pairwise(samples):
        if moment > moments[-1]:
            moments.append(moment)
            growth.append(
                growth[-1] + (following - value if following >= value else following)
            )
    return History(moments, growth)


@dataclass(frozen=True, slots=True)
class CellCounts:
    """The counters of each cell, one of each replica.

    `decided` has the decisions that the simulator received in each phase, by the start
    of the phase.
    """

    histories: Mapping[Cell, Sequence[History]]
    decided: Mapping[float, Mapping[str, float]] = field(default_factory=dict)

    def at(self, cell: Cell, moment: float) -> float:
        """The observations from the start of the time range to `moment`."""
        return sum(history.at(moment) for history in self.histories.get(cell, ()))

    def total(self, cell: Cell) -> float:
        """The observations in the time range."""
        return sum(history.growth[-1] for history in self.histories.get(cell, ()))

    def observed(self, cell: Cell, intervals: Sequence[Phase]) -> list[float]:
        """Observations of each of `intervals`, and of no other.

        What was counted between two scrapes may be of two intervals. It is left out:
        divided between them, it would make their shares more alike than they were.
        """
        histories = self.histories.get(cell, ())
        starts, ends = {i.start for i in intervals}, {i.end for i in intervals}
        return [
            sum(
                h.within(i, follows=i.start in ends, is_followed=i.end in starts)
                for h in histories
            )
            for i in intervals
        ]

    def decisions(self, name: str, intervals: Sequence[Phase]) -> list[float]:
        """How often a decision was made in each of `intervals`.

        All are counted. What was counted between two scrapes is divided as the
        simulator says, or in proportion to the time.
        """
        histories = self.histories.get(decision(name), ())
        starts, ends = {i.start for i in intervals}, {i.end for i in intervals}
        boundary, counts = 0.0, []
        for interval in intervals:
            start, end = interval.start, interval.end
            if start not in ends:
                boundary = sum(h.before(start) for h in histories)
            before = boundary
            if end not in starts:
                boundary = sum(h.after(end) for h in histories)
            elif start in self.decided:
                low = sum(h.before(end - SLACK_SECONDS) for h in histories)
                high = sum(h.after(end + SLACK_SECONDS) for h in histories)
                received = before + self.decided[start].get(name, 0.0)
                boundary = min(max(received, low), high)
            else:
                boundary = sum(h.at(end) for h in histories)
            counts.append(boundary - before)
        return counts


def read(
    prometheus: Prometheus,
    of_model: str,
    phases: Sequence[Phase],
    since: float,
    until: float,
) -> CellCounts:
    """The counts of the model that the matchers `of_model` select.

    A replica is scraped as a whole, so the scrapes of one counter are those of all.
    """
    decisions = 'role="decision",kind="all"'
    timestamps = prometheus.between(
        since, until, f"timestamp(model_cells_total{{{of_model},{decisions}}})"
    )
    scrapes = {_replica(labels): dict(points) for labels, points in timestamps}
    counters = prometheus.between(
        since,
        until,
        f'model_cells_total{{{of_model},kind=~"category|bucket|all"}}',
    )
    histories: dict[Cell, list[History]] = defaultdict(list)
    for labels, points in counters:
        moments = scrapes.get(_replica(labels), {})
        samples = [(moments.get(moment, moment), value) for moment, value in points]
        histories[cell(labels)].append(history(*zip(*samples, strict=True)))
    return CellCounts(histories, _decided(prometheus, phases, since, until))


def _replica(labels: Labels) -> frozenset[tuple[str, str]]:
    """The labels of the target, which its counters have in common."""
    own = {"__name__", *Cell._fields}
    return frozenset(pair for pair in labels.items() if pair[0] not in own)


def _decided(
    prometheus: Prometheus, phases: Sequence[Phase], since: float, until: float
) -> Mapping[float, Mapping[str, float]]:
    """The decisions that the simulator received, of each phase but the last of a run.

    Those are complete by the end of the phase that follows.
    """
    received = prometheus.between(
        since, until, "sum by (phase, decision) (loan_simulator_decisions_total)"
    )
    decided: dict[float, dict[str, float]] = defaultdict(dict)
    for phase, following in pairwise(phases):
        if phase.end != following.start:
            continue
        for labels, points in received:
            seen = [value for moment, value in points if moment <= following.end]
            if seen and labels["phase"] == phase.name:
                decided[phase.start][labels["decision"]] = seen[-1]
    return dict(decided)
