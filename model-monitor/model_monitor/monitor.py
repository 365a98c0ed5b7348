"""Counts what a model is asked and what it decides.

monitor = Monitor.from_card("model.json")
with monitor.observe(fields) as seen:
    seen.score = float(model.predict_proba([seen.row])[0, 1])
return seen.decision
"""

import math
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeGuard, runtime_checkable

from prometheus_client import REGISTRY, CollectorRegistry

from .card import Card
from .card.refusals import BODY, Fault, Refused
from .counts import Counts, ProcessCounts, SharedCounts, is_shared
from .exposition import expose
from .families import families
from .reading import Reader, Reading

# How far the sum of probabilities may be from 1: rounding.
SUM_ERROR = 1e-3


class Seen:
    """An application that is being decided on.

    `row` is what the model of the card takes. Set `score`, and the decision follows by
    the cut-offs; or `probabilities`, one for each decision, where the most probable one
    is taken; or `decision`, beside the score, where neither is so. When the block ends
    without an error, the application is counted; when it raises, it is not.
    """

    __slots__ = ("_monitor", "_reading", "decision", "row", "score")

    def __init__(self, monitor: "Monitor", reading: Reading) -> None:
        self._monitor = monitor
        self._reading = reading
        self.row = reading[0]
        self.score: float | None = None
        self.decision: str | None = None

    @property
    def probabilities(self) -> Sequence[float]:
        """The probability of each decision; it can only be set."""
        raise AttributeError("probabilities can only be set")

    @probabilities.setter
    def probabilities(self, probabilities: Sequence[float]) -> None:
        decisions = self._monitor.card.decisions
        if decisions.cutoffs:
            raise ValueError("the card decides by cut-offs: set the score instead")
        found = [float(probability) for probability in probabilities]
        if len(found) != len(decisions.names) or not abs(sum(found) - 1) < SUM_ERROR:
            raise ValueError(
                f"there must be a probability for {', '.join(decisions.names)} each, "
                f"and they must sum to 1; they are {found}"
            )
        self.score, place = decisions.most_probable(found)
        self.decision = decisions.names[place]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.decision = self._monitor.decided(
                self._reading, self.score, self.decision
            )


class Monitor:
    """The metrics of one model.

    Any number of monitors can share a registry, each for another model or version. In
    prometheus-client's multiprocess mode the metrics are in its files, and `registry`
    is not used.
    """

    def __init__(
        self,
        card: Card,
        registry: CollectorRegistry = REGISTRY,
        counts: Counts | None = None,
    ) -> None:
        """With `counts`, these are used, and nothing is added to `registry`.

        Raises `ValueError` if `registry` already has metrics of this model.
        """
        self.card = card
        self.reader = Reader(card)
        self._score = card.signal("score").base
        self._edges = card.score_edges
        self._decision = card.signal("decision").base
        self._valid = card.signal("validity").base
        self._refused = {
            reason: self._valid + 1 + place
            for place, reason in enumerate(card.refusals)
        }
        self._decisions = {name: n for n, name in enumerate(card.decisions.names)}
        self._width = len(self._decisions)
        self._segments = tuple(self._segment(name) for name in card.segments)
        self._counts = counts or _exposed(card, registry)

    def _segment(self, field: str) -> tuple[int, int]:
        """Where to find the count of a decision by `field`.

        The first is the position, among the counts of a reading, of the field's own
        count. It determines the category, and so which row of decisions is meant; the
        other is where the row of a count of 0 would begin.
        """
        [first, *_] = [s for s in self.card.signals if s.name == f"decision_by_{field}"]
        position = self.reader.categorical.index(field)
        return position, first.base - self.card.signal(field).base * self._width

    @classmethod
    def from_card(
        cls, path: str | Path, registry: CollectorRegistry = REGISTRY
    ) -> "Monitor":
        """The monitor of the model whose card is the file `path`.

        Raises `CardError`, or `OSError` if the file cannot be read.
        """
        return cls(Card.from_file(path), registry)

    def observe(self, fields: Mapping[str, object]) -> Seen:
        """Reads an application; used as a context manager, it counts the decision.

        Raises `Refused`, which names each fault, and counts the refusal.
        """
        return Seen(self, self.read(fields))

    def count(
        self,
        fields: Mapping[str, object],
        *,
        score: float,
        decision: str | None = None,
    ) -> str:
        """Counts an application that was scored elsewhere. Returns its decision.

        Without `decision` it follows from the score. Raises `Refused`, and `ValueError`
        for a score that is no finite number or a decision that the card does not have.
        """
        return self.decided(self.read(fields), score, decision)

    def read(self, fields: Mapping[str, object], exact: bool = True) -> Reading:
        """The row for the model, and the counts that the application raises.

        Without `exact`, a fraction is accepted for an integer. Raises `Refused`, and
        counts the refusal.
        """
        found = self.reader.read(fields, exact)
        if found is None:
            if not isinstance(fields, Mapping):
                raise self.refuse(Fault(BODY, "not_an_object", "must be an object"))
            plain = {name: _plain(value) for name, value in fields.items()}
            found = self.reader.read(plain, exact)
            if found is None:
                raise self.refuse(*self.reader.faults(plain, exact))
        return found

    def refuse(self, *faults: Fault) -> Refused:
        """Counts an application that cannot be scored, by its first fault.

        Returns the error, to be raised.
        """
        self._counts.add((self._refused[faults[0].field, faults[0].reason],))
        return Refused(*faults)

    def decided(
        self, reading: Reading, score: float | None, decision: str | None = None
    ) -> str:
        """Counts the decision on an application that was read. Returns the decision.

        Without `decision` it follows from the score. Raises `ValueError` for a score
        that is no finite number, and for a decision that the card does not have.
        """
        decisions = self.card.decisions
        if not _is_finite(score):
            raise ValueError(f"the score must be a finite number, it is {score!r}")
        if decision is not None:
            place = self._decisions.get(decision, -1)
        elif decisions.cutoffs:
            place = decisions.decide(score)
        else:
            raise ValueError(
                "the card does not decide by the score: give the decision, one of "
                f"{', '.join(decisions.names)}"
            )
        if place < 0:
            raise ValueError(
                f"the decision must be one of {', '.join(decisions.names)}, it is "
                f"{decision!r}"
            )
        self.add(reading, score, place)
        return decisions.names[place]

    def add(self, reading: Reading, score: float, decision: int) -> None:
        """Counts an application, given a finite score and which decision was taken."""
        counts = reading[1]
        for position, base in self._segments:
            counts.append(base + counts[position] * self._width + decision)
        counts.append(self._valid)
        counts.append(self._decision + decision)
        counts.append(self._score + bisect_left(self._edges, score))
        self._counts.add(counts)


def _exposed(card: Card, registry: CollectorRegistry) -> Counts:
    described = tuple(families(card, time.time()))
    if is_shared():
        return SharedCounts(card.size, described)
    counts = ProcessCounts(card.size)
    expose(registry, (card.name, card.version), described, counts)
    return counts


def _plain(value: object) -> object:
    """A number or a text of numpy as Python's own; anything else as it is."""
    if isinstance(value, _Scalar) and not getattr(value, "ndim", 0):
        return value.item()
    return value


def _is_finite(score: object) -> TypeGuard[float]:
    try:
        return math.isfinite(score)  # type: ignore[arg-type]
    except (TypeError, OverflowError):
        return False


@runtime_checkable
class _Scalar(Protocol):
    """What numpy's scalars have."""

    def item(self) -> object:
        """The same as an object of Python."""
